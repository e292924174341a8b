//! Regular expressions as RE2 reads them. Messages and matches are RE2's own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use meshscope::traffic::regex::{compile, Compiled, Regex, Shape};
use proptest::prelude::*;

#[track_caller]
fn usable(pattern: &str) -> Regex {
    match compile(pattern) {
        Compiled::Ok(regex) => regex,
        other => panic!("{pattern}: {other:?}"),
    }
}

#[track_caller]
fn check(pattern: &str, yes: &[&str], no: &[&str]) {
    let regex = usable(pattern);
    for text in yes {
        assert!(regex.full_match(text), "{pattern} should match {text:?}");
    }
    for text in no {
        assert!(!regex.full_match(text), "{pattern} should not match {text:?}");
    }
}

#[test]
fn the_whole_text_must_match() {
    check("/r/[0-9]+", &["/r/12"], &["/r/", "/r/12a", "x/r/1"]);
    check("a|ab", &["a", "ab"], &["b", "abc"]);
    check("", &[""], &["a"]);
    check("a|", &["a", ""], &["b"]);
    check("^/a$", &["/a"], &["/a\n"]);
}

#[test]
fn classes_of_perl_are_ascii() {
    check(r"\d\w\s", &["1a ", "2_\t"], &["١a ", "1é ", "1a\u{b}"]);
    check(r"\W", &["-", "é"], &["a"]);
    check(r"\bab\b", &["ab"], &["abc"]);
}

#[test]
fn classes_in_brackets() {
    check("[[:alpha:]][[:^digit:]]", &["ab", "a-"], &["1a", "a1"]);
    check(r"[]a-c\d-]+", &["]", "b", "7", "-"], &["d", "["]);
    check("[^a]", &["b", "\n", "é"], &["a"]);
    check("[[:space:]]", &["\u{b}"], &["a"]);
    check("[a-b-c]", &["a", "-", "c"], &["d"]);
}

#[test]
fn a_dot_is_no_newline_unless_told() {
    check("a.b", &["a-b", "aéb"], &["a\nb"]);
    check("(?s)a.b", &["a\nb"], &[]);
    check("(?s:.)(?-s:.)", &["\na"], &["\n\n"]);
}

#[test]
fn flags() {
    check("(?i)kS/a", &["Ks/A", "\u{212a}\u{17f}/a"], &["xs/a"]);
    check("(?i:a)b", &["Ab"], &["AB"]);
    check("a(?i)b|c", &["aB", "C"], &["Ab"]);
    check("(?m)^a$\nb", &["a\nb"], &["a"]);
}

#[test]
fn groups_with_names() {
    check("(?P<year>[0-9]{4})-(?<m>[0-9]{2})", &["2024-01"], &["24-01"]);
}

#[test]
fn repetitions() {
    check("a{2}b{1,2}c{2,}", &["aabcc", "aabbccc"], &["abc"]);
    check("a{,2}", &["a{,2}"], &["a", "aa"]);
    check("a{01}", &["a{01}"], &["a"]);
    check("a{0}b", &["b"], &["a{0}b"]);
    check("a{+1}", &["a{1}", "a{{1}"], &["a"]);
    check("a{1234567890}", &["a{1234567890}"], &["a"]);
    check("{", &["{"], &[]);
    check("(?:a*)*", &["", "aaa"], &["b"]);
    check("^*a", &["a"], &[]);
}

#[test]
fn quoted_text() {
    check(r"\Qa.b\E+", &["a.b", "a.bb"], &["axb"]);
    check(r"\Qa.*", &["a.*"], &["ab"]);
    check(r"\Q\E", &[""], &[]);
}

#[test]
fn escapes() {
    check(r"\x41\x{e9}\101\n\.\_\/", &["AéA\n._/"], &[]);
    check(r"\Aab\z", &["ab"], &["ab\n"]);
    check(r"\t\r\a\f\v", &["\t\r\x07\x0c\x0b"], &["tr"]);
    check(r"\x{10ffff}", &["\u{10ffff}"], &["a"]);
}

