//! The engine's floating-point text against the standard library's.

use meshscope::float;
use proptest::prelude::*;

fn same(ours: Option<f64>, text: &str) {
    let theirs: Option<f64> = text.parse().ok();
    assert_eq!(ours.map(f64::to_bits), theirs.map(f64::to_bits), "{text}");
}

fn check(number: f64) {
    assert_eq!(float::shortest(number), format!("{number}"));
    assert_eq!(float::scientific(number, None), format!("{number:e}"));
    for decimals in [0, 1, 2, 7, 20, 400] {
        assert_eq!(float::fixed(number, decimals), format!("{number:.decimals$}"), "{decimals}");
        assert_eq!(float::scientific(number, Some(decimals)), format!("{number:.decimals$e}"), "{decimals}");
    }
    same(float::parse(&format!("{number}")), &format!("{number}"));
}

fn check_single(number: f32) {
    assert_eq!(float::shortest_single(number), format!("{number}"));
    assert_eq!(float::scientific_single(number), format!("{number:e}"));
}

const EDGES: [f64; 24] = [
    0.0,
    0.1,
    0.25,
    0.35,
    0.5,
    1.0,
    1.5,
    2.5,
    9.5,
    9.995,
    99.5,
    123_456_789.0,
    1e21,
    1e22,
    1e23,
    5e-324,
    2.5e-323,
    f64::MIN_POSITIVE,
    2.225_073_858_507_201e-308,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
    9_007_199_254_740_993.0,
    1e-5,
];

#[test]
fn edges_are_written_alike() {
    for number in EDGES {
        check(number);
        check(-number);
        check_single(number as f32);
    }
}

#[test]
fn edges_are_read_alike() {
    for text in [
        "",
        ".",
        "-",
        "+",
        "e",
        "1e",
        "1e+",
        ".e1",
        "1.",
        ".5",
        "+.5",
        "-0",
        "1_0",
        " 1",
        "1 ",
        "0x1",
        "inf",
        "-Infinity",
        "nan",
        "+NaN",
        "infinit",
        "1e400",
        "1e-400",
        "-1e-400",
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1e-99999999999999999999",
        "00000000000000000000001",
        "9007199254740993",
        "9007199254740992.9999999999999999",
        "9007199254740993.00000000000000000000000000001",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "8.98846567431158e307",
        "6.631236846766476e-316",
        "0.000000000000000000000000000000000000000000000000000000001",
        "1e-2147483650",
        "1.0e2147483650",
    ] {
        same(float::parse(text), text);
    }
    let long = format!("0.{}1{}", "0".repeat(300), "123456789".repeat(200));
    same(float::parse(&long), &long);
    let halfway = format!("9007199254740993.{}1", "0".repeat(900));
    same(float::parse(&halfway), &halfway);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn numbers_are_written_alike(bits in any::<u64>(), single in any::<u32>(), short in -10_000i32..10_000) {
        check(f64::from_bits(bits));
        check(f64::from(short) / 1000.0);
        check_single(f32::from_bits(single));
    }

    #[test]
    fn texts_are_read_alike(text in "[+-]?[0-9]{0,25}(\\.[0-9]{0,25})?([eE][+-]?[0-9]{0,3})?") {
        same(float::parse(&text), &text);
    }
}
