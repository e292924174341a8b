//! Reading YAML as Kuma's tools do: from plain documents to what goes wrong with them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failure here is a failed test"
)]

use std::fs;
use std::path::Path;

use meshscope::diagnostic::{Code, Diagnostic, Severity, SourceId};
use meshscope::yaml::{
    document_spans, read, read_document, Document, Limits, LineIndex, Node, Position, Reading, Span, Value,
};
use proptest::prelude::*;

fn reading(text: &str) -> Reading {
    read(SourceId(0), text, &Limits::default())
}

/// The JSON of every document of a text without errors.
fn json(text: &str) -> Vec<String> {
    let reading = reading(text);
    let errors: Vec<_> = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{text:?}: {errors:?}");
    reading.documents.iter().map(|d| d.root.as_ref().unwrap().to_json().to_string()).collect()
}

/// The JSON of the only document.
fn one(text: &str) -> String {
    let mut documents = json(text);
    assert_eq!(documents.len(), 1, "{text:?}");
    documents.remove(0)
}

/// Every diagnostic as `line:column code message`.
fn problems(text: &str) -> Vec<String> {
    let lines = LineIndex::new(text);
    let show = |d: &Diagnostic| {
        let at = lines.position(d.at.unwrap().span.start);
        format!("{}:{} {} {}", at.line, at.column, d.code.text(), d.message)
    };
    reading(text).diagnostics.iter().map(show).collect()
}

/// The only problem.
fn problem(text: &str) -> String {
    let mut problems = problems(text);
    assert_eq!(problems.len(), 1, "{text:?}: {problems:?}");
    problems.remove(0)
}

/// What Kuma says of the first document that it refuses.
fn kuma(text: &str) -> String {
    let diagnostics = reading(text).diagnostics;
    diagnostics.iter().find_map(|d| d.kuma.as_ref()).map(|v| v.reason.clone()).unwrap_or_default()
}

fn root(text: &str) -> Node {
    *reading(text).documents.remove(0).root.unwrap()
}

/// The text at the span of the value at a path.
fn source<'t>(text: &'t str, path: &[&str]) -> &'t str {
    let root = root(text);
    let node = path.iter().fold(&root, |node, key| match key.parse::<usize>() {
        Ok(i) => &node.as_seq().unwrap()[i],
        Err(_) => node.as_map().unwrap().get(key).unwrap(),
    });
    &text[node.span.start as usize..node.span.end as usize]
}

mod documents {
    use super::*;

