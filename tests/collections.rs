//! The engine's own maps and sorting against the standard library's, its JSON against serde_json's, and shared text.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use meshscope::collections::{sort, sort_by_cached_key, sort_by_key, SortedMap, SortedSet};
use meshscope::json;
use meshscope::text::Texts;
use proptest::prelude::*;
use serde::Serialize;

proptest! {
    #[test]
    fn sorting_is_stable(list in prop::collection::vec((0u8..6, any::<u16>()), 0..200)) {
        let mut theirs = list.clone();
        theirs.sort_by_key(|(key, _)| *key);
        let mut ours = list.clone();
        sort_by_key(&mut ours, |(key, _)| *key);
        prop_assert_eq!(&ours, &theirs);
        let mut cached = list.clone();
        sort_by_cached_key(&mut cached, |(key, _)| *key);
        prop_assert_eq!(&cached, &theirs);
        theirs.sort();
        sort(&mut ours);
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_map_is_a_btree_map(steps in prop::collection::vec((0u8..5, 0u8..20, any::<u16>()), 0..100)) {
        let mut theirs: BTreeMap<u8, u16> = BTreeMap::new();
        let mut ours: SortedMap<u8, u16> = SortedMap::new();
        for (step, key, value) in &steps {
            match step {
                0 => prop_assert_eq!(ours.insert(*key, *value), theirs.insert(*key, *value)),
                1 => prop_assert_eq!(ours.remove(key), theirs.remove(key)),
                2 => *ours.entry(*key).or_insert(7) += 1,
                3 => {
                    ours.extend([(*key, *value)]);
                    theirs.extend([(*key, *value)]);
                }
                _ => prop_assert_eq!(ours.get(key), theirs.get(key)),
            }
            if *step == 2 {
                *theirs.entry(*key).or_insert(7) += 1;
            }
            prop_assert_eq!(ours.contains_key(key), theirs.contains_key(key));
        }
        prop_assert!(ours.iter().eq(theirs.iter()));
        prop_assert_eq!(ours.first_key_value(), theirs.first_key_value());
        prop_assert_eq!(ours.last_key_value(), theirs.last_key_value());
        let pairs = steps.iter().map(|(_, key, value)| (*key, *value));
        let collected: (SortedMap<u8, u16>, BTreeMap<u8, u16>) = (pairs.clone().collect(), pairs.collect());
        prop_assert!(collected.0.iter().eq(collected.1.iter()));
        prop_assert_eq!(json::text(&ours), serde_json::to_string(&theirs).unwrap());
    }

    #[test]
    fn a_set_is_a_btree_set(items in prop::collection::vec((any::<bool>(), 0u8..20), 0..100)) {
        let mut theirs = BTreeSet::new();
        let mut ours = SortedSet::new();
        for (put, item) in &items {
            match put {
                true => prop_assert_eq!(ours.insert(*item), theirs.insert(*item)),
                false => prop_assert_eq!(ours.remove(item), theirs.remove(item)),
            }
            prop_assert_eq!(ours.contains(item), theirs.contains(item));
        }
        prop_assert!(ours.iter().eq(theirs.iter()));
        let collected: SortedSet<u8> = items.iter().map(|(_, item)| *item).collect();
        prop_assert!(collected.iter().eq(items.iter().map(|(_, item)| item).collect::<BTreeSet<_>>()));
    }

    #[test]
    fn text_is_quoted_as_serde_json_does(text in any::<String>(), control in "[\\x00-\\x1f\"\\\\a]{0,8}") {
        prop_assert_eq!(json::text(&text), serde_json::to_string(&text).unwrap());
        prop_assert_eq!(json::text(&control), serde_json::to_string(&control).unwrap());
    }

    #[test]
    fn parts_make_the_whole(rows in prop::collection::vec(("[a-zé\"]{0,40}", any::<Option<u16>>()), 0..40), times in 1usize..90) {
        let rows: Vec<_> = rows.iter().cycle().take(rows.len() * times).map(|(k, v)| BTreeMap::from([(k, v)])).collect();
        let taken = Rc::new(RefCell::new(Vec::new()));
        let out = Rc::clone(&taken);
        let mut parts = json::Parts::new(Box::new(move |part| out.borrow_mut().push(part.to_owned())));
        parts.open();
        for row in &rows {
            parts.write(row);
        }
        parts.close();
        parts.end();
        let taken = taken.borrow();
        // no row is longer than this
        prop_assert!(taken.iter().all(|part| part.len() < json::PART + 200));
        prop_assert_eq!(taken.concat(), serde_json::to_string(&rows).unwrap());
    }

    #[test]
    fn shared_text_says_the_same(texts in prop::collection::vec("[a-c]{0,3}|[a-z]{60,70}", 0..60)) {
        let mut shared = Texts::default();
        for text in &texts {
            let (one, two) = (shared.share(text), shared.share(text));
            prop_assert_eq!(&one, text);
            prop_assert_eq!(text.len() <= 64, one.as_ptr() == two.as_ptr());
        }
    }

    #[test]
    fn numbers_come_back(number in any::<f64>(), whole in any::<i64>()) {
        match number.is_finite() {
            true => prop_assert_eq!(json::text(&number).parse(), Ok(number)),
            false => prop_assert_eq!(json::text(&number), "null"),
        }
        prop_assert_eq!(json::text(&whole), whole.to_string());
    }
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Wrapped(u8);

#[derive(Serialize)]
struct Pair(u8, Option<&'static str>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Shape {
    Plain,
    One(u8),
    Two(u8, bool),
    Named { a_b: char },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct All {
    unit: Unit,
    wrapped: Wrapped,
    pair: Pair,
    shapes: Vec<Shape>,
    none: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    nothing: (),
    tuple: (f32, i8, u64),
    keyed: BTreeMap<u16, Vec<u8>>,
    empty: Vec<u8>,
    last_one: serde_json::Value,
}

#[test]
fn every_shape_is_written_as_serde_json_does() {
    let all = All {
        unit: Unit,
        wrapped: Wrapped(1),
        pair: Pair(2, None),
        shapes: vec![Shape::Plain, Shape::One(3), Shape::Two(4, true), Shape::Named { a_b: '\u{2028}' }],
        none: None,
        skipped: None,
        nothing: (),
        tuple: (1.5, -6, u64::MAX),
        keyed: BTreeMap::from([(7, vec![8, 9]), (10, vec![])]),
        empty: vec![],
        last_one: serde_json::json!({"b": [null, {}, {"a": -1.25}], "a": "ü"}),
    };
    assert_eq!(json::text(&all), serde_json::to_string(&all).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn json_is_valid_where_serde_json_reads_it(text in "[\\[\\]{}:, \"a\\\\u0-9.eE+tn-]{0,12}|[{]\"a\": \"[^\\\\]{0,6}\"[}]|-?[0-9.eE+-]{1,8}") {
        prop_assert_eq!(json::is_valid(&text), serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
    }
}

#[test]
fn json_nests() {
    for text in
        ["[]", "{}", " [ 1 , {\"a\" : [ ] } ] ", "[[],[{}]]", "{\"a\":{\"b\":null},\"c\":true}", "\"\\u00e9\\n\""]
    {
        assert!(json::is_valid(text), "{text}");
    }
    for text in [
        "", "[", "]", "[}", "{]", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "1 2", "\"\n\"", "01", "1.", "tru",
        "[,]",
    ] {
        assert!(!json::is_valid(text), "{text}");
    }
    assert!(json::is_valid(&("[".repeat(10_000) + &"]".repeat(10_000))));
    assert!(!json::is_valid(&("[".repeat(20_000) + &"]".repeat(20_000))));
}

#[test]
fn the_latest_of_equal_items_stands_in_the_place_of_the_first() {
    let mut list = vec![(2, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (1, 'e'), (2, 'f')];
    meshscope::collections::keep_latest(&mut list, |a, b| a.0.cmp(&b.0), |first, last| (first.0 * 10, last.1));
    assert_eq!(list, [(20, 'f'), (10, 'e'), (3, 'd')]);
    let mut ascending = vec![1, 1, 2];
    meshscope::collections::keep_latest(&mut ascending, i32::cmp, |first, last| first + last);
    assert_eq!(ascending, [2, 2]);
    let mut distinct = vec!['b', 'a'];
    meshscope::collections::keep_latest(&mut distinct, char::cmp, |first, _| first);
    assert_eq!(distinct, ['b', 'a']);
}