#[test]
fn limits_are_inclusive() {
    check("a{1000}", &[&"a".repeat(1000)], &["a"]);
    check(&"(a)".repeat(120), &[&"a".repeat(120)], &["a"]);
    check("(?:ab){2}", &["abab"], &["ab"]);
    let class = |length: usize| format!("[{}]", "a".repeat(length - 2));
    check(&class(4096), &["a"], &["b"]);
    let reason = |pattern: &str| match compile(pattern) {
        Compiled::NotEvaluated { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&class(4097)), "a regular expression of more than 4096 bytes");
    check(&"a".repeat(1999), &[], &["a"]);
    assert_eq!(reason(&"a".repeat(2000)), "a regular expression this large");
    // a class counts one more for each eight ranges
    let ranges = "[acegikmoqsuwyACE]";
    check(&format!("{ranges}{{666}}"), &[], &["a"]);
    assert_eq!(reason(&format!("{ranges}{{667}}")), "a regular expression this large");
}

#[test]
fn named_classes_hold_what_ascii_has_of_them() {
    for (name, yes, no) in [
        ("alnum", "09AZaz", "-_ "),
        ("alpha", "AZaz", "09_"),
        ("ascii", "\0 a\x7f", "\u{80}é"),
        ("blank", "\t ", "\n\r"),
        ("cntrl", "\0\x1f\x7f", " a"),
        ("digit", "09", "a-"),
        ("graph", "!a~", " \x7f"),
        ("lower", "az", "AZ0"),
        ("print", " a~", "\n\x7f"),
        ("punct", "!/:@[`{~", "a0 "),
        ("space", "\t\n\x0b\r ", "a"),
        ("upper", "AZ", "az0"),
        ("word", "09AZ_az", "- "),
        ("xdigit", "09AFaf", "gG"),
    ] {
        let regex = usable(&format!("[[:{name}:]]"));
        for c in yes.chars() {
            assert!(regex.full_match(&c.to_string()), "{name} has {c:?}");
        }
        for c in no.chars() {
            assert!(!regex.full_match(&c.to_string()), "{name} has no {c:?}");
        }
    }
}

#[test]
fn classes_may_overlap_and_be_of_one() {
    check("[^a-zb-c]", &["A", "{"], &["a", "d", "x", "z"]);
    check("[a-a]", &["a"], &["b"]);
}

#[test]
fn lazy_by_flag() {
    assert_eq!(usable("(?U)a+").replace("aaa", "-"), Ok("---".into()));
    assert_eq!(usable("(?U)a+?").replace("aaa", "-"), Ok("-".into()));
    assert_eq!(usable("a+?").replace("aaa", "-"), Ok("---".into()));
}

#[test]
fn case_of_what_has_none() {
    check(r"(?i)\x7fa", &["\u{7f}A"], &["\u{7f}b"]);
    check("(?i)日a", &["日A"], &["月a"]);
    check(r"(?i)[a-\x7f]", &["A", "\u{7f}"], &["0"]);
    assert!(matches!(compile("(?i)[一-丁]"), Compiled::NotEvaluated { .. }));
}