    #[test]
    fn are_told_apart_by_marker_lines() {
        assert_eq!(json("a: 1\n---\nb: 2\n--- # comment\nc: 3\n"), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
    }

    #[test]
    fn may_start_on_the_line_of_the_marker() {
        assert_eq!(json("--- {a: 1}\n--- b\n"), [r#"{"a":1}"#, r#""b""#]);
    }

    #[test]
    fn of_nothing_but_space_and_comments_do_not_count() {
        let documents = reading("---\n---\n# a\n  # b\n---\n\na: 1\n---\n...\n---\nb: 2\n---\n").documents;
        assert_eq!(documents.iter().map(|d| d.index).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(documents[1].root.as_ref().unwrap().to_json().to_string(), r#"{"b":2}"#);
    }

    #[test]
    fn of_an_explicit_null_count() {
        assert_eq!(json("~\n---\nnull\n"), ["null", "null"]);
    }

    #[test]
    fn are_not_split_where_a_line_merely_starts_with_dashes() {
        assert_eq!(one("---a: 1\n----: 2\n"), r#"{"----":2,"---a":1}"#);
    }

    #[test]
    fn are_not_split_within_an_indented_block_text() {
        assert_eq!(one("a: |\n  ---\n  b\nc: 1\n"), r#"{"a":"---\nb\n","c":1}"#);
    }

    #[test]
    fn are_split_even_within_quotes_because_yaml_forbids_markers_there() {
        let text = "a: \"x\n---\nb: 1\n";
        assert_eq!(problem(text), "1:4 MS0101 unclosed quote `\"` opened at 1:4");
        assert_eq!(reading(text).documents[1].root.as_ref().unwrap().to_json().to_string(), r#"{"b":1}"#);
    }

    #[test]
    fn do_not_share_anchors() {
        assert_eq!(problem("a: &x 1\n---\nb: *x\n"), "3:4 MS0101 unknown alias `*x`");
    }

    #[test]
    fn are_read_with_windows_line_ends() {
        assert_eq!(
            json("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 2\r\n---\r\nd: 3\r\n"),
            [r#"{"a":1,"b":"x\ny\n","c":2}"#, r#"{"d":3}"#]
        );
    }

    #[test]
    fn are_read_with_a_byte_order_mark() {
        assert_eq!(json("\u{feff}a: 1\n---\nb: 2\n"), [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert_eq!(source("\u{feff}a: 1\n", &["a"]), "1");
    }

    #[test]
    fn may_have_a_byte_order_mark_each_as_joined_files_do() {
        assert_eq!(json("a: 1\n---\n\u{feff}b: 2\n"), [r#"{"a":1}"#, r#"{"b":2}"#]);
    }

    #[test]
    fn end_before_the_space_at_their_end_as_kumas_tools_cut_them() {
        assert_eq!(one("a: |\n  x\n\n\n"), r#"{"a":"x"}"#);
    }

    #[test]
    fn with_a_directive_are_read_with_a_warning() {
        let text = "%YAML 1.1\n---\na: 1\n";
        assert_eq!(one(text), r#"{"a":1}"#);
        assert_eq!(problem(text), "1:1 MS0111 Kuma's tools cannot read a line that starts with `%`");
    }

    #[test]
    fn with_text_after_their_end_are_read_with_a_warning() {
        let text = "a: 1\n...\nb: 2\n";
        assert_eq!(one(text), r#"{"a":1}"#);
        assert_eq!(problem(text), "3:1 MS0110 Kuma does not read what follows the end of a document");
        assert_eq!(problem("{a: 1} b\n"), "1:8 MS0110 Kuma does not read what follows the end of a document");
    }

    #[test]
    fn with_an_end_marker_and_no_more_are_fine() {
        assert_eq!(problems("a: 1\n...\n# comment\n---\nb: 2\n...\n"), [""; 0]);
    }

    #[test]
    fn that_cannot_be_read_hide_no_others() {
        let text = "a: 1\n---\nb: [1\n---\nc: 3\n---\nd: : :\n---\ne: 5\n";
        let documents = reading(text).documents;
        let read: Vec<_> = documents.iter().map(|d| d.root.as_ref().map(|n| n.to_json().to_string())).collect();
        assert_eq!(read, [Some(r#"{"a":1}"#.into()), None, Some(r#"{"c":3}"#.into()), None, Some(r#"{"e":5}"#.into())]);
        assert_eq!(documents.iter().map(|d| d.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn that_cannot_be_read_keep_what_could_be() {
        let document: Document = reading("type: Mesh\nname: default\nspec: [\n").documents.remove(0);
        assert!(document.root.is_none());
        assert_eq!(document.partial.unwrap().text("name"), Some("default"));
    }

    #[test]
    fn can_be_read_one_by_one() {
        let text = "# é\na: 1\n---\nb: *x\n---\nc: [é, 2]\n";
        let whole = reading(text);
        let spans = document_spans(text);
        for (i, (span, document)) in spans.iter().zip(&whole.documents).enumerate() {
            let (alone, diagnostics) = read_document(SourceId(0), text, *span, i as u32, &Limits::default());
            assert_eq!((&alone.root, alone.span, alone.index), (&document.root, document.span, document.index));
            assert_eq!(diagnostics, if i == 1 { whole.diagnostics.clone() } else { vec![] });
        }
        assert_eq!(spans.len(), 3);
    }
}

mod scalars {
    use super::*;

    #[track_caller]
    fn assert_values(cases: &[(&str, &str)]) {
        for (written, value) in cases {
            assert_eq!(one(&format!("a: {written}")), format!(r#"{{"a":{value}}}"#), "{written}");
        }
    }

    #[test]
    fn booleans_are_those_of_yaml_1_1() {
        for word in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"] {
            assert_values(&[(word, "true")]);
        }
        for word in ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"] {
            assert_values(&[(word, "false")]);
        }
    }

    #[test]
    fn words_in_mixed_case_are_text() {
        assert_values(&[("oN", r#""oN""#), ("yES", r#""yES""#), ("tRUE", r#""tRUE""#), ("nULL", r#""nULL""#)]);
    }

    #[test]
    fn nulls_are_words_or_nothing() {
        assert_values(&[("~", "null"), ("null", "null"), ("Null", "null"), ("NULL", "null"), ("", "null")]);
        assert_values(&[("b~", r#""b~""#)]);
    }

    #[test]
    fn integers_may_have_a_base_a_sign_and_underscores() {
        assert_values(&[
            ("80", "80"),
            ("+80", "80"),
            ("-80", "-80"),
            ("0x50", "80"),
            ("0X50", "80"),
            ("8_080", "8080"),
        ]);
        assert_values(&[
            ("0120", "80"),
            ("0o120", "80"),
            ("-0o17", "-15"),
            ("0b11", "3"),
            ("-0b11", "-3"),
            ("0x_1", "1"),
        ]);
        assert_values(&[("0", "0"), ("-0", "0"), ("00", "0"), ("1__0", "10"), ("0b-11", "-3")]);
    }

    #[test]
    fn integers_may_take_all_of_64_bits() {
        assert_values(&[
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
        ]);
        assert_values(&[
            ("18446744073709551615", "18446744073709551615"),
            ("0xffffffffffffffff", "18446744073709551615"),
        ]);
    }

    #[test]
    fn integers_beyond_64_bits_lose_digits() {
        assert_values(&[("12345678901234567890123", "1.2345678901234568e+22")]);
    }

    #[test]
    fn numbers_with_digits_that_their_base_lacks_are_decimal() {
        assert_values(&[("08", "8"), ("09.5", "9.5"), ("0_8", "8")]);
    }

    #[test]
    fn floats_without_a_fraction_are_integers_in_json() {
        assert_values(&[("80.0", "80"), ("8e1", "80"), ("1.", "1"), ("1.10", "1.1"), (".5", "0.5"), ("-.5", "-0.5")]);
        assert_values(&[("1.5e+3", "1500"), ("685_230.15", "685230.15"), (".5_5", "0.55")]);
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for word in
            ["1:30", "190:20:30", "0x1G", "0x", "0b", "0b2", "_1", "1e", ".e3", "1e400", "..", "+", ".", "1.2.3"]
        {
            assert_values(&[(word, &format!("{word:?}"))]);
        }
    }

    #[test]
    fn dates_are_text() {
        assert_values(&[("2024-01-02", r#""2024-01-02""#), ("2024-01-02T03:04:05Z", r#""2024-01-02T03:04:05Z""#)]);
    }

    #[test]
    fn quoted_ones_are_text() {
        assert_values(&[("'yes'", r#""yes""#), ("\"80\"", r#""80""#), ("''", r#""""#), ("'~'", r#""~""#)]);
    }

    #[test]
    fn blocks_are_text() {
        assert_eq!(one("a: |-\n  yes\nb: >-\n  80\n"), r#"{"a":"yes","b":"80"}"#);
    }

    #[test]
    fn tags_say_what_they_are() {
        assert_values(&[
            ("!!str 12", r#""12""#),
            ("!!str yes", r#""yes""#),
            ("!!str", r#""""#),
            ("!!int \"12\"", "12"),
        ]);
        assert_values(&[("!!float 3", "3"), ("!!bool \"yes\"", "true"), ("!!null ''", "null")]);
        assert_values(&[("!<tag:yaml.org,2002:str> 12", r#""12""#)]);
    }

    #[test]
    fn unknown_tags_make_text() {
        assert_values(&[("!foo 12", r#""12""#), ("!!foo 12", r#""12""#), ("! 12", r#""12""#)]);
    }

    #[test]
    fn binary_is_decoded() {
        assert_values(&[
            ("!!binary aGk=", r#""hi""#),
            ("!!binary 'aGkg'", r#""hi ""#),
            ("!!binary gA==", "\"\u{fffd}\""),
        ]);
    }

    #[test]
    fn that_are_not_what_their_tag_says_are_refused() {
        assert_eq!(problem("a: !!int abc"), "1:10 MS0101 `abc` is text, but its tag asks for an integer");
        assert_eq!(problem("a: !!bool 1"), "1:11 MS0101 `1` is an integer, but its tag asks for a boolean");
        assert_eq!(problem("a: !!binary '*'"), "1:13 MS0101 the text after `!!binary` is not base64");
    }

    #[test]
    fn infinity_and_nan_are_refused_as_json_cannot_have_them() {
        assert_eq!(problem("a: .inf"), "1:4 MS0108 +Inf is a number that JSON, and so Kuma, cannot have");
        assert_eq!(problem("a: [-.INF]"), "1:5 MS0108 -Inf is a number that JSON, and so Kuma, cannot have");
        assert_eq!(problem("a: .NaN"), "1:4 MS0108 NaN is a number that JSON, and so Kuma, cannot have");
        assert_eq!(
            kuma("a: .inf"),
            r#"invalid meta type: "error converting YAML to JSON: json: unsupported value: +Inf""#
        );
    }

    #[test]
    fn double_quotes_know_escapes() {
        assert_eq!(one(r#"a: "\x41\u00e9\U0001F600\t\\\"\'""#), r#"{"a":"Aé😀\t\\\"'"}"#);
    }

    #[test]
    fn lines_are_folded() {
        assert_eq!(one("a: b\n  c\n\n  d\n"), r#"{"a":"b c\nd"}"#);
        assert_eq!(one("a: 'b\n  c\n\n  d'\n"), r#"{"a":"b c\nd"}"#);
        assert_eq!(one("a: \"b \\\n  c\"\n"), r#"{"a":"b c"}"#);
        assert_eq!(one("a: >\n  b\n  c\n\n  d\n   e\nf: 1\n"), r#"{"a":"b c\nd\n e\n","f":1}"#);
    }

    #[test]
    fn blocks_are_chomped_and_indented_as_their_header_says() {
        assert_eq!(one("a: |+\n  b\n\nc: |-\n  d\n\ne: |2\n   f\ng: 1\n"), r#"{"a":"b\n\n","c":"d","e":" f\n","g":1}"#);
    }

    #[test]
    fn end_at_a_comment() {
        assert_eq!(one("a: b # c\nd: e#f\n"), r#"{"a":"b","d":"e#f"}"#);
    }

    #[test]
    fn may_follow_a_tab() {
        assert_eq!(one("a:\tb\nc: \td\n"), r#"{"a":"b","c":"d"}"#);
    }
}

mod mappings {
    use super::*;

    #[test]
    fn have_text_as_keys_whatever_is_written() {
        assert_eq!(
            one("1: a\nyes: b\n0x10: c\n1.50: d\n.inf: e\n1000000.0: f\n"),
            r#"{".inf":"e","1":"a","1.5":"d","16":"c","1e+06":"f","true":"b"}"#
        );
    }

    #[test]
    fn keep_the_order_of_the_text() {
        let root = root("b: 1\na: 2\nc: 3\n");
        let keys: Vec<_> = root.as_map().unwrap().entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["b", "a", "c"]);
    }

    #[test]
    fn take_the_last_of_equal_keys_with_a_warning() {
        let text = "a: 1\nb: 2\na: 3\n";
        assert_eq!(one(text), r#"{"a":3,"b":2}"#);
        assert_eq!(problem(text), "1:1 MS0106 key `a` is written twice; Kuma takes the last one");
        let diagnostic = &reading(text).diagnostics[0];
        assert_eq!(diagnostic.related[0].1.span, Span::new(10, 11));
    }

    #[test]
    fn find_equal_keys_among_many() {
        let text: String = (0..100).map(|i| format!("k{}: {i}\n", i % 60)).collect();
        assert_eq!(root(&text).as_map().unwrap().entries.len(), 60);
        assert_eq!(root(&text).get("k5").unwrap().value, Value::Int(65));
        assert_eq!(problems(&text).len(), 40);
    }

    #[test]
    fn cannot_have_lists_mappings_or_null_as_keys() {
        assert_eq!(problem("? [a]\n: b"), "1:3 MS0107 a key cannot be a list");
        assert_eq!(problem("~: b"), "1:1 MS0107 a key cannot be null");
        assert_eq!(problem("replicas: {{ .Values.n }}"), "1:12 MS0107 a key cannot be a mapping");
        assert_eq!(
            kuma("replicas: {{ .Values.n }}"),
            r#"invalid meta type: "error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface {}{\".Values.n\":interface {}(nil)}""#
        );
    }

    #[test]
    fn in_braces_may_leave_values_out() {
        assert_eq!(one("{a, b: , c: 1, \"d\":2,}"), r#"{"a":null,"b":null,"c":1,"d":2}"#);
    }

    #[test]
    fn in_brackets_may_leave_the_braces_out() {
        assert_eq!(one("[a: 1, b, ? c : 2]"), r#"[{"a":1},"b",{"c":2}]"#);
    }

    #[test]
    fn may_hold_lists_at_the_column_of_their_key() {
        assert_eq!(one("a:\n- b\n- c: 1\n  d: 2\ne:\n-\n"), r#"{"a":["b",{"c":1,"d":2}],"e":[null]}"#);
    }

    #[test]
    fn may_close_brackets_at_any_column() {
        assert_eq!(one("a: [\n1,\n2\n]\nb: {\n c: d\n}\n"), r#"{"a":[1,2],"b":{"c":"d"}}"#);
    }
}

mod aliases {
    use super::*;

    #[test]
    fn stand_for_what_was_named() {
        assert_eq!(one("a: &x {b: 1}\nc: *x\nd: &y z\n*y : *y\n"), r#"{"a":{"b":1},"c":{"b":1},"d":"z","z":"z"}"#);
    }

    #[test]
    fn take_the_latest_anchor_of_a_name() {
        assert_eq!(one("[&x 1, *x, &x 2, *x]"), "[1,1,2,2]");
    }

    #[test]
    fn have_the_span_of_what_they_stand_for() {
        assert_eq!(source("a: &x hello\nb: *x\n", &["b"]), "hello");
    }

    #[test]
    fn cannot_stand_inside_what_they_name() {
        assert_eq!(problem("a: &a [*a]"), "1:8 MS0101 alias `*a` stands inside the value that it names");
    }

    #[test]
    fn merge_mappings() {
        assert_eq!(one("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n"), r#"{"a":{"b":1,"c":2},"d":{"b":1,"c":3}}"#);
    }

    #[test]
    fn merge_lists_of_mappings_of_which_the_first_wins() {
        assert_eq!(one("- &x {a: 1}\n- &y {a: 2, b: 2}\n- <<: [*x, *y]\n"), r#"[{"a":1},{"a":2,"b":2},{"a":1,"b":2}]"#);
    }

    #[test]
    fn that_are_merged_below_a_key_replace_it_with_a_warning() {
        let text = "- &x {a: 1}\n- a: 2\n  <<: *x\n";
        assert_eq!(one(text), r#"[{"a":1},{"a":1}]"#);
        assert_eq!(problem(text), "2:3 MS0106 `<<` replaces `a`, which stands above it");
    }

    #[test]
    fn cannot_merge_anything_else() {
        assert_eq!(problem("<<: 5"), "1:1 MS0101 `<<` takes a mapping or a list of mappings");
        assert_eq!(problem("<<: [{a: 1}, 5]"), "1:1 MS0101 `<<` takes a mapping or a list of mappings");
    }

    #[test]
    fn cannot_merge_a_list_that_they_stand_for() {
        assert_eq!(problem("a: &x [{b: 1}]\nc: {<<: *x}\n"), "2:5 MS0101 `<<` takes a mapping or a list of mappings");
    }

    #[test]
    fn do_not_merge_under_a_quoted_key() {
        assert_eq!(one("'<<': {a: 1}"), r#"{"<<":{"a":1}}"#);
    }

    #[test]
    fn must_be_named_before() {
        assert_eq!(problem("a: *b\nb: &b 1\n"), "1:4 MS0101 unknown alias `*b`");
        assert_eq!(
            kuma("a: *b"),
            r#"invalid meta type: "error converting YAML to JSON: yaml: unknown anchor 'b' referenced""#
        );
    }
}

mod spans {
    use super::*;

    const TEXT: &str = "type: Dataplane # x\nnetworking:\n  é: 'it''s' # y\n  inbound:\n    - port: 80\n      tags: {a: b, \"c\": d}  \n  block: |\n    one\n    two\nend: &anchor !!str 5\n";

    #[test]
    fn of_scalars_are_what_is_written() {
        assert_eq!(source(TEXT, &["type"]), "Dataplane");
        assert_eq!(source(TEXT, &["networking", "é"]), "'it''s'");
        assert_eq!(source(TEXT, &["networking", "inbound", "0", "port"]), "80");
        assert_eq!(source(TEXT, &["networking", "block"]), "|\n    one\n    two");
    }

    #[test]
    fn of_scalars_leave_anchor_and_tag_out() {
        assert_eq!(source(TEXT, &["end"]), "5");
    }

    #[test]
    fn of_collections_run_from_their_first_to_their_last_character() {
        assert_eq!(source(TEXT, &["networking", "inbound", "0", "tags"]), "{a: b, \"c\": d}");
        assert_eq!(source(TEXT, &["networking", "inbound"]), "- port: 80\n      tags: {a: b, \"c\": d}");
        assert_eq!(source("a: [ 1 ] # x\n", &["a"]), "[ 1 ]");
    }

    #[test]
    fn of_keys_are_what_is_written() {
        let root = root(TEXT);
        let span = root.at(&["networking"]).unwrap().as_map().unwrap().entries[0].key_span;
        assert_eq!(&TEXT[span.start as usize..span.end as usize], "é");
    }

    #[test]
    fn of_later_documents_count_from_the_start_of_the_source() {
        let text = "é: [\n---\nb: 😀\n";
        let documents = reading(text).documents;
        let span = documents[1].root.as_ref().unwrap().get("b").unwrap().span;
        assert_eq!(&text[span.start as usize..span.end as usize], "😀");
    }

    #[test]
    fn tell_plain_text_from_quoted() {
        let text = "a: on\nb: 'on'\nc: |\n  on\nd: [on]\n";
        let root = root(text);
        let plain: Vec<_> = ["a", "b", "c", "d"].iter().map(|key| root.get(key).unwrap().is_plain(text)).collect();
        assert_eq!(plain, [true, false, false, false]);
        assert_eq!(root.get("a").unwrap().source(text), "on");
    }
}

mod problems {
    use super::*;

    #[test]
    fn an_unclosed_bracket_is_shown_where_it_was_opened() {
        assert_eq!(problem("a: 1\nb: 2\nports: [80, 81\n"), "3:8 MS0101 unclosed bracket `[` opened at 3:8");
        assert_eq!(problem("a:\n  b: {c: d\n"), "2:6 MS0101 unclosed bracket `{` opened at 2:6");
    }

    #[test]
    fn an_unclosed_bracket_is_found_although_keys_follow() {
        assert_eq!(problem("ports: [80, 81\nname: x\nmesh: y\n"), "1:8 MS0101 unclosed bracket `[` opened at 1:8");
    }

    #[test]
    fn a_wrong_closing_bracket_is_shown_with_the_one_that_it_closes() {
        assert_eq!(problem("a: [1, 2}\n"), "1:9 MS0101 `}` closes the `[` opened at 1:4");
    }

    #[test]
    fn a_missing_comma_is_named() {
        assert_eq!(problem("a: {b: 1\n  c: 2}\n"), "2:3 MS0101 missing `,` before `c` in the mapping opened at 1:4");
    }

    #[test]
    fn an_unclosed_quote_is_shown_where_it_was_opened() {
        assert_eq!(problem("a: 1\nb: 'x\nc: 2\n"), "2:4 MS0101 unclosed quote `'` opened at 2:4");
    }

    #[test]
    fn text_after_a_closing_quote_is_named() {
        assert_eq!(problem("a: 'it's'\n"), "1:8 MS0101 text after the closing quote `'`");
    }

    #[test]
    fn a_tab_as_indentation_is_shown() {
        assert_eq!(problem("a:\n\tb: 1\n"), "2:1 MS0101 tab where indentation is expected");
        assert_eq!(problem("a:\n  b: 1\n \tc: 2\n"), "3:2 MS0101 tab where indentation is expected");
        assert_eq!(problem("-\ta\n"), "1:2 MS0101 tab where indentation is expected");
    }

    #[test]
    fn a_second_colon_in_one_line_is_shown() {
        assert_eq!(problem("x: 1\na: b: c\n"), "2:5 MS0101 a second `: ` in one line");
    }

    #[test]
    fn a_key_under_a_key_that_has_a_value_is_named() {
        assert_eq!(problem("a: b\n  c: d\n"), "2:3 MS0101 `c:` goes on a value that began on the line above");
    }

    #[test]
    fn a_key_at_a_column_of_its_own_is_named() {
        assert_eq!(
            problem("spec:\n    a: 1\n  b: 2\n"),
            "3:3 MS0101 `b` is indented by 2 spaces, which fits nothing above"
        );
    }

    #[test]
    fn a_key_without_colon_is_named() {
        assert_eq!(problem("a: 1\nname\nb: 2\n"), "2:1 MS0101 expected `:` after `name`");
        assert_eq!(problem("a: 1\nname:x\nb: 2\n"), "2:1 MS0101 no space after the colon in `name:x`");
    }

    #[test]
    fn a_list_in_the_line_of_its_key_is_shown() {
        assert_eq!(problem("a: - b\n"), "1:4 MS0101 a list item cannot start in the middle of a line");
    }

    #[test]
    fn a_key_among_list_items_is_shown() {
        assert_eq!(problem("- a\nb: 1\n"), "2:1 MS0101 expected a list item, found `b:`");
    }

    #[test]
    fn a_list_item_among_keys_is_shown() {
        assert_eq!(problem("a: 1\n- b\n"), "2:1 MS0101 a list item among keys");
    }

    #[test]
    fn an_unknown_escape_is_shown() {
        assert_eq!(problem("a: \"x\\d\"\n"), "1:6 MS0101 unknown escape `\\d` in double quotes");
        assert_eq!(problem("a: \"\\u12\"\n"), "1:5 MS0101 too few hexadecimal digits in an escape");
        assert_eq!(problem("a: \"\\ud83d\"\n"), "1:5 MS0101 an escape that stands for no character");
    }

    #[test]
    fn a_star_that_is_no_alias_is_to_be_quoted() {
        let text = "hosts: [*.example.com]\n";
        assert_eq!(
            problem(text),
            "1:9 MS0101 `*.example.com]` is no alias: its name takes letters, digits, `-` and `_`"
        );
    }

    #[test]
    fn a_character_that_starts_no_value_is_to_be_quoted() {
        assert_eq!(problem("a: @x\n"), "1:4 MS0101 a value cannot start with `@`");
        assert_eq!(reading("a: `x`\n").diagnostics[0].help.as_deref(), Some("quote it: `\"`x`\"`"));
    }

    #[test]
    fn a_control_character_is_named() {
        assert_eq!(problem("a: \u{7}\n"), "1:4 MS0101 control character U+0007");
    }

    #[test]
    fn come_with_the_words_and_the_line_of_kuma() {
        let said = |words: &str| format!(r#"invalid meta type: "error converting YAML to JSON: yaml: {words}""#);
        assert_eq!(kuma("a: b: c"), said("mapping values are not allowed in this context"));
        assert_eq!(kuma("a: 1\n---\na: 1\nb: c: d"), said("line 2: mapping values are not allowed in this context"));
        assert_eq!(kuma("\n\na: [1, 2\n"), said("line 1: did not find expected ',' or ']'"));
        assert_eq!(kuma("a:\n\tb: 1"), said("line 2: found character that cannot start any token"));
        assert_eq!(kuma("a: 'x"), said("found unexpected end of stream"));
    }

    #[test]
    fn of_the_text_go_before_those_of_values_in_kumas_words() {
        let diagnostics = reading("a: .inf\nb: [\n").diagnostics;
        assert_eq!(
            diagnostics.iter().map(|d| (d.code, d.kuma.is_some())).collect::<Vec<_>>(),
            [(Code::NotANumber, false), (Code::InvalidYaml, true)]
        );
    }

    #[test]
    fn all_have_help() {
        for text in ["a: [", "a: b: c", "a:\n\tb: 1", "*x", "\"", "a: 1\nb", "@", "- a\nb: 1", "a: !!int x", "? [a]"] {
            assert!(reading(text).diagnostics.iter().all(|d| d.help.is_some()), "{text:?}");
        }
    }

    #[test]
    fn start_lower_case_and_end_without_a_period() {
        for text in ["a: [", "a: b: c", "a:\n\tb: 1", "*x", "\"", "a: 1\nb", "@", "- a\nb: 1", "a: !!int x", "? [a]"] {
            for d in reading(text).diagnostics {
                assert!(!d.message.starts_with(char::is_uppercase) && !d.message.ends_with('.'), "{}", d.message);
            }
        }
    }
}

mod limits {
    use super::*;

    fn codes(text: &str, limits: &Limits) -> Vec<Code> {
        read(SourceId(0), text, limits).diagnostics.iter().map(|d| d.code).collect()
    }

    #[test]
    fn bound_the_input() {
        let text = "a: b\n".repeat(10_000_000);
        assert_eq!(codes(&text, &Limits::default()), [Code::InputTooLarge]);
        assert!(read(SourceId(0), &text, &Limits::default()).documents.is_empty());
    }

    #[test]
    fn bound_the_documents_and_keep_those_before() {
        let reading = reading(&"a: 1\n---\n".repeat(100_000));
        assert_eq!(reading.documents.len(), 20_000);
        assert_eq!(reading.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TooManyDocuments]);
    }

    #[test]
    fn bound_the_nesting_however_it_is_written() {
        let lines = |n: usize| (0..n).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>();
        for text in
            ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000), lines(2_000)]
        {
            assert_eq!(codes(&text, &Limits::default()), [Code::NestingTooDeep]);
        }
    }

    #[test]
    fn allow_nesting_up_to_the_bound() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(codes(&nested(100), &Limits::default()), []);
        assert_eq!(codes(&nested(101), &Limits::default()), [Code::NestingTooDeep]);
    }

    #[test]
    fn bound_nesting_through_aliases() {
        let chain: String = (1..200).map(|i| format!("- &a{i} [*a{}]\n", i - 1)).collect();
        assert_eq!(codes(&format!("- &a0 [x]\n{chain}"), &Limits::default()), [Code::NestingTooDeep]);
    }

    #[test]
    fn bound_what_aliases_stand_for() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..10 {
            let alias = format!("*a{}", i - 1);
            bomb += &format!("a{i}: &a{i} [{}]\n", vec![alias; 10].join(", "));
        }
        assert_eq!(codes(&bomb, &Limits::default()), [Code::AliasExpansion]);
    }

    #[test]
    fn bound_the_text_that_aliases_stand_for() {
        let text = format!("- &a {}\n{}", "x".repeat(1 << 20), "- *a\n".repeat(1_000));
        assert_eq!(codes(&text, &Limits::default()), [Code::AliasExpansion]);
    }

    #[test]
    fn bound_anchors_within_anchors() {
        let text = format!("{}{}{}", "&a [".repeat(90), "x, ".repeat(100_000), "]".repeat(90));
        assert!(codes(&text, &Limits::default()).contains(&Code::AliasExpansion));
    }

    #[test]
    fn bound_the_values() {
        let limits = Limits { values: 1_000, ..Limits::default() };
        assert_eq!(codes(&format!("[{}]", "x,".repeat(2_000)), &limits), [Code::InputTooLarge]);
    }

    #[test]
    fn bound_the_diagnostics() {
        assert!(codes(&"a: 1\n".repeat(20_000), &Limits::default()).len() <= 1_000);
        assert!(codes(&"- *x\n".repeat(20_000), &Limits::default()).len() <= 1_000);
    }

    #[test]
    fn leave_later_documents_alone() {
        let text = format!("{}\n---\na: 1\n", "[".repeat(1_000));
        assert_eq!(reading(&text).documents[1].root.as_ref().unwrap().to_json().to_string(), r#"{"a":1}"#);
    }

    #[test]
    fn hold_for_directives_without_end() {
        assert_eq!(reading(&"%A\n---\n".repeat(50_000)).documents.len(), 20_000);
    }
}

mod line_index {
    use super::*;

    fn at(text: &str, byte: usize) -> (u32, u32, u32) {
        let Position { line, column, utf16, .. } = LineIndex::new(text).position(byte as u32);
        (line, column, utf16)
    }

    #[test]
    fn counts_lines_and_columns_from_one() {
        assert_eq!(at("ab\ncd\n", 0), (1, 1, 0));
        assert_eq!(at("ab\ncd\n", 2), (1, 3, 2));
        assert_eq!(at("ab\ncd\n", 3), (2, 1, 3));
        assert_eq!(at("ab\ncd\n", 6), (3, 1, 6));
    }

    #[test]
    fn counts_a_windows_line_end_as_part_of_its_line() {
        assert_eq!(at("a\r\nb", 2), (1, 3, 2));
        assert_eq!(at("a\r\nb", 3), (2, 1, 3));
    }

    #[test]
    fn counts_columns_in_utf_16() {
        assert_eq!(at("é=x", 2), (1, 2, 1));
        assert_eq!(at("€=x", 3), (1, 2, 1));
        assert_eq!(at("😀=x", 4), (1, 3, 2));
        assert_eq!(at("é\n😀x", 7), (2, 3, 4));
    }

    #[test]
    fn goes_on_past_the_end() {
        assert_eq!(at("", 0), (1, 1, 0));
        assert_eq!(at("é", 9), (1, 9, 8));
    }

    proptest! {
        #[test]
        fn agrees_with_counting(text in "[a-c\né€😀\r]{0,40}") {
            let index = LineIndex::new(&text);
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..byte];
                let line = before.rfind('\n').map_or(0, |i| i + 1);
                let position = index.position(byte as u32);
                prop_assert_eq!(position.line as usize, before.matches('\n').count() + 1);
                prop_assert_eq!(position.column as usize, before[line..].encode_utf16().count() + 1);
                prop_assert_eq!(position.utf16 as usize, before.encode_utf16().count());
                prop_assert_eq!(index.byte(position.utf16) as usize, byte);
            }
        }
    }
}

/// Texts made of what matters in YAML, so that most of them come near to being valid.
fn yamlish() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "b: ",
        "c:\n",
        "- ",
        "  ",
        "\n",
        "\n  ",
        "\n    ",
        ": ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        "\"",
        "#",
        " # x",
        "|\n",
        ">-\n",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!t ",
        "\t",
        "\r\n",
        "---\n",
        "\n---\n",
        "...\n",
        "%YAML 1.1\n",
        "é",
        "😀",
        "\u{feff}",
        "\\",
        "~",
        "yes",
        "0x1",
        ".inf",
        "1e3",
        "\u{85}",
        "\u{2028}",
        "\u{7}",
        "@",
        "`",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

/// Valid documents: JSON is YAML.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof!["[a-z]{1,5}", "[0-9]{1,4}", "\"[a-zé😀 ]{0,5}\"", Just("'it''s'".to_owned())];
    let value = scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(("k[a-z]{1,4}", inner), 0..3).prop_map(|entries| format!(
                "{{{}}}",
                entries.iter().map(|(k, v)| format!("{k}: {v}")).collect::<Vec<_>>().join(", ")
            )),
        ]
    });
    prop::collection::vec(("[a-z]{1,3}", value), 1..4)
        .prop_map(|entries| entries.iter().enumerate().map(|(i, (k, v))| format!("{k}{i}: {v}\n")).collect())
}

fn spans_of(node: &Node, spans: &mut Vec<Span>) {
    spans.push(node.span);
    match &node.value {
        Value::Seq(items) => items.iter().for_each(|item| spans_of(item, spans)),
        Value::Map(map) => map.entries.iter().for_each(|entry| {
            spans.push(entry.key_span);
            spans_of(&entry.value, spans);
        }),
        _ => {}
    }
}

fn assert_spans(text: &str) {
    let reading = reading(text);
    let mut spans = Vec::new();
    for document in &reading.documents {
        spans.push(document.span);
        document.root.iter().chain(&document.partial).for_each(|node| spans_of(node, &mut spans));
    }
    for diagnostic in &reading.diagnostics {
        spans.extend(diagnostic.at.map(|at| at.span));
        spans.extend(diagnostic.related.iter().map(|(_, at)| at.span));
    }
    for span in spans {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?}: {span:?}");
    }
}

/// The documents of a text without their places.
fn values(text: &str) -> Vec<Option<serde_json::Value>> {
    reading(text).documents.iter().map(|d| d.root.as_deref().map(Node::to_json)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_read(text in any::<String>()) {
        assert_spans(&text);
    }

    #[test]
    fn spans_lie_in_the_text(text in yamlish()) {
        assert_spans(&text);
    }

    #[test]
    fn a_document_without_a_root_has_an_error(text in yamlish()) {
        let reading = reading(&text);
        let errors = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        let rootless = reading.documents.iter().filter(|d| d.root.is_none()).count();
        prop_assert!(errors >= rootless && (rootless > 0 || errors == 0));
    }

    #[test]
    fn documents_are_read_alike_alone_and_together(a in document(), b in document()) {
        let together = values(&format!("{a}\n---\n{b}"));
        let alone: Vec<_> = values(&a).into_iter().chain(values(&b)).collect();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn a_broken_document_hides_no_other(a in yamlish(), b in document()) {
        let (together, alone) = (values(&format!("{a}\n---\n{b}")), values(&b));
        prop_assert_eq!(together.last(), alone.last());
    }

    #[test]
    fn json_means_what_it_says(text in document()) {
        for value in values(&text).into_iter().flatten() {
            let json = value.to_string();
            prop_assert_eq!(values(&json), [Some(value)]);
        }
    }
}

#[test]
fn every_recorded_world_is_read() {
    let mut worlds = 0;
    for kind in ["universal", "kubernetes"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(kind);
        for world in fs::read_dir(dir).unwrap() {
            let path = world.unwrap().path().join("world.yaml");
            let reading = reading(&fs::read_to_string(&path).unwrap());
            let errors: Vec<_> = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
            // The only value in all of them that JSON cannot have.
            let expected = usize::from(path.ends_with("yaml-booleans-and-numbers/world.yaml"));
            assert_eq!(errors.len(), expected, "{path:?}: {errors:?}");
            worlds += 1;
        }
    }
    assert!(worlds > 100);
}
