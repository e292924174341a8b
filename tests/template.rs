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
