//! Hostname templates: what Go's text/template makes of them, errors to the letter. Each result is Go's own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::Arc;

use meshscope::resource::Labels;
use meshscope::service::template::{
    dns_problem, hostname, parse, refusal, render, Data, ExecError, Hostname, ParseError,
};
use proptest::prelude::*;

/// What becomes of a template. Messages go without the `template: :` that all start with.
#[derive(Debug, PartialEq)]
enum Outcome<'a> {
    Text(&'a str),
    Refused(&'a str),
    Fails(&'a str),
}

use Outcome::{Fails, Refused, Text};

fn data() -> Data {
    let labels: Labels = [("team", "checkout")].map(|(k, v)| (k.into(), v.into())).into();
    Data {
        name: "orders-x1".into(),
        display_name: "orders".into(),
        namespace: String::new(),
        mesh: "default".into(),
        zone: "west".into(),
        labels: Arc::new(labels),
    }
}

/// Text, Go's message, or why it is not evaluated.
fn evaluate(text: &str) -> (char, String) {
    match parse(text) {
        Err(ParseError::Go { message, .. }) => ('P', message),
        Err(ParseError::NotEvaluated(what)) => ('N', what.reason),
        Ok(template) => match render(&template, &data()) {
            Ok(text) => ('T', text),
            Err(ExecError::NotEvaluated(what)) => ('N', what.reason),
            Err(error) => ('E', template.message(&error)),
        },
    }
}

#[track_caller]
fn check(table: &[(&str, Outcome<'_>)]) {
    for (text, expected) in table {
        let (kind, result) = evaluate(text);
        let short = result.strip_prefix("template: :").unwrap_or(&result);
        let actual = match kind {
            'T' => Text(&result),
            'P' => Refused(short),
            'E' => Fails(short),
            _ => panic!("{text}: not evaluated: {result}"),
        };
        assert_eq!(actual, *expected, "{text}");
    }
}

#[test]
fn fields_and_text() {
    check(&[
        ("plain.local", Text("plain.local")),
        ("{{ .DisplayName }}.{{ .Zone }}.mesh.local", Text("orders.west.mesh.local")),
        ("[{{ .Namespace }}]", Text("[]")),
        ("{{ . }}", Text("{orders-x1 orders  default west}")),
        ("{{ $.Mesh }}", Text("default")),
        (
            "{{ .DisplayNam }}",
            Fails(r#"1:3: executing "" at <.DisplayNam>: can't evaluate field DisplayNam in type hostname.meshedName"#),
        ),
        ("{{ .Name.Foo }}", Fails(r#"1:8: executing "" at <.Name.Foo>: can't evaluate field Foo in type string"#)),
        (
            "{{ .Name 1 }}",
            Fails(r#"1:3: executing "" at <.Name>: Name has arguments but cannot be invoked as function"#),
        ),
        (
            r#"{{ "a" | .Name }}"#,
            Fails(r#"1:9: executing "" at <.Name>: Name has arguments but cannot be invoked as function"#),
        ),
    ]);
}

#[test]
fn trim_markers_and_comments() {
    check(&[
        ("a {{- .Zone -}} b", Text("awestb")),
        ("a {{/* note */}} b", Text("a  b")),
        ("a {{- /* note */ -}} b", Text("ab")),
        ("{{ -3 }}", Text("-3")),
        ("{{-3}}", Text("-3")),
        ("{{- -3 -}}", Text("-3")),
        ("a {{-/* note */}}", Refused(r#"1: illegal number syntax: "-""#)),
        ("{{/* a */ .Zone}}", Refused("1: comment ends before closing delimiter")),
    ]);
}

#[test]
fn labels() {
    check(&[
        (r#"{{ label "team" }}"#, Text("checkout")),
        (r#"{{ "team" | label }}"#, Text("checkout")),
        (
            r#"{{ label "nope" }}"#,
            Fails(r#"1:3: executing "" at <label "nope">: error calling label: label nope not found"#),
        ),
        (
            r#"{{ .DisplayName }}.{{ label "nope" }}"#,
            Fails(r#"1:22: executing "" at <label "nope">: error calling label: label nope not found"#),
        ),
        ("{{ label }}", Fails(r#"1:3: executing "" at <label>: wrong number of args for label: want 1 got 0"#)),
        ("{{ label 1 }}", Fails(r#"1:9: executing "" at <1>: expected string; found 1"#)),
        ("{{ label nil }}", Fails(r#"1:9: executing "" at <nil>: cannot assign nil to string"#)),
        (
            "{{ label . }}",
            Fails(r#"1:9: executing "" at <.>: wrong type for value; expected string; got hostname.meshedName"#),
        ),
        ("{{ 1 | label }}", Fails(r#"1:7: executing "" at <label>: wrong type for value; expected string; got int"#)),
        (
            r#"{{ "a" | label "b" }}"#,
            Fails(r#"1:9: executing "" at <label>: wrong number of args for label: want 1 got 2"#),
        ),
    ]);
}

#[test]
fn literals() {
    check(&[
        ("{{ 1 }} {{ 0x1F }} {{ 017 }} {{ 0b11 }} {{ 1_000 }} {{ 'a' }}", Text("1 31 15 3 1000 97")),
        (
            "{{ 1.50 }} {{ 1e6 }} {{ 1e21 }} {{ .5 }} {{ 100000.0 }} {{ 1234567.0 }}",
            Text("1.5 1e+06 1e+21 0.5 100000 1.234567e+06"),
        ),
        (r#"{{ "q\"t\u00e9" }} {{ `raw\n` }}"#, Text(r#"q"té raw\n"#)),
        ("{{ true }} {{ false }} {{ 1+2i }}", Text("true false (1+2i)")),
        (
            "{{ 9223372036854775808 }}",
            Fails(r#"1:3: executing "" at <9223372036854775808>: 9223372036854775808 overflows int"#),
        ),
        ("{{ 99999999999999999999 }}", Refused(r#"1: integer overflow: "99999999999999999999""#)),
        ("{{ 08 }}", Refused(r#"1: integer overflow: "08""#)),
        ("{{ 'ab' }}", Refused("1: malformed character constant: 'ab'")),
        (r#"{{ "\z" }}"#, Refused("1: invalid syntax")),
        ("{{ 1.2.3 }}", Refused(r#"1: unexpected ".3" in operand"#)),
    ]);
}

#[test]
fn variables() {
    check(&[
        ("{{ $x := .Zone }}{{ $x }}-{{ $x }}", Text("west-west")),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", Text("2")),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x = 3 }}{{ end }}{{ $x }}", Text("1")),
        ("{{ $x }}", Refused(r#"1: undefined variable "$x""#)),
        ("{{ $x = 1 }}", Fails(r#"1:8: executing "" at <1>: undefined variable: $x"#)),
        ("{{ $x, $y := .Zone }}", Refused("1: too many declarations in command")),
        ("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", Refused(r#"1: undefined variable "$x""#)),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("{{ if .Namespace }}a{{ else }}b{{ end }}", Text("b")),
        (r#"{{ if eq .Zone "east" }}e{{ else if eq .Zone "west" }}w{{ else }}x{{ end }}"#, Text("w")),
        ("{{ if and .Zone (not .Namespace) }}y{{ end }}", Text("y")),
        ("{{ with .Zone }}{{ . }}-{{ $.Mesh }}{{ end }}", Text("west-default")),
        ("{{ with .Namespace }}{{ . }}{{ else with .Mesh }}m-{{ . }}{{ end }}", Text("m-default")),
        ("{{ with $x := .Zone }}{{ $x }}{{ end }}", Text("west")),
        ("{{ if }}x{{ end }}", Refused("1: missing value for if")),
        ("{{ if 1 }}x", Refused("1: unexpected EOF")),
        ("{{ else }}", Refused("1: unexpected {{else}}")),
        ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", Refused("1: expected end; found {{else}}")),
        ("{{ end }}", Refused("1: unexpected {{end}}")),
    ]);
}

#[test]
fn loops() {
    check(&[
        ("{{ range 3 }}{{ . }}{{ end }}", Text("012")),
        ("{{ range $i := len .Zone }}{{ $i }},{{ end }}", Text("0,1,2,3,")),
        (
            "{{ range 5 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if gt . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}",
            Text("013"),
        ),
        ("{{ range 0 }}x{{ else }}none{{ end }}", Text("none")),
        ("{{ range .Zone }}{{ . }}{{ end }}", Fails(r#"1:9: executing "" at <.Zone>: range can't iterate over west"#)),
        (
            "{{ range $i, $x := 3 }}{{ $i }}{{ end }}",
            Fails(r#"1:19: executing "" at <3>: can't use 3 to iterate over more than one variable"#),
        ),
        ("{{ break }}", Refused("1: {{break}} outside {{range}}")),
        (
            "{{ range . }}{{ end }}",
            Fails(r#"1:9: executing "" at <.>: range can't iterate over {orders-x1 orders  default west}"#),
        ),
    ]);
}

#[test]
fn definitions() {
    check(&[
        (r#"{{ define "a" }}<{{ . }}>{{ end }}{{ template "a" .Zone }}{{ template "a" }}"#, Text("<west><<no value>>")),
        (r#"{{ block "a" .Zone }}[{{ . }}]{{ end }}"#, Text("[west]")),
        (
            r#"{{ template "nope" }}"#,
            Fails(r#"1:12: executing "" at <{{template "nope"}}>: template "nope" not defined"#),
        ),
        (
            r#"{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}"#,
            Refused(r#"1: template: multiple definition of template "a""#),
        ),
        (
            r#"{{ define "a" }}{{ .Foo }}{{ end }}{{ template "a" . }}"#,
            Fails(r#"1:19: executing "a" at <.Foo>: can't evaluate field Foo in type hostname.meshedName"#),
        ),
        (
            r#"{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }} {{ template "a" . }}{{ end }}{{ template "a" . }}"#,
            Fails(r#"1:74: executing "b" at <{{template "a" .}}>: exceeded maximum template depth (100000)"#),
        ),
        (r#"{{ define "a" }}{{ $ }}{{ end }}{{ $x := 1 }}{{ template "a" .Mesh }}"#, Text("default")),
        (r#"{{ if 1 }}{{ define "a" }}{{ end }}{{ end }}"#, Refused("1: unexpected <define> in command")),
    ]);
}

#[test]
fn pipelines() {
    check(&[
        (r#"{{ .DisplayName | printf "svc-%s" }}"#, Text("svc-orders")),
        (r#"{{ printf "%s-%s" (label "team") (printf "%s-z" .Zone) }}"#, Text("checkout-west-z")),
        ("{{ (.Zone) }}", Text("west")),
        (
            r#"{{ (print .Zone "x").Foo }}"#,
            Fails(r#"1:16: executing "" at <"x">: can't evaluate field Foo in type string"#),
        ),
        ("{{ 1 | 2 }}", Refused("1: non executable command in pipeline stage 2")),
        ("{{ 1 2 }}", Fails(r#"1:3: executing "" at <1>: can't give argument to non-function 1"#)),
        ("{{ nil }}", Fails(r#"1:3: executing "" at <nil>: nil is not a command"#)),
        ("{{ (1) 2 }}", Fails(r#"1:3: executing "" at <(1) 2>: can't give argument to non-function 1"#)),
        ("{{ .Zone | . }}", Refused("1: non executable command in pipeline stage 2")),
        ("{{ nosuch .Name }}", Refused(r#"1: function "nosuch" not defined"#)),
        ("{{ ( .Zone }}", Refused("1: unclosed left paren")),
        ("{{ .Zone ) }}", Refused("1: unexpected right paren")),
        ("{{ | .Zone }}", Refused(r#"1: unexpected "|" in command"#)),
        ("{{ .Zone | }}", Text("west")),
        ("{{ .Zone", Refused("1: unclosed action")),
        (
            "{{ .Zone\n.Foo }}",
            Fails(r#"1:3: executing "" at <.Zone>: Zone has arguments but cannot be invoked as function"#),
        ),
        (
            "x\ny{{ .Foo }}",
            Fails(r#"2:4: executing "" at <.Foo>: can't evaluate field Foo in type hostname.meshedName"#),
        ),
    ]);
}

#[test]
fn functions() {
    check(&[
        ("{{ len .Zone }} {{ index .Zone 0 }} {{ slice .Zone 1 3 }} {{ slice .Zone 2 }}", Text("4 119 es st")),
        (
            "{{ index .Zone 9 }}",
            Fails(r#"1:3: executing "" at <index .Zone 9>: error calling index: index out of range: 9"#),
        ),
        (
            "{{ index .Zone 4 }}",
            Fails(r#"1:3: executing "" at <index .Zone 4>: error calling index: reflect: string index out of range"#),
        ),
        (
            "{{ slice .Zone 3 1 }}",
            Fails(r#"1:3: executing "" at <slice .Zone 3 1>: error calling slice: invalid slice index: 3 > 1"#),
        ),
        (
            "{{ slice .Zone 0 1 2 }}",
            Fails(r#"1:3: executing "" at <slice .Zone 0 1 2>: error calling slice: cannot 3-index slice a string"#),
        ),
        (
            "{{ index 1 2 }}",
            Fails(r#"1:3: executing "" at <index 1 2>: error calling index: can't index item of type int"#),
        ),
        ("{{ len 3 }}", Fails(r#"1:3: executing "" at <len 3>: error calling len: len of type int"#)),
        (
            "{{ len nil }}",
            Fails(
                r#"1:3: executing "" at <len nil>: error calling len: reflect: call of reflect.Value.Type on zero Value"#,
            ),
        ),
        (r#"{{ and 1 0 2 }} {{ or 0 "" 5 }} {{ not 0 }}"#, Text("0 5 true")),
        ("{{ or .Namespace .Zone }}", Text("west")),
        ("{{ and }}", Fails(r#"1:3: executing "" at <and>: wrong number of args for and: want at least 1 got 0"#)),
        (r#"{{ print 1 2 "a" 3 .Zone nil }}"#, Text("1 2a3west<nil>")),
        ("{{ println .Zone 1 }}", Text("west 1\n")),
        (
            r#"{{ html "<a&'>" }} {{ js "a'<" }} {{ urlquery "a b/ü" }}"#,
            Text(r#"&lt;a&amp;&#39;&gt; a\'\u003C a+b%2F%C3%BC"#),
        ),
        (
            "{{ call .Zone }}",
            Fails(r#"1:3: executing "" at <call .Zone>: error calling call: non-function .Zone of type string"#),
        ),
        ("{{ call nil }}", Fails(r#"1:3: executing "" at <call nil>: error calling call: call of nil"#)),
        ("{{ not }}", Fails(r#"1:3: executing "" at <not>: wrong number of args for not: want 1 got 0"#)),
        ("{{ not 1 2 }}", Fails(r#"1:3: executing "" at <not>: wrong number of args for not: want 1 got 2"#)),
    ]);
}

#[test]
fn comparisons() {
    check(&[
        (
            r#"{{ eq 1 1 }} {{ eq 1 2 3 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt "b" "a" }} {{ ge 1.5 2.5 }}"#,
            Text("true true true true true true false"),
        ),
        (
            "{{ eq 1 1.0 }}",
            Fails(
                r#"1:3: executing "" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"#,
            ),
        ),
        (
            "{{ eq .Zone 1 }}",
            Fails(
                r#"1:3: executing "" at <eq .Zone 1>: error calling eq: incompatible types for comparison: string and int"#,
            ),
        ),
        ("{{ eq nil nil }} {{ eq .Zone nil }} {{ eq . . }}", Text("true false true")),
        (
            "{{ lt true false }}",
            Fails(r#"1:3: executing "" at <lt true false>: error calling lt: invalid type for comparison"#),
        ),
        ("{{ lt nil 1 }}", Fails(r#"1:3: executing "" at <lt nil 1>: error calling lt: invalid type for comparison"#)),
        ("{{ eq 1 }}", Fails(r#"1:3: executing "" at <eq 1>: error calling eq: missing argument for comparison"#)),
        ("{{ lt 1 }}", Fails(r#"1:3: executing "" at <lt>: wrong number of args for lt: want 2 got 1"#)),
        ("{{ eq (index .Zone 0) 'w' }}", Text("true")),
    ]);
}

#[test]
fn printf() {
    check(&[
        (r#"{{ printf "%s %q %v %d %x %X" "a" "b" "c" 1 255 255 }}"#, Text(r#"a "b" c 1 ff FF"#)),
        (r#"{{ printf "%05d|%-6s|%6s|%.2s|%x" 42 "ab" "cd" "xyz" "hi" }}"#, Text("00042|ab    |    cd|xy|6869")),
        (r#"{{ printf "%T %T %T %T %T" 1 "a" 1.5 true (index .Zone 0) }}"#, Text("int string float64 bool uint8")),
        (r#"{{ printf "%c %U %t %%" 'é' 'é' true }}"#, Text("é U+00E9 true %")),
        (r#"{{ printf "%d" "x" }} {{ printf "%s" 1 }} {{ printf "%t" 1 }} {{ printf "%z" 1 }}"#, Text("%!d(string=x) %!s(int=1) %!t(int=1) %!z(int=1)")),
        (r#"{{ printf "%s" }} {{ printf "a" 1 "b" }} {{ printf "%" }}"#, Text("%!s(MISSING) a%!(EXTRA int=1, string=b) %!(NOVERB)")),
        (r#"{{ printf "%[2]s %[1]s" "a" "b" }} {{ printf "%[3]d" 1 }}"#, Text("b a %!d(BADINDEX)")),
        (r#"{{ printf "%*d|%-*d|" 5 1 4 2 }} {{ printf "%.*f" 2 1.005 }}"#, Text("    1|2   | 1.00")),
        (r#"{{ printf "%v %+v" . . }}"#, Text("{orders-x1 orders  default west} {Name:orders-x1 DisplayName:orders Namespace: Mesh:default Zone:west}")),
        (r#"{{ printf "%f %.1f %e %g %8.2f" 1.5 2.25 1234.5 0.0001 3.14159 }}"#, Text("1.500000 2.2 1.234500e+03 0.0001     3.14")),
        (r#"{{ printf "%#x %+d % d %o %b %#q" 255 5 5 8 5 "a" }}"#, Text("0xff +5  5 10 101 `a`")),
        ("{{ printf 1 }}", Fails(r#"1:10: executing "" at <1>: expected string; found 1"#)),
        ("{{ printf }}", Fails(r#"1:3: executing "" at <printf>: wrong number of args for printf: want at least 1 got 0"#)),
        (r#"{{ printf "%s %d" nil nil }} {{ printf "%v" nil }}"#, Text("%!s(<nil>) %!d(<nil>) <nil>")),
        (r#"{{ printf "%p" 1 }} {{ printf "%w" "a" }}"#, Text("%!p(int=1) %!w(string=a)")),
    ]);
}

#[test]
fn scanning() {
    check(&[
        (r#"{{ "a }}"#, Refused("1: unterminated quoted string")),
        ("{{ 'a }}", Refused("1: unterminated character constant")),
        ("{{ `a }}", Refused("1: unterminated raw quoted string")),
        ("{{ /* a }}", Refused(r#"1: unexpected "/" in command"#)),
        ("{{ . é }}", Refused(r#"1: function "é" not defined"#)),
        ("{{ .a$b }}", Refused("1: bad character U+0024 '$'")),
        ("{{ € }}", Refused("1: unrecognized character in action: U+20AC '€'")),
        ("{{ : }}", Refused("1: expected :=")),
        ("{{ .Zone, }}", Refused(r#"1: unexpected "," in operand"#)),
        ("{{ $ := 1 }}", Text("")),
        ("{{\n\n.Zone", Refused("3: unclosed action started at :1")),
        ("{{ range $x .Zone }}{{ end }}", Refused(r#"1: undefined variable "$x""#)),
        ("{{ if $x, $y := 1 }}{{ end }}", Refused("1: too many declarations in if")),
        ("{{}}", Refused("1: missing value for command")),
        ("{{ true.x }}", Refused(r#"1: unexpected . after term "true""#)),
        ("{{ . .Zone }}", Fails(r#"1:3: executing "" at <.>: can't give argument to non-function ."#)),
        ("}}", Text("}}")),
        ("{{ 1_ }}", Refused(r#"1: illegal number syntax: "1_""#)),
        ("{{ 0x }}", Refused(r#"1: illegal number syntax: "0x""#)),
        ("{{ +1 }} {{ +5i }}", Text("1 (0+5i)")),
    ]);
}

#[test]
fn padding_and_signs() {
    check(&[
        (r#"{{ printf "%-05d|" 42 }}"#, Text("42   |")),
        (r#"{{ printf "%-05s|" "ab" }}"#, Text("ab   |")),
        (r#"{{ printf "%05d %05d %+05d % 05d" 42 -42 42 42 }}"#, Text("00042 -0042 +0042  0042")),
        (r#"{{ printf "%5d|%-5d|%05d|%5.3d|%-5.3d|" 7 7 7 7 7 }}"#, Text("    7|7    |00007|  007|007  |")),
        (r#"{{ printf "%.0d|%.0d|%.2d|%5.0d|%05.0d|" 0 1 0 0 0 }}"#, Text("|1|00|     |     |")),
        (r#"{{ printf "%+d %+d % d % d" 5 -5 5 -5 }}"#, Text("+5 -5  5 -5")),
        (r#"{{ printf "%+.2d|%+5.2d|" 3 3 }}"#, Text("+03|  +03|")),
        (r#"{{ printf "%3d|%03d" 1234 1234 }}"#, Text("1234|1234")),
        (r#"{{ printf "%06.2f|%05.2f|%04.2f|%08.2f" -3.14 -3.14 -3.14 -3.14 }}"#, Text("-03.14|-3.14|-3.14|-0003.14")),
        (
            r#"{{ printf "%08.2f|%+08.2f|% 08.2f|%-08.2f|" 3.14 3.14 3.14 -3.14 }}"#,
            Text("00003.14|+0003.14| 0003.14|-3.14   |"),
        ),
        (r#"{{ printf "%8.2f|%+8.2f|" -3.14 3.14 }}"#, Text("   -3.14|   +3.14|")),
        (r#"{{ printf "% f|%+f|%f" 1.5 1.5 -1.5 }}"#, Text(" 1.500000|+1.500000|-1.500000")),
        (r#"{{ printf "%06.2f %07.2f" 3.14 -3.14 }}"#, Text("003.14 -003.14")),
        (r#"{{ printf "%8v|%-8v|%08v" true nil -7 }}"#, Text("    true|<nil>   |-0000007")),
    ]);
}

#[test]
fn integers_in_bases() {
    check(&[
        (r#"{{ printf "%b %o %O %x %X" 10 10 10 250 250 }}"#, Text("1010 12 0o12 fa FA")),
        (r#"{{ printf "%#b %#o %#o %#O %#x %#X" 5 8 0 8 250 250 }}"#, Text("0b101 010 0 0o010 0xfa 0XFA")),
        (r#"{{ printf "%#.3o %#.4o" 8 8 }}"#, Text("010 0010")),
        (r#"{{ printf "%08b|%-8b|%#08x" 5 5 250 }}"#, Text("00000101|101     |0x000000fa")),
        (r#"{{ printf "%x %X" -255 -255 }}"#, Text("-ff -FF")),
        (r#"{{ printf "%c|%c|%q|%+q|%#q" 65 -1 65 233 65 }}"#, Text(r"A|�|'A'|'\u00e9'|'A'")),
        (
            r#"{{ printf "%U %U %#U %#U %U" -1 0 233 173 1114111 }}"#,
            Text("U+FFFFFFFFFFFFFFFF U+0000 U+00E9 'é' U+00AD U+10FFFF"),
        ),
        (r#"{{ printf "%.6U|%8U|%-8U|%#.5U" 233 233 233 233 }}"#, Text("U+0000E9|  U+00E9|U+00E9  |U+000E9 'é'")),
        (r#"{{ printf "%#v %#v %d" "a" (index .Zone 0) (index .Zone 0) }}"#, Text(r#""a" 0x77 119"#)),
        (r#"{{ printf "%#v %#v %#v %+v" 5 true 1.5 1.5 }}"#, Text("5 true 1.5 1.5")),
    ]);
}

#[test]
fn texts_in_verbs() {
    check(&[
        (
            r#"{{ printf "%x|%X|% x|% X|%#x|%# x|%#X" "jk" "jk" "jk" "jk" "jk" "jk" "jk" }}"#,
            Text("6a6b|6A6B|6a 6b|6A 6B|0x6a6b|0x6a 0x6b|0X6A6B"),
        ),
        (r#"{{ printf "%.1x|%5x|%-5x|%05x" "jk" "j" "j" "j" }}"#, Text("6a|   6a|6a   |0006a")),
        (r#"{{ printf "%x|%5x|%X" "" "" "" }}"#, Text("|     |")),
        (r#"{{ printf "%.2s|%.0s|%5.1s|%-5.1s|" "abc" "abc" "abc" "abc" }}"#, Text("ab||    a|a    |")),
        (r#"{{ printf "%q %q %+q %+q" "a\"b" "é" "é" "😀" }}"#, Text(r#""a\"b" "é" "\u00e9" "\U0001f600""#)),
        (r#"{{ printf "%+q %+q %q" "\u00ad" "𐀀" "\u00ad" }}"#, Text(r#""\u00ad" "\U00010000" "\u00ad""#)),
        (r#"{{ printf "%+q" "\uffff" }}"#, Text(r#""\uffff""#)),
        (
            r#"{{ printf "%q %q %q" "\x01\x7f" "\a\b\f\n\r\t\v\\" "\u200b\U000e0001" }}"#,
            Text(r#""\x01\x7f" "\a\b\f\n\r\t\v\\" "\u200b\U000e0001""#),
        ),
        (
            r#"{{ printf "%#q %#q %#q %#q %#q" "a" "a`b" "a\nb" "a\tb" "a\x7fb" }}"#,
            Text("`a` \"a`b\" \"a\\nb\" `a\u{9}b` \"a\\x7fb\""),
        ),
        (r#"{{ printf "%10q|%-10q|%.2q" "a" "a" "abc" }}"#, Text(r#"       "a"|"a"       |"ab""#)),
        (r#"{{ printf "%5s|%-5s|%05s" "é" "é" "é" }}"#, Text("    é|é    |0000é")),
    ]);
}

#[test]
fn floats() {
    check(&[
        (r#"{{ printf "%F %.1F %f" 1.5 1.5 1e21 }}"#, Text("1.500000 1.5 1000000000000000000000.000000")),
        (
            r#"{{ printf "%e %E %.0e %e %e" 1.5 1.5 1.5 0.015 0.0 }}"#,
            Text("1.500000e+00 1.500000E+00 2e+00 1.500000e-02 0.000000e+00"),
        ),
        (
            r#"{{ printf "%g %g %g %g %g" 100000.0 1000000.0 123456789.0 0.0001 0.00001 }}"#,
            Text("100000 1e+06 1.23456789e+08 0.0001 1e-05"),
        ),
        (
            r#"{{ printf "%.3g|%.3g|%.1g|%.10g|%.3g|%.2g|%.4g" 1234.5678 3.14159 0.05 3.5 100.0 100.0 100.0 }}"#,
            Text("1.23e+03|3.14|0.05|3.5|100|1e+02|100"),
        ),
        (
            r#"{{ printf "%.10g|%.3g|%.2g|%.0g|%.5g" 100.0 0.00001234 1234.0 1234.0 99999.6 }}"#,
            Text("100|1.23e-05|1.2e+03|1e+03|1e+05"),
        ),
        (r#"{{ printf "%G %.3G" 1e-7 123456.0 }}"#, Text("1E-07 1.23E+05")),
        (
            r#"{{ printf "%#g|%#.3g|%#.0f|%#g|%#g|%#g|%#g" 1.0 1.5 3.0 0.0 100000.0 1000000.0 0.001 }}"#,
            Text("1.00000|1.50|3.|0.00000|100000.|1.00000e+06|0.00100000"),
        ),
        (
            r#"{{ printf "%#.0e|%#.3e|%#f|%#.2f|%#G" 1.0 1.0 1.0 1.0 1e-7 }}"#,
            Text("1.e+00|1.000e+00|1.000000|1.00|1.00000E-07"),
        ),
        (r#"{{ printf "%#v|%#v|%#v|%#.3v" 1.0 1000000.0 0.5 1.5 }}"#, Text("1|1e+06|0.5|1.5")),
        (r#"{{ printf "%#.1g|%#.2g|%#.5g|%#g" 0.0 100.0 100.0 123456.789 }}"#, Text("0.|1.0e+02|100.00|123456.789")),
        (r#"{{ printf "%v %.2f %g" 1+2i 1+2i 1i }}"#, Text("(1+2i) (1.00+2.00i) (0+1i)")),
        (r#"{{ printf "%+v|%8.1f|%+.1f" 1+2i 1.5+2.5i 1.5-2i }}"#, Text("(1+2i)|(     1.5    +2.5i)|(+1.5-2.0i)")),
    ]);
}

#[test]
fn bad_verbs() {
    check(&[
        (r#"{{ printf "%p|%w|%d|%!" . . nil }}"#, Text("%!p(hostname.meshedName={orders-x1 orders  default west})|%!w(hostname.meshedName={orders-x1 orders  default west})|%!d(<nil>)|%!!(MISSING)")),
        (r#"{{ printf "%p %w %t" . . . }}"#, Text("%!p(hostname.meshedName={orders-x1 orders  default west}) %!w(hostname.meshedName={orders-x1 orders  default west}) {%!t(string=orders-x1) %!t(string=orders) %!t(string=) %!t(string=default) %!t(string=west)}")),
        (r#"{{ printf "%p %p" nil "a" }}"#, Text("%!p(<nil>) %!p(string=a)")),
        (r#"{{ printf "%F %X %t %x" nil true "a" true }}"#, Text("%!F(<nil>) %!X(bool=true) %!t(string=a) %!x(bool=true)")),
        (r#"{{ printf "%s %d" true }}"#, Text("%!s(bool=true) %!d(MISSING)")),
        (r#"{{ printf "%!" 1 }}"#, Text("%!!(int=1)")),
        (r#"{{ printf "%z %é" 1 2 }}"#, Text("%!z(int=1) %!é(int=2)")),
        (r#"{{ printf "%d %s" . . }}"#, Text("{%!d(string=orders-x1) %!d(string=orders) %!d(string=) %!d(string=default) %!d(string=west)} {orders-x1 orders  default west}")),
        (r#"{{ printf "%x %q" . . }}"#, Text(r#"{6f72646572732d7831 6f7264657273  64656661756c74 77657374} {"orders-x1" "orders" "" "default" "west"}"#)),
        (r#"{{ printf "%#v" . }}"#, Text(r#"hostname.meshedName{Name:"orders-x1", DisplayName:"orders", Namespace:"", Mesh:"default", Zone:"west"}"#)),
        (r#"{{ printf "%+d" . }}"#, Text("{%!d(string=orders-x1) %!d(string=orders) %!d(string=) %!d(string=default) %!d(string=west)}")),
    ]);
}

#[test]
fn widths_and_arguments() {
    check(&[
        (r#"{{ printf "%*d|" 5 1 }}"#, Text("    1|")),
        (r#"{{ printf "%*d|" -5 1 }}"#, Text("1    |")),
        (r#"{{ printf "%*d|" 0 1 }}"#, Text("1|")),
        (r#"{{ printf "%*d|" 2000000 1 }}"#, Text("%!(BADWIDTH)1|")),
        (r#"{{ printf "%*d|" "a" 1 }}"#, Text("%!(BADWIDTH)1|")),
        (r#"{{ printf "%*d|" (index "\x05" 0) 1 }}"#, Text("    1|")),
        (r#"{{ printf "%.*f|%.*d|" 1 2.25 3 7 }}"#, Text("2.2|007|")),
        (r#"{{ printf "%.*d|" -1 7 }}"#, Text("%!(BADPREC)7|")),
        (r#"{{ printf "%.*d|" "x" 7 }}"#, Text("%!(BADPREC)7|")),
        (r#"{{ printf "%[2]*[1]d|" 7 4 }}"#, Text("   7|")),
        (r#"{{ printf "%[2]d %d" 1 2 }}"#, Text("2 %!d(MISSING)")),
        (r#"{{ printf "%[1]d %[1]x" 250 }}"#, Text("250 fa")),
        (r#"{{ printf "%[2]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[" 1 }}"#, Text("%!(NOVERB)")),
        (r#"{{ printf "%[d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[1]" 7 }}"#, Text("%!(NOVERB)")),
        (r#"{{ printf "%[x]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[0]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[1" 1 }}"#, Text("%!(NOVERB)")),
        (r#"{{ printf "%[12" 1 }}"#, Text("%!(NOVERB)")),
        (r#"{{ printf "%[1]5d|" 7 }}"#, Text("%!d(BADINDEX)|")),
        (r#"{{ printf "%[1].2d|" 7 }}"#, Text("%!d(BADINDEX)|")),
        (r#"{{ printf "%5[1]d|" 7 }}"#, Text("    7|")),
        (r#"{{ printf "%.2[1]d|" 7 }}"#, Text("07|")),
        (r#"{{ printf "%.[1]d|" 7 }}"#, Text("7|")),
        (r#"{{ printf "%.[1]*d|" 3 7 }}"#, Text("007|")),
        (r#"{{ printf "%[1]*d|" 5 7 }}"#, Text("    7|")),
        (r#"{{ printf "%[1]*.[2]*[3]f|" 8 2 12.5 }}"#, Text("   12.50|")),
        (r#"{{ printf "%." 1 }}"#, Text("%!.(int=1)")),
        (r#"{{ printf "%5." 1 }}"#, Text("%!.(int=    1)")),
        (r#"{{ printf "%.d|%5.d|" 7 7 }}"#, Text("7|    7|")),
        (r#"{{ printf "%.s|" "abc" }}"#, Text("|")),
        (r#"{{ printf "%20000000d" 1 }}"#, Text("%!(NOVERB)%!(EXTRA int=1)")),
        (r#"{{ printf "%[10000000]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%[20000000]d" 1 }}"#, Text("%!d(BADINDEX)")),
        (r#"{{ printf "%-" 1 }}"#, Text("%!(NOVERB)%!(EXTRA int=1)")),
        (r#"{{ printf "%%|%5%|" 1 }}"#, Text("%|%|%!(EXTRA int=1)")),
        (r#"{{ printf "%d %d" 1 }}"#, Text("1 %!d(MISSING)")),
        (r#"{{ printf "%d" 1 2 nil }}"#, Text("1%!(EXTRA int=2, <nil>)")),
        (r#"{{ printf "%[1]d" 1 2 }}"#, Text("1")),
        (
            r#"{{ printf "" 1 "a" nil . 1.5 }}"#,
            Text("%!(EXTRA int=1, string=a, <nil>, hostname.meshedName={orders-x1 orders  default west}, float64=1.5)"),
        ),
        (r#"{{ printf "%s|%s" "a" }}"#, Text("a|%!s(MISSING)")),
        (r#"{{ printf "%[1]*d" "a" }}"#, Text("%!(BADWIDTH)%!d(MISSING)")),
        (r#"{{ printf "%[3]*d|" 1 2 }}"#, Text("%!d(BADINDEX)|")),
        (r#"{{ printf "%[1]d%" 1 }}"#, Text("1%!(NOVERB)")),
    ]);
}

#[test]
fn values_that_count_as_true() {
    check(&[
        ("{{ if 1.5 }}y{{ else }}n{{ end }}", Text("y")),
        ("{{ if 0.0 }}y{{ else }}n{{ end }}", Text("n")),
        ("{{ if 1i }}y{{ else }}n{{ end }}", Text("y")),
        ("{{ if 0i }}y{{ else }}n{{ end }}", Text("n")),
        ("{{ if 1+0i }}y{{ else }}n{{ end }}", Text("y")),
        ("{{ if 0+0i }}y{{ else }}n{{ end }}", Text("n")),
        (r#"{{ if (index "\x00" 0) }}y{{ else }}n{{ end }}"#, Text("n")),
        (r#"{{ if (index "a" 0) }}y{{ else }}n{{ end }}"#, Text("y")),
        (r#"{{ if "" }}y{{ else }}n{{ end }}"#, Text("n")),
        (r#"{{ if "a" }}y{{ else }}n{{ end }}"#, Text("y")),
        ("{{ if 0 }}y{{ else }}n{{ end }}", Text("n")),
        ("{{ if -1 }}y{{ else }}n{{ end }}", Text("y")),
        ("{{ if . }}y{{ else }}n{{ end }}", Text("y")),
        ("{{ if .Namespace }}y{{ else }}n{{ end }}", Text("n")),
        ("{{ if (and 1 0) }}y{{ else }}n{{ end }}", Text("n")),
        ("{{ if (or 0 0.0) }}y{{ else }}n{{ end }}", Text("n")),
    ]);
}

#[test]
fn comparisons_at_the_edge() {
    check(&[
        ("{{ lt 1 1 }}", Text("false")),
        ("{{ lt 1 2 }}", Text("true")),
        ("{{ lt 2 1 }}", Text("false")),
        (r#"{{ lt "a" "a" }}"#, Text("false")),
        (r#"{{ lt "a" "b" }}"#, Text("true")),
        ("{{ lt 1.5 1.5 }}", Text("false")),
        ("{{ lt 1.5 2.5 }}", Text("true")),
        ("{{ lt 2.5 1.5 }}", Text("false")),
        ("{{ ge 2 1 }}", Text("true")),
        ("{{ ge 1 2 }}", Text("false")),
        ("{{ ge 1 1 }}", Text("true")),
        ("{{ gt 1 1 }}", Text("false")),
        ("{{ gt 2 1 }}", Text("true")),
        ("{{ le 1 1 }}", Text("true")),
        ("{{ le 2 1 }}", Text("false")),
        (
            "{{ lt 1 1.5 }}",
            Fails(
                r#"1:3: executing "" at <lt 1 1.5>: error calling lt: incompatible types for comparison: int and float64"#,
            ),
        ),
        (
            r#"{{ lt 1 "a" }}"#,
            Fails(
                r#"1:3: executing "" at <lt 1 "a">: error calling lt: incompatible types for comparison: int and string"#,
            ),
        ),
        (
            "{{ lt true false }}",
            Fails(r#"1:3: executing "" at <lt true false>: error calling lt: invalid type for comparison"#),
        ),
        ("{{ lt . 1 }}", Fails(r#"1:3: executing "" at <lt . 1>: error calling lt: invalid type for comparison"#)),
        ("{{ lt nil 1 }}", Fails(r#"1:3: executing "" at <lt nil 1>: error calling lt: invalid type for comparison"#)),
        ("{{ lt 1i 2i }}", Fails(r#"1:3: executing "" at <lt 1i 2i>: error calling lt: invalid type for comparison"#)),
        (r#"{{ lt (index "a" 0) 98 }}"#, Text("true")),
        (r#"{{ lt (index "a" 0) 97 }}"#, Text("false")),
        (
            r#"{{ lt (index "a" 0) "a" }}"#,
            Fails(
                r#"1:3: executing "" at <lt (index "a" 0) "a">: error calling lt: incompatible types for comparison: uint8 and string"#,
            ),
        ),
        ("{{ gt 1.5 1.5 }}", Text("false")),
        (r#"{{ le "b" "a" }}"#, Text("false")),
        (
            "{{ eq 1 1.0 }}",
            Fails(
                r#"1:3: executing "" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"#,
            ),
        ),
        (r#"{{ eq (index "a" 0) 97 }}"#, Text("true")),
    ]);
}

#[test]
fn escapes_in_literals() {
    check(&[
        (r#"{{ printf "%q" "\a\b\f\n\r\t\v\\\""  }}"#, Text(r#""\a\b\f\n\r\t\v\\\"""#)),
        (r#"{{ "\141\102" }}"#, Text("aB")),
        (r#"{{ "\x41\u00e9\U0001f600" }}"#, Text("Aé😀")),
        (r#"{{ "\'" }}"#, Refused("1: invalid syntax")),
        (r#"{{ '\"' }}"#, Refused("1: invalid syntax")),
        (r"{{ '\'' }}", Text("39")),
        (r#"{{ "\8" }}"#, Refused("1: invalid syntax")),
        (r#"{{ "\400" }}"#, Refused("1: invalid syntax")),
        (r#"{{ "\1" }}"#, Refused("1: invalid syntax")),
        (r#"{{ "\x4" }}"#, Refused("1: invalid syntax")),
        (r#"{{ "\ud800" }}"#, Refused("1: invalid syntax")),
        (r#"{{ "\q" }}"#, Refused("1: invalid syntax")),
        (r"{{ printf `%d %d %d %d %d` '\a' '\n' '\141' '\x41' '\u00e9' }}", Text("7 10 97 65 233")),
        (r"{{ printf `%d` '\377' }}", Text("255")),
        ("{{ 'ab' }}", Refused("1: malformed character constant: 'ab'")),
        ("{{ '' }}", Refused("1: invalid syntax")),
        (r"{{ '\t' }} {{ '\r' }} {{ '\b' }} {{ '\f' }} {{ '\v' }} {{ '\\' }}", Text("9 13 8 12 11 92")),
        ("{{ `a\u{d}\nb` }}", Text("a\nb")),
        ("{{ 'é' }}", Text("233")),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("{{ 0x1F }}", Text("31")),
        ("{{ 0X1f }}", Text("31")),
        ("{{ 0xe }}", Text("14")),
        ("{{ -0xe }}", Text("-14")),
        ("{{ +0xe }}", Text("14")),
        ("{{ 0x }}", Refused(r#"1: illegal number syntax: "0x""#)),
        ("{{ 0x_1 }}", Text("1")),
        ("{{ 0x1_f }}", Text("31")),
        ("{{ 0b101 }}", Text("5")),
        ("{{ 0B11 }}", Text("3")),
        ("{{ 0b }}", Refused(r#"1: illegal number syntax: "0b""#)),
        ("{{ 0b2 }}", Refused(r#"1: bad number syntax: "0b2""#)),
        ("{{ 0o17 }}", Text("15")),
        ("{{ 0O17 }}", Text("15")),
        ("{{ 0o }}", Refused(r#"1: illegal number syntax: "0o""#)),
        ("{{ 0o8 }}", Refused(r#"1: bad number syntax: "0o8""#)),
        ("{{ 017 }}", Text("15")),
        ("{{ 08 }}", Refused(r#"1: integer overflow: "08""#)),
        ("{{ 1_000 }}", Text("1000")),
        ("{{ 1__0 }}", Refused(r#"1: illegal number syntax: "1__0""#)),
        ("{{ _1 }}", Refused(r#"1: function "_1" not defined"#)),
        ("{{ 1_ }}", Refused(r#"1: illegal number syntax: "1_""#)),
        ("{{ 0_7 }}", Text("7")),
        ("{{ 1e3 }}", Text("1000")),
        ("{{ 1E3 }}", Text("1000")),
        ("{{ 1e }}", Refused(r#"1: illegal number syntax: "1e""#)),
        ("{{ 1.5e-3 }}", Text("0.0015")),
        ("{{ .5 }}", Text("0.5")),
        ("{{ 5. }}", Text("5")),
        ("{{ 1.5.5 }}", Refused(r#"1: unexpected ".5" in operand"#)),
        ("{{ 0x1e }}", Text("30")),
        ("{{ -5 }}", Text("-5")),
        ("{{ +5 }}", Text("5")),
        ("{{ -0 }}", Text("0")),
        (
            "{{ 18446744073709551615 }}",
            Fails(r#"1:3: executing "" at <18446744073709551615>: 18446744073709551615 overflows int"#),
        ),
        ("{{ 9223372036854775807 }}", Text("9223372036854775807")),
        (
            "{{ 9223372036854775808 }}",
            Fails(r#"1:3: executing "" at <9223372036854775808>: 9223372036854775808 overflows int"#),
        ),
        ("{{ 18446744073709551616 }}", Refused(r#"1: integer overflow: "18446744073709551616""#)),
        ("{{ -9223372036854775808 }}", Text("-9223372036854775808")),
        ("{{ -9223372036854775809 }}", Refused(r#"1: integer overflow: "-9223372036854775809""#)),
        ("{{ 1e400 }}", Refused(r#"1: illegal number syntax: "1e400""#)),
        ("{{ 1_0.5 }}", Text("10.5")),
        ("{{ 1._5 }}", Refused(r#"1: illegal number syntax: "1._5""#)),
        ("{{ 1_.5 }}", Refused(r#"1: illegal number syntax: "1_.5""#)),
        ("{{ 1e1_0 }}", Text("1e+10")),
        ("{{ 1i }}", Text("(0+1i)")),
        ("{{ 1.5i }}", Text("(0+1.5i)")),
        ("{{ 0x1i }}", Refused(r#"1: illegal number syntax: "0x1i""#)),
        ("{{ 1+2i }}", Text("(1+2i)")),
        ("{{ 1-2i }}", Text("(1-2i)")),
        ("{{ 1+2 }}", Refused(r#"1: bad number syntax: "1+2""#)),
        ("{{ 1+-2i }}", Refused(r#"1: bad number syntax: "1+""#)),
        ("{{ +1+2i }}", Text("(1+2i)")),
        ("{{ 1_0i }}", Text("(0+10i)")),
        ("{{ 0b1i }}", Refused(r#"1: illegal number syntax: "0b1i""#)),
        ("{{ 08i }}", Text("(0+8i)")),
        ("{{ 5.i }}", Text("(0+5i)")),
        ("{{ 0x1.8 }}", Refused(r#"1: illegal number syntax: "0x1.8""#)),
        ("{{ 1a }}", Refused(r#"1: bad number syntax: "1a""#)),
        ("{{ 1é }}", Refused(r#"1: bad number syntax: "1é""#)),
        ("{{ 0xg }}", Refused(r#"1: bad number syntax: "0xg""#)),
        ("{{ 1p4 }}", Refused(r#"1: bad number syntax: "1p""#)),
        ("{{ 1+2a }}", Refused(r#"1: bad number syntax: "1+2a""#)),
        ("{{ 12345678901234567890123 }}", Refused(r#"1: integer overflow: "12345678901234567890123""#)),
        ("{{ 0e0 }}", Text("0")),
        ("{{ 00 }}", Text("0")),
        ("{{ 0x0 }}", Text("0")),
        ("{{ 1+2ii }}", Refused(r#"1: bad number syntax: "1+2ii""#)),
    ]);
}

#[test]
fn names_of_tokens() {
    check(&[
        ("{{ if true }}{{ end abcdefghijk }}", Refused(r#"1: unexpected "abcdefghij"... in end"#)),
        ("{{ if true }}{{ end abcdefghij }}", Refused(r#"1: unexpected "abcdefghij" in end"#)),
        (r#"{{ if true }}{{ end "abcdefgh" }}"#, Refused(r#"1: unexpected "\"abcdefgh\"" in end"#)),
        (r#"{{ if true }}{{ end "abcdefghi" }}"#, Refused(r#"1: unexpected "\"abcdefghi"... in end"#)),
        ("{{ if true }}", Refused("1: unexpected EOF")),
        (r#"{{ define "a" }}"#, Refused("1: unexpected EOF")),
        (r#"{{ define "a" }}x{{ end"#, Refused("1: unclosed action")),
        ("{{ .Zone", Refused("1: unclosed action")),
        ("{{ if true }}{{ end if }}", Refused("1: unexpected <if> in end")),
        ("{{ template }}", Refused(r#"1: unexpected "}}" in template clause"#)),
        ("{{ template 1 }}", Refused(r#"1: unexpected "1" in template clause"#)),
        ("{{ template abcdefghijklm }}", Refused(r#"1: unexpected "abcdefghij"... in template clause"#)),
        ("{{ with }}{{ end }}", Refused("1: missing value for with")),
        ("{{ end }}", Refused("1: unexpected {{end}}")),
        ("{{ else }}", Refused("1: unexpected {{else}}")),
        ("{{ range }}{{ end }}", Refused("1: missing value for range")),
        ("{{ break }}", Refused("1: {{break}} outside {{range}}")),
        ("{{ continue }}", Refused("1: {{continue}} outside {{range}}")),
        ("{{ (1 }}", Refused("1: unclosed left paren")),
        ("{{ 1) }}", Refused("1: unexpected right paren")),
        ("{{ () }}", Refused("1: missing value for parenthesized pipeline")),
    ]);
}

#[test]
fn lines_are_counted() {
    check(&[
        ("{{/* a\n */}}{{ nosuch }}", Refused(r#"2: function "nosuch" not defined"#)),
        ("{{/* a\n\n */}}\n{{ nosuch }}", Refused(r#"4: function "nosuch" not defined"#)),
        ("a\nb\n{{ nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        ("{{- /* a\n */ -}}\n\n{{ nosuch }}", Refused(r#"4: function "nosuch" not defined"#)),
        ("\n{{ `a\nb` }}{{ nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        ("{{/*\n*/}}{{/*\n*/}}x{{ nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        ("{{ 1 -}}\n\n{{ nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        ("\n\n{{- 1 }}{{ nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        ("{{/* a\n\n\n", Refused("1: unclosed comment")),
        ("{{/* a\n */ x }}", Refused("1: comment ends before closing delimiter")),
        ("{{\n/* a */}}", Refused(r#"2: unexpected "/" in command"#)),
        ("{{ \"a\n\" }}", Refused("1: unterminated quoted string")),
        ("\n{{ .Zone\n| nosuch }}", Refused(r#"3: function "nosuch" not defined"#)),
        (
            "é\n{{ .Nope }}",
            Fails(r#"2:3: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "{{ .Zone }}é{{ .Nope }}",
            Fails(r#"1:16: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "{{/* é\n */}}{{ .Nope }}",
            Fails(r#"2:8: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "a\n  {{- .Nope }}",
            Fails(r#"2:6: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "{{ 1 -}}  \n {{ .Nope }}",
            Fails(r#"2:4: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "{{/* x */ -}}  \n {{ .Nope }}",
            Fails(r#"2:4: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
    ]);
}

#[test]
fn trimming() {
    check(&[
        ("a  {{- 1 -}}  b", Text("a1b")),
        ("{{- 1 }}", Text("1")),
        (" {{- 1 }}", Text("1")),
        ("{{ 1 -}}", Text("1")),
        ("{{ 1 -}} ", Text("1")),
        ("{{1 -}} b", Text("1b")),
        ("{{1  -}} b", Text("1b")),
        ("{{ 1  -}}\n b", Text("1b")),
        ("{{ .Zone\n-}} b", Text("westb")),
        ("{{ print 1  -}} b", Text("1b")),
        ("a{{- 1 }}", Text("a1")),
        ("{{-1}}", Text("-1")),
        ("a {{- -1 }}", Text("a-1")),
        ("a {{-\n1 }}", Text("a1")),
        ("{{ 1-}} b", Refused(r#"1: bad number syntax: "1-""#)),
        ("a {{- /* x */}} b", Text("a b")),
        ("a {{/* x */ -}} b", Text("a b")),
        ("{{- /* x */ -}}", Text("")),
        ("a {{/* x */}}{{/* y */}} b", Text("a  b")),
        (" {{- /* x */ -}} {{- 1 }}", Text("1")),
        ("}} {{ 1 }} {", Text("}} 1 {")),
        ("{{ 1 }}{", Text("1{")),
        ("{ {{ 1 }}", Text("{ 1")),
    ]);
}

#[test]
fn nothing_as_a_value() {
    check(&[
        (r#"{{ define "a" }}{{ range . }}x{{ else }}y{{ end }}{{ end }}{{ template "a" }}"#, Text("y")),
        (r#"{{ define "a" }}{{ range . }}x{{ end }}{{ end }}{{ template "a" }}"#, Text("")),
        (r#"{{ define "a" }}{{ .X }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ .X.Y }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (
            r#"{{ define "a" }}{{ label . }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:25: executing "a" at <.>: invalid value; expected string"#),
        ),
        (
            r#"{{ define "a" }}{{ len . }}{{ end }}{{ template "a" }}"#,
            Fails(
                r#"1:19: executing "a" at <len .>: error calling len: reflect: call of reflect.Value.Type on zero Value"#,
            ),
        ),
        (
            r#"{{ define "a" }}{{ index "abc" . }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:19: executing "a" at <index "abc" .>: error calling index: cannot index slice/array with nil"#),
        ),
        (
            r#"{{ define "a" }}{{ index . 0 }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:19: executing "a" at <index . 0>: error calling index: index of untyped nil"#),
        ),
        (
            r#"{{ define "a" }}{{ slice "abc" . }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:19: executing "a" at <slice "abc" .>: error calling slice: cannot index slice/array with nil"#),
        ),
        (
            r#"{{ define "a" }}{{ slice . }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:19: executing "a" at <slice .>: error calling slice: slice of untyped nil"#),
        ),
        (r#"{{ define "a" }}{{ . }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ print . }}{{ end }}{{ template "a" }}"#, Text("<nil>")),
        (r#"{{ define "a" }}{{ printf "%v" . }}{{ end }}{{ template "a" }}"#, Text("<nil>")),
        (r#"{{ define "a" }}{{ eq . . }}{{ end }}{{ template "a" }}"#, Text("true")),
        (r#"{{ define "a" }}{{ eq . 1 }}{{ end }}{{ template "a" }}"#, Text("false")),
        (
            r#"{{ define "a" }}{{ lt . 1 }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:19: executing "a" at <lt . 1>: error calling lt: invalid type for comparison"#),
        ),
        (r#"{{ define "a" }}{{ not . }}{{ end }}{{ template "a" }}"#, Text("true")),
        (r#"{{ define "a" }}{{ if . }}x{{ else }}y{{ end }}{{ end }}{{ template "a" }}"#, Text("y")),
        (r#"{{ define "a" }}{{ with . }}x{{ else }}y{{ end }}{{ end }}{{ template "a" }}"#, Text("y")),
        (r#"{{ define "a" }}{{ html . }}{{ end }}{{ template "a" }}"#, Text("&lt;no value&gt;")),
        (r#"{{ define "a" }}{{ js . }}{{ end }}{{ template "a" }}"#, Text(r"\u003Cno value\u003E")),
        (r#"{{ define "a" }}{{ .X 1 }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ $ }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ and . 1 }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ println . }}{{ end }}{{ template "a" }}"#, Text("<nil>\n")),
        (r#"{{ define "a" }}{{ $x := . }}{{ $x.Y }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ (.).X }}{{ end }}{{ template "a" }}"#, Text("<no value>")),
        (r#"{{ define "a" }}{{ urlquery . }}{{ end }}{{ template "a" }}"#, Text("%3Cno+value%3E")),
        (
            r#"{{ define "a" }}{{ printf . }}{{ end }}{{ template "a" }}"#,
            Fails(r#"1:26: executing "a" at <.>: invalid value; expected string"#),
        ),
    ]);
}

#[test]
fn ranges() {
    check(&[
        ("{{ range 3 }}{{ . }}{{ end }}", Text("012")),
        ("{{ range 0 }}x{{ else }}y{{ end }}", Text("y")),
        ("{{ range -1 }}x{{ else }}y{{ end }}", Text("y")),
        (r#"{{ range index "\x03" 0 }}{{ printf "%T%v " . . }}{{ end }}"#, Text("uint80 uint81 uint82 ")),
        (r#"{{ range index "\x00" 0 }}x{{ else }}y{{ end }}"#, Text("y")),
        ("{{ range $i := 2 }}{{ $i }}{{ end }}", Text("01")),
        (
            "{{ range $i, $x := 2 }}{{ $i }}{{ end }}",
            Fails(r#"1:19: executing "" at <2>: can't use 2 to iterate over more than one variable"#),
        ),
        (
            r#"{{ range $i, $x := index "\x03" 0 }}{{ $i }}{{ end }}"#,
            Fails(r#"1:32: executing "" at <0>: can't use 3 to iterate over more than one variable"#),
        ),
        (r#"{{ range "abc" }}x{{ end }}"#, Fails(r#"1:9: executing "" at <"abc">: range can't iterate over abc"#)),
        (
            "{{ range . }}x{{ end }}",
            Fails(r#"1:9: executing "" at <.>: range can't iterate over {orders-x1 orders  default west}"#),
        ),
        ("{{ range 1.5 }}x{{ end }}", Fails(r#"1:9: executing "" at <1.5>: range can't iterate over 1.5"#)),
        ("{{ range true }}x{{ end }}", Fails(r#"1:9: executing "" at <true>: range can't iterate over true"#)),
        ("{{ range 5 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}", Text("01")),
        ("{{ range 4 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ . }}{{ end }}", Text("013")),
        ("{{ $x := 9 }}{{ range $x = 2 }}{{ $x }}{{ end }}{{ $x }}", Text("011")),
        ("{{ range $x, = 2 }}{{ end }}", Refused("1: range can only initialize variables")),
        ("{{ range $x, 2 }}{{ end }}", Refused("1: range can only initialize variables")),
        ("{{ range $x, $y, $z := 2 }}{{ end }}", Refused("1: too many declarations in range")),
        ("{{ if $x, $y := 2 }}{{ end }}", Refused("1: too many declarations in if")),
        ("{{ range 2 }}{{ break }}{{ end }}{{ break }}", Refused("1: {{break}} outside {{range}}")),
        ("{{ range 2 }}{{ range 2 }}{{ . }}{{ break }}{{ end }}{{ end }}", Text("00")),
        ("{{ if true }}{{ break }}{{ end }}", Refused("1: {{break}} outside {{range}}")),
        ("{{ range 2 }}{{ else }}{{ break }}{{ end }}", Refused("1: {{break}} outside {{range}}")),
        ("{{ range 2 }}{{ end }}{{ continue }}", Refused("1: {{continue}} outside {{range}}")),
        ("{{ with 1 }}{{ break }}{{ end }}", Refused("1: {{break}} outside {{range}}")),
        ("{{ range 2 }}{{ if true }}{{ break }}{{ end }}x{{ end }}y", Text("y")),
        ("{{ $x , := 1 }}", Refused("1: too many declarations in command")),
        ("{{ $x } 1 }}", Refused(r#"1: undefined variable "$x""#)),
        ("{{ range $x ; 1 }}{{ end }}", Refused(r#"1: undefined variable "$x""#)),
    ]);
}

#[test]
fn else_with_and_if() {
    check(&[
        ("{{ if false }}a{{ else with 2 }}b{{ . }}{{ end }}", Refused("1: unexpected <with> in input")),
        ("{{ with 0 }}a{{ else if true }}b{{ end }}", Refused("1: unexpected <if> in input")),
        ("{{ with 0 }}a{{ else with 2 }}b{{ . }}{{ end }}", Text("b2")),
        ("{{ with 0 }}a{{ else with 0 }}b{{ else }}c{{ end }}", Text("c")),
        ("{{ if 0 }}a{{ else if 0 }}b{{ else if 1 }}c{{ else }}d{{ end }}", Text("c")),
        ("{{ range 0 }}a{{ else if true }}b{{ end }}", Refused("1: unexpected <if> in input")),
        ("{{ range 0 }}a{{ else with 1 }}b{{ end }}", Refused("1: unexpected <with> in input")),
        ("{{ if 0 }}a{{ else }}b{{ else }}c{{ end }}", Refused("1: expected end; found {{else}}")),
        ("{{ with 0 }}{{ else 1 }}{{ end }}", Refused(r#"1: unexpected "1" in else"#)),
        ("{{ if 0 }}a{{ else with }}b{{ end }}", Refused("1: unexpected <with> in input")),
    ]);
}

#[test]
fn fields_of_what_stands_before() {
    check(&[
        ("{{ $x := . }}{{ $x.Zone }}", Text("west")),
        ("{{ ($).Zone }}", Text("west")),
        ("{{ (.).Zone }}", Text("west")),
        ("{{ .Zone.X }}", Fails(r#"1:8: executing "" at <.Zone.X>: can't evaluate field X in type string"#)),
        ("{{ $.Zone.X }}", Fails(r#"1:4: executing "" at <$.Zone.X>: can't evaluate field X in type string"#)),
        ("{{ (print 1).X }}", Fails(r#"1:10: executing "" at <1>: can't evaluate field X in type string"#)),
        (r#"{{ ("a").X }}"#, Fails(r#"1:4: executing "" at <"a">: can't evaluate field X in type string"#)),
        (r#"{{ "a".X }}"#, Refused(r#"1: unexpected . after term "\"a\"""#)),
        ("{{ 1.X }}", Refused(r#"1: bad number syntax: "1.X""#)),
        ("{{ nil.X }}", Refused(r#"1: unexpected . after term "nil""#)),
        ("{{ ..Zone }}", Refused(r#"1: unexpected . after term ".""#)),
        ("{{ $x := . }}{{ ($x).Zone }}", Text("west")),
        ("{{ label.X }}", Fails(r#"1:3: executing "" at <label>: wrong number of args for label: want 1 got 0"#)),
        ("{{ (index .Zone 0).X }}", Fails(r#"1:16: executing "" at <0>: can't evaluate field X in type uint8"#)),
        ("{{ $.Zone.X.Y }}", Fails(r#"1:4: executing "" at <$.Zone.X.Y>: can't evaluate field X in type string"#)),
        ("{{ $x := 1 }}{{ $x.a.b }}", Fails(r#"1:18: executing "" at <$x.a.b>: can't evaluate field a in type int"#)),
        ("{{ (1) }}", Text("1")),
        (
            "{{ (.Nope) }}",
            Fails(r#"1:4: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        (
            "{{ print (.Nope) }}",
            Fails(r#"1:10: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        ("{{ print (1).X }}", Fails(r#"1:10: executing "" at <1>: can't evaluate field X in type int"#)),
        ("{{ (.Zone | print).X }}", Fails(r#"1:12: executing "" at <print>: can't evaluate field X in type string"#)),
        ("{{ true.X }}", Refused(r#"1: unexpected . after term "true""#)),
    ]);
}

#[test]
fn definitions_once_more() {
    check(&[
        (r#"{{ define "a" }}1{{ end }}{{ define "a" }} {{ end }}{{ template "a" }}"#, Text("1")),
        (r#"{{ define "a" }} {{ end }}{{ define "a" }}1{{ end }}{{ template "a" }}"#, Text("1")),
        (
            r#"{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}"#,
            Refused(r#"1: template: multiple definition of template "a""#),
        ),
        ("{{ define \"a\" }} {{ end }}{{ define \"a\" }}\n{{ end }}[{{ template \"a\" }}]", Text("[\n]")),
        (r#"{{ define "a" }}{{ end }}{{ template "a" }}"#, Text("")),
        (r#"{{ block "a" . }}x{{ end }}{{ define "a" }} {{ end }}"#, Text("x")),
        (r#"{{ define "a" }}{{/* c */}}{{ end }}{{ define "a" }}2{{ end }}{{ template "a" }}"#, Text("2")),
        (
            r#"{{ define "a" }}{{ 1 }}{{ end }}{{ define "a" }}{{ "" }}{{ end }}"#,
            Refused(r#"1: template: multiple definition of template "a""#),
        ),
    ]);
}

#[test]
fn endless_templates() {
    check(&[
        (
            r#"{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "a"}}{{end}}{{template "a"}}"#,
            Fails(r#"1:62: executing "b" at <{{template "a"}}>: exceeded maximum template depth (100000)"#),
        ),
        (
            r#"{{define "x"}}{{template "a"}}{{end}}{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "a"}}{{end}}{{template "x"}}"#,
            Fails(r#"1:62: executing "a" at <{{template "b"}}>: exceeded maximum template depth (100000)"#),
        ),
        (
            r#"{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "c"}}{{end}}{{define "c"}}{{template "a"}}{{end}}{{template "a"}}"#,
            Fails(r#"1:25: executing "a" at <{{template "b"}}>: exceeded maximum template depth (100000)"#),
        ),
        (
            r#"{{define "x"}}{{template "a"}}{{end}}{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "c"}}{{end}}{{define "c"}}{{template "a"}}{{end}}{{template "x"}}"#,
            Fails(r#"1:136: executing "c" at <{{template "a"}}>: exceeded maximum template depth (100000)"#),
        ),
        (
            r#"{{define "y"}}{{template "x"}}{{end}}{{define "x"}}{{template "a"}}{{end}}{{define "a"}}{{template "b"}}{{end}}{{define "b"}}{{template "c"}}{{end}}{{define "c"}}{{template "a"}}{{end}}{{template "y"}}"#,
            Fails(r#"1:136: executing "b" at <{{template "c"}}>: exceeded maximum template depth (100000)"#),
        ),
        (
            r#"{{define "a"}}{{template "a"}}{{end}}{{template "a"}}"#,
            Fails(r#"1:25: executing "a" at <{{template "a"}}>: exceeded maximum template depth (100000)"#),
        ),
    ]);
}

#[test]
fn javascript_and_html() {
    check(&[
        (r#"{{ js "é\u00ad\x7f<" }}"#, Text("é\\u00AD\u{7f}\\u003C")),
        (r#"{{ js "😀\U000e0001" }}"#, Text(r"😀\uE0001")),
        (r#"{{ html "a<b\x00" }}"#, Text("a&lt;b�")),
        (r#"{{ urlquery "a b/é" }}"#, Text("a+b%2F%C3%A9")),
        (r#"{{ js 1 nil "a" }}"#, Text(r"1\u003Cno value\u003Ea")),
    ]);
}

#[test]
fn types_of_numbers() {
    check(&[
        (r#"{{ printf "%T %v" 0xe 0xe }}"#, Text("int 14")),
        (r#"{{ printf "%T %v" +0xe +0xe }}"#, Text("float64 14")),
        (r#"{{ printf "%T %v" -0xe -0xe }}"#, Text("float64 -14")),
        (r#"{{ printf "%T %v" 0Xe 0Xe }}"#, Text("int 14")),
        (r#"{{ printf "%T %v" 0XE 0XE }}"#, Text("int 14")),
        (r#"{{ printf "%T %v" +0XE +0XE }}"#, Text("float64 14")),
        (r#"{{ printf "%T %v" 1e3 1e3 }}"#, Text("float64 1000")),
        (r#"{{ printf "%T %v" 1.0 1.0 }}"#, Text("float64 1")),
        (r#"{{ printf "%T %v" 1000 1000 }}"#, Text("int 1000")),
        (r#"{{ printf "%T %v" 1_000 1_000 }}"#, Text("int 1000")),
        (r#"{{ printf "%T %v" 0b11 0b11 }}"#, Text("int 3")),
        (r#"{{ printf "%T %v" 017 017 }}"#, Text("int 15")),
        (r#"{{ printf "%T %v" 'a' 'a' }}"#, Text("int 97")),
        (r#"{{ printf "%T %v" 1i 1i }}"#, Text("complex128 (0+1i)")),
        (r#"{{ printf "%T %v" 1e0 1e0 }}"#, Text("float64 1")),
        (r#"{{ printf "%T %v" -1e3 -1e3 }}"#, Text("float64 -1000")),
        (r#"{{ printf "%T %v" 0x1e 0x1e }}"#, Text("int 30")),
        (r#"{{ printf "%T %v" +0x1e +0x1e }}"#, Text("float64 30")),
        (r#"{{ printf "%T %v" -0X1E -0X1E }}"#, Text("float64 -30")),
        ("{{ +0x }}", Refused(r#"1: illegal number syntax: "+0x""#)),
        ("{{ -0x }}", Refused(r#"1: illegal number syntax: "-0x""#)),
        ("{{ 1_e3 }}", Refused(r#"1: illegal number syntax: "1_e3""#)),
        ("{{ 1e_3 }}", Refused(r#"1: illegal number syntax: "1e_3""#)),
        ("{{ 1e3_ }}", Refused(r#"1: illegal number syntax: "1e3_""#)),
        ("{{ 0b1_a }}", Refused(r#"1: bad number syntax: "0b1_a""#)),
        ("{{ 0x1_g }}", Refused(r#"1: bad number syntax: "0x1_g""#)),
        ("{{ 1_a }}", Refused(r#"1: bad number syntax: "1_a""#)),
        ("{{ 0o1_e }}", Refused(r#"1: bad number syntax: "0o1_e""#)),
        ("{{ +_1 }}", Refused(r#"1: illegal number syntax: "+_1""#)),
        ("{{ 0x_ }}", Refused(r#"1: illegal number syntax: "0x_""#)),
        ("{{ 0b_1 }}", Text("1")),
        ("{{ 0_b1 }}", Refused(r#"1: bad number syntax: "0_b""#)),
        ("{{ 1_f }}", Refused(r#"1: bad number syntax: "1_f""#)),
    ]);
}

#[test]
fn wrong_indexes() {
    check(&[
        (
            r#"{{ index "abc" "x" }}"#,
            Fails(
                r#"1:3: executing "" at <index "abc" "x">: error calling index: cannot index slice/array with type string"#,
            ),
        ),
        (
            r#"{{ index "abc" 1.5 }}"#,
            Fails(
                r#"1:3: executing "" at <index "abc" 1.5>: error calling index: cannot index slice/array with type float64"#,
            ),
        ),
        (
            r#"{{ index "abc" true }}"#,
            Fails(
                r#"1:3: executing "" at <index "abc" true>: error calling index: cannot index slice/array with type bool"#,
            ),
        ),
        (
            r#"{{ index "abc" nil }}"#,
            Fails(r#"1:3: executing "" at <index "abc" nil>: error calling index: cannot index slice/array with nil"#),
        ),
        (
            r#"{{ index "abc" 3 }}"#,
            Fails(r#"1:3: executing "" at <index "abc" 3>: error calling index: reflect: string index out of range"#),
        ),
        (
            r#"{{ index "abc" 4 }}"#,
            Fails(r#"1:3: executing "" at <index "abc" 4>: error calling index: index out of range: 4"#),
        ),
        (
            r#"{{ index "abc" -1 }}"#,
            Fails(r#"1:3: executing "" at <index "abc" -1>: error calling index: index out of range: -1"#),
        ),
        (r#"{{ index "abc" }}"#, Text("abc")),
        (
            r#"{{ slice "abc" "x" }}"#,
            Fails(
                r#"1:3: executing "" at <slice "abc" "x">: error calling slice: cannot index slice/array with type string"#,
            ),
        ),
        (
            r#"{{ slice "abc" 1 nil }}"#,
            Fails(
                r#"1:3: executing "" at <slice "abc" 1 nil>: error calling slice: cannot index slice/array with nil"#,
            ),
        ),
        (
            r#"{{ slice "abc" 2 1 }}"#,
            Fails(r#"1:3: executing "" at <slice "abc" 2 1>: error calling slice: invalid slice index: 2 > 1"#),
        ),
        (
            r#"{{ slice "abc" 4 }}"#,
            Fails(r#"1:3: executing "" at <slice "abc" 4>: error calling slice: index out of range: 4"#),
        ),
        (
            r#"{{ slice "abc" 1 2 3 }}"#,
            Fails(r#"1:3: executing "" at <slice "abc" 1 2 3>: error calling slice: cannot 3-index slice a string"#),
        ),
        (
            "{{ index 1 0 }}",
            Fails(r#"1:3: executing "" at <index 1 0>: error calling index: can't index item of type int"#),
        ),
        (
            "{{ slice 1 0 }}",
            Fails(r#"1:3: executing "" at <slice 1 0>: error calling slice: can't slice item of type int"#),
        ),
        (
            r#"{{ index "abc" 0 0 }}"#,
            Fails(r#"1:3: executing "" at <index "abc" 0 0>: error calling index: can't index item of type uint8"#),
        ),
        (
            "{{ index .Zone . }}",
            Fails(
                r#"1:3: executing "" at <index .Zone .>: error calling index: cannot index slice/array with type hostname.meshedName"#,
            ),
        ),
    ]);
}

#[test]
fn places_of_parentheses() {
    check(&[
        ("{{ (1) 2 }}", Fails(r#"1:3: executing "" at <(1) 2>: can't give argument to non-function 1"#)),
        (
            "{{ (print 1) 2 }}",
            Fails(r#"1:3: executing "" at <(print 1) 2>: can't give argument to non-function print 1"#),
        ),
        ("{{ label (1) }}", Fails(r#"1:10: executing "" at <1>: wrong type for value; expected string; got int"#)),
        (
            "{{ label (print 1) }}",
            Fails(r#"1:3: executing "" at <label (print 1)>: error calling label: label 1 not found"#),
        ),
        (
            "{{ print (1) (.Nope) }}",
            Fails(r#"1:14: executing "" at <.Nope>: can't evaluate field Nope in type hostname.meshedName"#),
        ),
        ("{{ (.Nope) 1 }}", Fails(r#"1:3: executing "" at <(.Nope) 1>: can't give argument to non-function .Nope"#)),
        ("{{ print ((1).X) }}", Fails(r#"1:11: executing "" at <1>: can't evaluate field X in type int"#)),
        ("{{ (1 2) }}", Fails(r#"1:4: executing "" at <1>: can't give argument to non-function 1"#)),
        ("{{ ((1)) 2 }}", Fails(r#"1:3: executing "" at <((1)) 2>: can't give argument to non-function (1)"#)),
        ("{{ len (1) }}", Fails(r#"1:3: executing "" at <len (1)>: error calling len: len of type int"#)),
        ("{{ label  ( 1 ) }}", Fails(r#"1:12: executing "" at <1>: wrong type for value; expected string; got int"#)),
        (
            r#"{{ (label "x") 1 }}"#,
            Fails(r#"1:3: executing "" at <(label "x") 1>: can't give argument to non-function label "x""#),
        ),
        (
            r#"{{ print (label "x") }}"#,
            Fails(r#"1:10: executing "" at <label "x">: error calling label: label x not found"#),
        ),
        (
            r#"{{ eq (1) ("a") }}"#,
            Fails(
                r#"1:3: executing "" at <eq (1) ("a")>: error calling eq: incompatible types for comparison: int and string"#,
            ),
        ),
    ]);
}

#[test]
fn lines_are_counted_in_comments() {
    check(&[
        ("{{/* a */\n-}}{{ nosuch }}", Refused(r#"2: function "nosuch" not defined"#)),
        ("{{/* a */\n-}}\n\n{{ nosuch }}", Refused(r#"4: function "nosuch" not defined"#)),
        ("{{-\n/* a */\n-}}\n{{ nosuch }}", Refused(r#"4: function "nosuch" not defined"#)),
        ("{{/* a\n\n*/\n-}}b\n{{ nosuch }}", Refused(r#"5: function "nosuch" not defined"#)),
    ]);
}

#[test]
fn limits_are_inclusive() {
    let evaluated = |text: &str| evaluate(text).0 == 'T';
    let both = |fine: &str, too_much: &str| {
        assert!(evaluated(fine), "{}", fine.chars().take(60).collect::<String>());
        assert_eq!(evaluate(too_much).0, 'N', "{}", too_much.chars().take(60).collect::<String>());
    };
    // each turn takes two steps, and the whole two more
    both("{{ range 49999 }}{{ end }}", "{{ range 50000 }}{{ end }}");
    both(r#"{{ printf "%60000d" 1 }}"#, r#"{{ printf "%60001d" 1 }}"#);
    both(r#"{{ printf "%60000s" "" }}"#, r#"{{ printf "%60001s" "" }}"#);
    both(r#"{{ printf "%.60000d" 1 }}"#, r#"{{ printf "%.60001d" 1 }}"#);
    both(r#"{{ printf "%.60000g" 1.5 }}"#, r#"{{ printf "%.60001g" 1.5 }}"#);
    both(r#"{{ printf "%300d%300d" 1 1 }}"#, r#"{{ printf "%30000d%30001d" 1 1 }}"#);
    both(r#"{{ printf "%300d" 1 }}{{ printf "%300d" 1 }}"#, r#"{{ printf "%30000d" 1 }}{{ printf "%30001d" 1 }}"#);
    both(r#"{{ printf "%30000d" 1 }}{{ printf "%30000d" 1 }}"#, r#"{{ printf "%60000d" 1 }}x"#);
    let escaped = |count: usize| format!("{{{{ $x := js \"{}\" }}}}", "<".repeat(count));
    both(&escaped(10_000), &escaped(10_001));
    // 128 texts of 32768 bytes are 4 MiB
    let work = |count: usize| {
        format!("{{{{ $x := printf \"%32768d\" 1 }}}}{{{{ range {count} }}}}{{{{ $y := print $x }}}}{{{{ end }}}}")
    };
    both(&work(127), &work(128));
    let long = |length: usize| format!("{}{{{{/*{}*/}}}}", "x".repeat(1000), "y".repeat(length - 1008));
    both(&long(65_536), &long(65_537));
    assert_eq!(evaluate(r#"{{ printf "%10000000d" 1 }}"#).0, 'N');
    // what stands one after the other is not nested
    assert!(evaluated(&"{{ if true }}{{ end }}".repeat(250)));
    assert!(evaluated(&"{{ (1) }}".repeat(250)));
}

#[test]
fn refusals_are_told_in_words() {
    assert_eq!(parse("{{ end }}").unwrap_err().to_string(), "template: :1: unexpected {{end}}");
    let what = parse("{{ 0x1p4 }}").unwrap_err();
    assert_eq!(what.to_string(), "not evaluated: a hexadecimal floating-point constant");
    assert_eq!(evaluate("{{ 0x1p }}").0, 'N');
    assert_eq!(evaluate("{{ 0xep }}").0, 'N');
    assert_eq!(evaluate("{{ 1.5+.5i }}").0, 'N');
    assert_eq!(evaluate("{{ 1e2+1i }}").0, 'N');
}

#[test]
fn what_is_not_computed_says_so() {
    let long = "x".repeat(70_000);
    let deep = "(".repeat(200);
    let grows = r#"{{ define "a" }}{{ template "a" (print . "x") }}{{ end }}{{ template "a" "" }}"#;
    let doubles = r#"{{ $x := "xxxxxxxx" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}"#;
    for text in [
        "{{ 0x1p4 }}",
        r#"{{ printf "%x" 1.5 }}"#,
        r#"{{ "\xff" }}"#,
        "{{ range 1000000000 }}{{ end }}",
        r#"{{ printf "%900000d" 1 }}"#,
        r#"{{ printf "%.65536U" 1 }}"#,
        r#"{{ printf "%.65536f" 1.5 }}"#,
        &format!("{{{{ {deep} }}}}"),
        &long,
        grows,
        doubles,
    ] {
        assert_eq!(evaluate(text).0, 'N', "{}", text.chars().take(60).collect::<String>());
    }
}

#[test]
fn a_refusal_tells_where() {
    let Err(ParseError::Go { message, offset }) = parse("{{ .Name }}.{{ nosuch }}") else { panic!("taken") };
    assert_eq!((message.as_str(), offset), (r#"template: :1: function "nosuch" not defined"#, 15));
}

#[test]
fn kuma_checks_a_template_with_made_up_values() {
    let dns =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
               start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
               '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    let reason = |text: &str| refusal(text).unwrap();
    assert_eq!(reason("{{ .DisplayName }}.{{ label \"team\" }}.local"), None);
    assert_eq!(reason(""), Some("must not be empty".into()));
    assert_eq!(reason("{{ .DisplayName "), Some("couldn't parse template: template: :1: unclosed action".into()));
    assert_eq!(
        reason("{{ .DisplayNam }}.local"),
        Some(
            "couldn't render template with stub values: template: :1:3: executing \"\" at <.DisplayNam>: can't evaluate \
             field DisplayNam in type struct { Name string; DisplayName string; Namespace string; Mesh string; Zone \
             string }"
                .into()
        )
    );
    assert_eq!(
        reason("{{ .DisplayName }}_x.local"),
        Some(format!("template renders to \"displayname_x.local\" which is not a valid DNS name: {dns}"))
    );
}

#[test]
fn a_hostname_or_kumas_message() {
    let of = |text: &str| hostname(&parse(text), &data());
    assert_eq!(
        of("{{ .DisplayName }}.{{ label \"team\" }}.local"),
        Hostname::Generated("orders.checkout.local".into())
    );
    assert_eq!(
        of("{{ .DisplayName }}.{{ label \"zone\" }}.local"),
        Hostname::TemplateError(
            "pre evaluation of template with parameters failed with error=\"template: :1:22: executing \\\"\\\" at \
             <label \\\"zone\\\">: error calling label: label zone not found\""
                .into()
        )
    );
    let Hostname::TemplateError(message) = of("{{ .DisplayName }}..local") else { panic!("generated") };
    assert!(message.starts_with("generated hostname \"orders..local\" is not a valid DNS name: a lowercase RFC 1123"));
    let Hostname::TemplateError(message) = of(&"a".repeat(254)) else { panic!("generated") };
    assert!(message.ends_with(" is not a valid DNS name: must be no more than 253 characters"));
}

#[test]
fn dns_names() {
    for good in ["a", "a.b-c.d", "0.local", &"a".repeat(253)] {
        assert_eq!(dns_problem(good), None, "{good}");
    }
    for bad in ["", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "A", "a_b", "*.a", "é", &"a".repeat(254)] {
        assert!(dns_problem(bad).is_some(), "{bad}");
    }
}

/// Pieces of templates, in any order.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        " ",
        "\n",
        ".Zone",
        ".Foo",
        "$",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "template",
        "block",
        "break",
        "\"a\"",
        "`b`",
        "'c'",
        "1",
        "-2.5",
        "0x1F",
        "3i",
        "printf",
        "\"%[2]*.[1]*f\"",
        "index",
        "slice",
        "len",
        "and",
        "or",
        "eq",
        "lt",
        "label",
        "call",
        "nil",
        "/*",
        "*/",
        ",",
        "é",
        "\\",
        "%",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_panics(pieces in prop::collection::vec(piece(), 0..24)) {
        evaluate(&pieces.concat());
        evaluate(&pieces.join(" "));
    }

    #[test]
    fn formats_never_panic(format in "(%[-+# 0]{0,3}[0-9]{0,7}(\\.[0-9]{0,7})?(\\[[0-9]{1,2}\\])?[a-zA-Z%é*]?){0,4}") {
        evaluate(&format!("{{{{ printf `{format}` 1 .Zone 2.5 . }}}}"));
    }

    #[test]
    fn text_without_actions_stays(text in "[^{]*") {
        prop_assert_eq!(evaluate(&text), ('T', text));
    }
}