#[test]
fn what_re2_refuses() {
    for (pattern, message) in [
        ("/[", "missing ]: ["),
        ("[a", "missing ]: [a"),
        ("(a", "missing ): (a"),
        ("a)", "unexpected ): a)"),
        ("*a", "no argument for repetition operator: *"),
        ("a**", "bad repetition operator: **"),
        ("a{2}{3}", "bad repetition operator: {2}{3}"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("a{3,1}", "invalid repetition size: {3,1}"),
        ("((a{100}){11})", "invalid repetition size: {11}"),
        ("(?=a)", "invalid perl operator: (?="),
        ("(?!a)", "invalid perl operator: (?!"),
        ("(?<=a)", "invalid perl operator: (?<="),
        ("(?x)a", "invalid perl operator: (?x"),
        ("(?P<a-b>c)", "invalid named capture group: (?P<a-b>"),
        (r"\8", r"invalid escape sequence: \8"),
        (r"(a)\1", r"invalid escape sequence: \1"),
        (r"a\Z", r"invalid escape sequence: \Z"),
        (r"\x{", "invalid UTF-8"),
        (r"\x{4", r"invalid escape sequence: \x{4"),
        (r"[\b]", r"invalid escape sequence: \b"),
        (r"a\", r"trailing \"),
        ("[z-a]", "invalid character class range: z-a"),
        ("[[:foo:]]", "invalid character class range: [:foo:]"),
        ("{1000}", "no argument for repetition operator: {1000}"),
        ("{1001}", "invalid repetition size: {1001}"),
        ("a{123456789}", "invalid repetition size: {123456789}"),
        ("(?:a{500}b){3}", "invalid repetition size: {3}"),
        ("(?:(?:){1000}){2}", "invalid repetition size: {2}"),
        ("(?i--s)a", "invalid perl operator: (?i--"),
        ("(?i-)a", "invalid perl operator: (?i-)"),
        (r"\p", r"invalid character class range: \p"),
        (r"ab\P", r"invalid character class range: \P"),
        (r"\x{}", r"invalid escape sequence: \x{}"),
        (r"\x{110000}", r"invalid escape sequence: \x{110000"),
        ("[a-", "missing ]: [a-"),
        ("[a-b", "missing ]: [a-b"),
    ] {
        match compile(pattern) {
            Compiled::Invalid { message: ours } => assert_eq!(ours, message, "{pattern}"),
            other => panic!("{pattern}: {other:?}"),
        }
    }
}

#[test]
fn what_is_valid_but_not_computed() {
    let deep = format!("{}a{}", "(".repeat(300), ")".repeat(300));
    for pattern in [r"\pL", r"[\p{Greek}]", r"\C", "(?i)é", "[a-z]{900}[0-9]{900}d{900}", &deep] {
        assert!(matches!(compile(pattern), Compiled::NotEvaluated { .. }), "{pattern}");
    }
}

#[test]
fn replacements() {
    assert_eq!(usable(".*").replace("/v2/x", "/new"), Ok("/new".into()));
    assert_eq!(usable("/([a-z]+)/([0-9]+)").replace("/a/1/b/2", r"/\2/\1\\"), Ok(r"/1/a\/2/b\".into()));
    assert_eq!(usable("b*").replace("abc", "-"), Ok("-a-c-".into()));
    assert_eq!(usable("(a)|(b)").replace("ab", r"[\2]"), Ok("[][b]".into()));
    assert_eq!(
        usable(".*").replace("/a", r"\1").unwrap_err(),
        "Rewrite schema requests 1 matches, but the regexp only has 0 parenthesized subexpressions."
    );
    assert!(usable(".*").replace("/a", r"\x").is_err());
    assert!(usable(".*").replace("/a", r"\").is_err());
}

#[test]
fn shapes() {
    let text = |s: &str| s.to_owned();
    for (pattern, shape) in [
        (r"/a\.b", Shape::Exact(text("/a.b"))),
        ("^/a$", Shape::Exact(text("/a"))),
        ("/a.*", Shape::StartsWith(text("/a"))),
        ("(/a)(.*)", Shape::StartsWith(text("/a"))),
        (".*", Shape::StartsWith(text(""))),
        ("/a(/.*)?", Shape::PathPrefix(text("/a"))),
        ("/a(?:/.*)?$", Shape::PathPrefix(text("/a"))),
        ("/a/[0-9]+", Shape::Other { prefix: text("/a/") }),
        ("/ab*", Shape::Other { prefix: text("/a") }),
        ("/a|/b", Shape::Other { prefix: text("") }),
        ("(?i)/a", Shape::Other { prefix: text("/") }),
    ] {
        assert_eq!(*usable(pattern).shape(), shape, "{pattern}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_panics(pattern in r"([a-z/.*+?|()\[\]{}^$\\,0-9<>:PQEi-]|\PC){0,30}", text in r"[a-z/.0-9]{0,12}") {
        if let Compiled::Ok(regex) = compile(&pattern) {
            regex.full_match(&text);
            let same = regex.replace(&text, r"\0");
            prop_assert_eq!(same, Ok(text));
        }
    }

    /// What the shape says about a text is what the engine says.
    #[test]
    fn shapes_agree_with_matches(pattern in r"/[ab]{0,2}(\.\*|\(/\.\*\)\?|[ab+*]{0,3})", text in r"/[ab]{0,3}(/[ab]{0,2})?") {
        if let Compiled::Ok(regex) = compile(&pattern) {
            let matches = regex.full_match(&text);
            match regex.shape() {
                Shape::Exact(only) => prop_assert_eq!(matches, text == *only),
                Shape::StartsWith(prefix) => prop_assert_eq!(matches, text.starts_with(prefix.as_str())),
                Shape::PathPrefix(prefix) => {
                    let below = text.strip_prefix(prefix.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'));
                    prop_assert_eq!(matches, below);
                }
                Shape::Other { prefix } => prop_assert!(!matches || text.starts_with(prefix.as_str())),
            }
        }
    }
}
