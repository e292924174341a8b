//! HTTP matches: what takes a request, which goes first, what becomes of the request, what hides what.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;

use meshscope::diagnostic::SourceId;
use meshscope::resource::{HeaderMatch, HeaderMatchType, HttpMatch, PathMatch, QueryMatch};
use meshscope::traffic::http::{
    catch_all, change_headers, covers, expand, hidden_by, is_catch_all, matches, order, redirect, rewrite_path, Covers,
    Criterion, Expanded, Filter, HeaderModifier, MatchOrder, MatchVerdict, Matcher, PathRewrite, Redirect, Request,
};
use meshscope::yaml::{read, Limits, Node};
use proptest::prelude::*;
use serde_json::Value as Json;

fn node(text: &str) -> Node {
    *read(SourceId(0), text, &Limits::default()).documents.into_iter().next().unwrap().root.unwrap()
}

/// A match as it is written in a MeshHTTPRoute.
fn condition(text: &str) -> HttpMatch {
    HttpMatch::read(&node(text))
}

fn exact(path: &str) -> HttpMatch {
    HttpMatch { path: Some(PathMatch::Exact(path.into())), ..HttpMatch::default() }
}

fn prefix(path: &str) -> HttpMatch {
    HttpMatch { path: Some(PathMatch::PathPrefix(path.into())), ..HttpMatch::default() }
}

fn regex(path: &str) -> HttpMatch {
    HttpMatch { path: Some(PathMatch::RegularExpression(path.into())), ..HttpMatch::default() }
}

/// `GET /path`, then headers as `name: value`.
fn request(line: &str, headers: &[&str]) -> Request {
    let (method, path) = line.split_once(' ').unwrap();
    let header = |h: &&str| h.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap();
    Request { method: method.into(), path: path.into(), headers: headers.iter().map(header).collect() }
}

/// `yes`, the reason why not, or `?` and why it is not evaluated.
fn verdict(condition: &HttpMatch, request: &Request) -> String {
    match matches(condition, request) {
        MatchVerdict::Yes => "yes".into(),
        MatchVerdict::No { reason } => reason,
        MatchVerdict::NotEvaluated { reason } => format!("? {reason}"),
    }
}

mod paths {
    use super::*;

    fn path(condition: &HttpMatch, path: &str) -> String {
        verdict(condition, &request(&format!("GET {path}"), &[]))
    }

    #[test]
    fn exact_is_the_whole_path_without_the_query() {
        assert_eq!(path(&exact("/exact"), "/exact"), "yes");
        assert_eq!(path(&exact("/exact"), "/exact?a=/b"), "yes");
        assert_eq!(path(&exact("/exact"), "/exact/"), "path `/exact/` is not `/exact`");
    }

    #[test]
    fn a_prefix_goes_by_segments() {
        assert_eq!(path(&prefix("/v2"), "/v2"), "yes");
        assert_eq!(path(&prefix("/v2"), "/v2/"), "yes");
        assert_eq!(path(&prefix("/v2"), "/v2/items?x=1"), "yes");
        assert_eq!(path(&prefix("/v2"), "/v2x"), "path `/v2x` does not have the prefix `/v2`");
        assert_eq!(path(&prefix("/v2"), "/v1"), "path `/v1` does not have the prefix `/v2`");
    }

    #[test]
    fn the_root_prefix_and_no_path_take_every_path() {
        for any in [prefix("/"), HttpMatch::default()] {
            assert_eq!(path(&any, "/"), "yes");
            assert_eq!(path(&any, "/a/b?c"), "yes");
        }
    }

    #[test]
    fn a_regular_expression_matches_as_a_whole() {
        assert_eq!(path(&regex("/r/[0-9]+"), "/r/12?a"), "yes");
        assert_eq!(path(&regex("/r/[0-9]+"), "/r/12a"), "path `/r/12a` does not match `/r/[0-9]+` as a whole");
    }

    #[test]
    fn case_and_dots_count() {
        assert_eq!(path(&exact("/A"), "/a"), "path `/a` is not `/A`");
        assert_eq!(path(&prefix("/a"), "/b/../a"), "path `/b/../a` does not have the prefix `/a`");
    }

    #[test]
    fn a_broken_regular_expression_is_not_evaluated() {
        assert_eq!(
            path(&regex("/["), "/"),
            "? Envoy refuses the regular expression `/[` (missing ]: [), and with it the proxy's configuration"
        );
        assert_eq!(
            path(&regex(r"/\pL"), "/a"),
            r"? the regular expression `/\pL` has a Unicode group such as `\pL`, which is not evaluated here"
        );
    }
}

mod other_conditions {
    use super::*;

    fn header(text: &str) -> HttpMatch {
        condition(&format!("headers: [{text}]"))
    }

    #[test]
    fn a_method_is_equal() {
        let delete = condition("method: DELETE");
        assert_eq!(verdict(&delete, &request("DELETE /", &[])), "yes");
        assert_eq!(verdict(&delete, &request("GET /", &[])), "method is GET, not DELETE");
    }

    #[test]
    fn header_types() {
        let with = |value: &str| request("GET /", &[&format!("X-A: {value}")]);
        let without = request("GET /", &[]);
        let cases = [
            ("{name: x-a, value: '1'}", "1", "yes", "2", "header `x-a` is `2`, not `1`", "header `x-a` is missing"),
            (
                "{type: Prefix, name: x-a, value: pre}",
                "prefix",
                "yes",
                "post",
                "header `x-a` is `post`, which does not start with `pre`",
                "header `x-a` is missing",
            ),
            (
                "{type: RegularExpression, name: x-a, value: 'v[12]'}",
                "v1",
                "yes",
                "v12",
                "header `x-a` is `v12`, which does not match `v[12]` as a whole",
                "header `x-a` is missing",
            ),
            ("{type: Present, name: x-a}", "", "yes", "1", "yes", "header `x-a` is missing"),
            ("{type: Absent, name: x-a}", "1", "header `x-a` is there", "", "header `x-a` is there", "yes"),
            ("{type: Prefix, name: x-a, value: ''}", "1", "yes", "2", "yes", "header `x-a` is missing"),
        ];
        for (text, first, first_result, second, second_result, missing) in cases {
            assert_eq!(verdict(&header(text), &with(first)), first_result, "{text}");
            assert_eq!(verdict(&header(text), &with(second)), second_result, "{text}");
            assert_eq!(verdict(&header(text), &without), missing, "{text}");
        }
    }

    #[test]
    fn several_values_are_one_text_with_commas() {
        let request = request("GET /", &["x-a: 1", "x-b: 0", "X-A: 2"]);
        assert_eq!(verdict(&header("{name: x-a, value: '1,2'}"), &request), "yes");
        assert_eq!(verdict(&header("{name: x-a, value: '1'}"), &request), "header `x-a` is `1,2`, not `1`");
    }

    #[test]
    fn the_first_condition_on_a_name_counts() {
        let twice = header("{name: x-a, value: '1'}, {name: x-a, value: '2'}");
        assert_eq!(verdict(&twice, &request("GET /", &["x-a: 1"])), "yes");
    }

    #[test]
    fn headers_that_envoy_handles_are_not_evaluated() {
        for (name, given) in [("x-request-id", None), ("connection", Some("connection: close"))] {
            let text =
                verdict(&header(&format!("{{type: Present, name: {name}}}")), &request("GET /", given.as_slice()));
            assert!(text.starts_with("? Envoy itself sets or removes"), "{text}");
        }
        let given = request("GET /", &["x-request-id: 7"]);
        assert_eq!(verdict(&header("{name: x-request-id, value: '7'}"), &given), "yes");
    }

    #[test]
    fn query_parameters_are_compared_as_written() {
        let v2 = condition("queryParams: [{type: Exact, name: v, value: '2'}]");
        assert_eq!(verdict(&v2, &request("GET /?v=2", &[])), "yes");
        assert_eq!(verdict(&v2, &request("GET /?a&v=2&v=3", &[])), "yes");
        assert_eq!(verdict(&v2, &request("GET /?v=%32", &[])), "query parameter `v` is `%32`, not `2`");
        assert_eq!(verdict(&v2, &request("GET /?V=2", &[])), "query parameter `v` is missing");
        let number = condition("queryParams: [{type: RegularExpression, name: r, value: '[0-9]+'}]");
        assert_eq!(verdict(&number, &request("GET /?r=12", &[])), "yes");
        assert_eq!(
            verdict(&number, &request("GET /?r", &[])),
            "query parameter `r` is ``, which does not match `[0-9]+` as a whole"
        );
    }

    #[test]
    fn all_conditions_must_hold_and_a_certain_no_outweighs_the_unknown() {
        let both = condition("{path: {type: RegularExpression, value: '/['}, method: POST}");
        assert_eq!(verdict(&both, &request("GET /", &[])), "method is GET, not POST");
        let all = condition("{path: {type: PathPrefix, value: /a}, method: GET, headers: [{name: h, value: '1'}]}");
        assert_eq!(verdict(&all, &request("GET /a/b", &["h: 1"])), "yes");
        assert_eq!(verdict(&all, &request("GET /a/b", &[])), "header `h` is missing");
    }

    #[test]
    fn requests_without_a_path_are_not_evaluated() {
        assert!(verdict(&prefix("/"), &request("OPTIONS *", &[])).starts_with('?'));
        assert!(verdict(&prefix("/"), &request("CONNECT /", &[])).starts_with('?'));
    }
}

mod precedence {
    use super::*;

    /// That the first goes before the second, and what decides.
    #[track_caller]
    fn before(first: &HttpMatch, second: &HttpMatch, by: Criterion) {
        let (first, second) = (MatchOrder::of(first), MatchOrder::of(second));
        assert!(first < second);
        assert_eq!(first.decided_by(&second), by);
        assert_eq!(second.decided_by(&first), by);
    }

    #[test]
    fn an_exact_path_goes_before_a_longer_prefix() {
        before(&exact("/a"), &prefix("/a/b/c"), Criterion::PathType);
    }

    #[test]
    fn exact_paths_are_equal_whatever_their_length() {
        assert_eq!(MatchOrder::of(&exact("/a")), MatchOrder::of(&exact("/abc")));
        assert_eq!(MatchOrder::of(&exact("/a")).decided_by(&MatchOrder::of(&exact("/abc"))), Criterion::Position);
    }

    #[test]
    fn a_longer_prefix_goes_first() {
        before(&prefix("/a/b"), &prefix("/a"), Criterion::PathLength);
        before(&prefix("/a"), &prefix("/"), Criterion::PathLength);
    }

    #[test]
    fn the_root_prefix_goes_before_regular_expressions() {
        before(&prefix("/"), &regex("/a/[0-9]+"), Criterion::PathType);
    }

    #[test]
    fn a_longer_regular_expression_goes_first() {
        before(&regex("/a/[0-9]+"), &regex("/a.*"), Criterion::PathLength);
    }

    #[test]
    fn any_path_condition_goes_before_none() {
        before(&regex("/"), &condition("{method: GET, headers: [{name: a, value: b}]}"), Criterion::PathType);
    }

    #[test]
    fn a_method_goes_before_headers() {
        let method = condition("{path: {type: PathPrefix, value: /x}, method: POST}");
        let headers =
            condition("{path: {type: PathPrefix, value: /x}, headers: [{name: a, value: b}, {name: c, value: d}]}");
        before(&method, &headers, Criterion::Method);
    }

    #[test]
    fn more_headers_go_before_more_query_parameters() {
        let one = condition("{headers: [{name: a, value: b}]}");
        let two = condition("{headers: [{name: a, value: b}, {name: c, value: d}]}");
        let query =
            condition("{queryParams: [{type: Exact, name: q, value: '1'}, {type: Exact, name: r, value: '1'}]}");
        before(&two, &one, Criterion::Headers);
        before(&one, &query, Criterion::Headers);
    }

    #[test]
    fn more_query_parameters_go_first() {
        let two = condition("{queryParams: [{type: Exact, name: q, value: '1'}, {type: Exact, name: r, value: '1'}]}");
        let one = condition("{queryParams: [{type: Exact, name: q, value: '1'}]}");
        before(&two, &one, Criterion::QueryParams);
        before(&one, &HttpMatch::default(), Criterion::QueryParams);
    }

    #[test]
    fn equal_ones_keep_their_order() {
        let mut candidates = vec![("first", prefix("/ab")), ("long", prefix("/abc")), ("second", prefix("/xy"))];
        order(&mut candidates, |(_, condition)| condition);
        assert_eq!(candidates.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["long", "first", "second"]);
    }

    #[test]
    fn only_the_plain_root_prefix_is_a_catch_all() {
        assert!(is_catch_all(&catch_all()));
        assert!(!is_catch_all(&HttpMatch::default()));
        assert!(!is_catch_all(&condition("{path: {type: PathPrefix, value: /}, method: GET}")));
    }
}

mod effects {
    use super::*;

    fn taken(condition: &HttpMatch, path: &str) -> Expanded {
        expand(condition).into_iter().find(|expanded| expanded.takes_path(path)).unwrap()
    }

    fn rewritten(condition: &HttpMatch, rewrite: &PathRewrite, path: &str) -> String {
        rewrite_path(rewrite, &taken(condition, path), path).unwrap()
    }

    #[test]
    fn a_full_path_replaces_all_but_the_query() {
        let full = PathRewrite::ReplaceFullPath("/full".into());
        assert_eq!(rewritten(&prefix("/c"), &full, "/c/x?q=1"), "/full?q=1");
        assert_eq!(rewritten(&exact("/d"), &full, "/d"), "/full");
        assert_eq!(rewritten(&regex("/f/.*"), &full, "/f/a"), "/full");
    }

    #[test]
    fn a_prefix_replacement_swallows_the_slash() {
        let new = PathRewrite::ReplacePrefixMatch("/new".into());
        assert_eq!(rewritten(&prefix("/old"), &new, "/old"), "/new");
        assert_eq!(rewritten(&prefix("/old"), &new, "/old?q"), "/new?q");
        assert_eq!(rewritten(&prefix("/old"), &new, "/old/a/b"), "/newa/b");
        let slash = PathRewrite::ReplacePrefixMatch("/new/".into());
        assert_eq!(rewritten(&prefix("/old"), &slash, "/old/a/b?q"), "/new/a/b?q");
        let root = PathRewrite::ReplacePrefixMatch("/".into());
        assert_eq!(rewritten(&prefix("/v2"), &root, "/v2/items?x=1"), "/items?x=1");
        assert_eq!(rewritten(&prefix("/"), &PathRewrite::ReplacePrefixMatch("/root".into()), "/a"), "/roota");
    }

    #[test]
    fn a_prefix_is_replaced_where_there_is_one_and_by_something() {
        let new = PathRewrite::ReplacePrefixMatch("/new".into());
        assert_eq!(rewritten(&exact("/old"), &new, "/old"), "/old");
        assert_eq!(rewritten(&regex("/o.*"), &new, "/old"), "/old");
        // an empty replacement is none to Envoy
        assert_eq!(rewritten(&prefix("/old"), &PathRewrite::ReplacePrefixMatch(String::new()), "/old/a"), "/old/a");
    }

    #[test]
    fn a_header_with_any_prefix_is_a_header_that_is_there() {
        let condition = condition("{headers: [{name: h, type: Prefix, value: ''}]}");
        let expanded = expand(&condition);
        let tests: Vec<_> = expanded.iter().flat_map(|e| &e.envoy.headers).map(|h| h.test.clone()).collect();
        assert_eq!(tests, [meshscope::traffic::http::EnvoyHeaderTest::PresentMatch(true)]);
    }

    #[test]
    fn a_replacement_is_a_substitution_to_envoy() {
        let group = PathRewrite::ReplaceFullPath(r"/\1".into());
        let message = rewrite_path(&group, &taken(&prefix("/a"), "/a"), "/a").unwrap_err();
        assert!(
            message.starts_with(r"Envoy refuses the replacement `/\1` (Rewrite schema requests 1 matches"),
            "{message}"
        );
        assert_eq!(rewritten(&prefix("/a"), &PathRewrite::ReplaceFullPath(r"/x\0".into()), "/a/b"), "/x/a/b");
    }

    fn location(answer: &Redirect, condition: &HttpMatch, path: &str, host: &str) -> String {
        let request = request(&format!("GET {path}"), &[&format!("Host: {host}")]);
        let answer = redirect(answer, &taken(condition, path), &request).unwrap();
        format!("{} {}", answer.status, answer.location)
    }

    #[test]
    fn a_redirect_keeps_what_it_does_not_name() {
        let plain = Redirect::default();
        assert_eq!(location(&plain, &prefix("/a"), "/a/x?q=1", "shop.test:8080"), "302 http://shop.test:8080/a/x?q=1");
        let host = Redirect { hostname: Some("new.test".into()), status_code: Some(301), ..Redirect::default() };
        assert_eq!(location(&host, &prefix("/a"), "/a", "shop.test:8080"), "301 http://new.test/a");
    }

    #[test]
    fn a_redirect_drops_the_port_of_the_request_only_for_another() {
        let https = Redirect { scheme: Some("https".into()), ..Redirect::default() };
        assert_eq!(location(&https, &prefix("/"), "/", "shop.test:80"), "302 https://shop.test/");
        assert_eq!(location(&https, &prefix("/"), "/", "shop.test:8080"), "302 https://shop.test:8080/");
        let port = Redirect { port: Some(8443), ..Redirect::default() };
        assert_eq!(location(&port, &prefix("/"), "/", "[::1]:80"), "302 http://[::1]:8443/");
        assert_eq!(location(&port, &prefix("/"), "/", "[::1]"), "302 http://[::1]:8443/");
    }

    fn headers(list: &[&str]) -> Vec<(String, String)> {
        request("GET /", list).headers
    }

    #[test]
    fn headers_are_removed_then_set_then_added() {
        let text = "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: new}], \
                    add: [{name: x-b, value: two}], remove: [x-c]}}";
        let Some(Filter::RequestHeaderModifier(modifier)) = Filter::read(&node(text)) else { panic!("no filter") };
        let out = change_headers(&[&modifier], &headers(&["X-A: old", "x-b: one", "X-C: gone", "x-a: older"])).unwrap();
        assert_eq!(out, headers(&["x-b: one", "x-a: new", "x-b: two"]));
    }

    #[test]
    fn host_and_commands_are_not_changed_here() {
        let set =
            |name: &str, value: &str| HeaderModifier { set: vec![(name.into(), value.into())], ..Default::default() };
        assert!(change_headers(&[&set("Host", "a.test")], &[])
            .unwrap_err()
            .contains("Envoy refuses changes of `host`"));
        assert!(change_headers(&[&set("x-a", "%REQ(x)%")], &[]).unwrap_err().contains("as a command"));
    }
}

mod coverage {
    use super::*;
    use Covers::{No, Unknown, Yes};

    #[test]
    fn paths() {
        for (a, b, expected) in [
            (prefix("/"), exact("/a"), Yes),
            (prefix("/"), regex("[/x].*y"), Yes),
            (HttpMatch::default(), prefix("/"), Yes),
            (prefix("/"), HttpMatch::default(), Yes),
            (prefix("/a"), prefix("/a"), Yes),
            (prefix("/a"), prefix("/a/b"), Yes),
            (prefix("/a"), prefix("/ab"), No),
            (prefix("/a"), prefix("/"), No),
            (prefix("/a"), exact("/a/b"), Yes),
            (prefix("/a"), exact("/ab"), No),
            (prefix("/a"), regex("/a/[0-9]+"), Yes),
            (prefix("/a"), regex("/a[0-9]+"), Unknown),
            (prefix("/a"), regex("/a/.*"), Yes),
            (prefix("/a"), regex("/a.*"), No),
            (exact("/a"), exact("/a"), Yes),
            (exact("/a"), prefix("/a"), No),
            (exact("/a.b"), regex(r"/a\.b"), Yes),
            (exact("/a"), regex("/a+"), Unknown),
            (regex("/a/[0-9]+"), exact("/a/12"), Yes),
            (regex("/a/[0-9]+"), exact("/a/x"), No),
            (regex("/a.*"), prefix("/a"), Yes),
            (regex("/a(/.*)?"), prefix("/a/b"), Yes),
            (regex("/a/?[0-9]*"), prefix("/a"), No),
            (regex("/a[0-9]"), regex("/a[0-9]"), Yes),
            (regex("/a[0-9]"), regex("/a[0-8]"), Unknown),
            (regex("/.*"), HttpMatch::default(), Yes),
            (regex(".*"), HttpMatch::default(), Yes),
            (regex("/["), exact("/a"), Unknown),
            (exact("/a"), regex("/["), Unknown),
            (exact("/a"), regex("never"), Yes),
        ] {
            assert_eq!(covers(&a, &b), expected, "{:?} over {:?}", a.path, b.path);
        }
    }

    #[test]
    fn methods_headers_and_query_parameters() {
        for (a, b, expected) in [
            ("{}", "{method: GET}", Yes),
            ("{method: GET}", "{}", No),
            ("{method: GET}", "{method: POST}", No),
            ("{headers: [{name: h, value: a}]}", "{headers: [{name: H, value: a}, {name: x, value: y}]}", Yes),
            ("{headers: [{name: h, value: a}]}", "{headers: [{name: x, value: a}]}", No),
            ("{headers: [{name: h, type: Present}]}", "{headers: [{name: h, value: a}]}", Yes),
            (
                "{headers: [{name: h, type: Present}]}",
                "{headers: [{name: h, type: RegularExpression, value: 'a+'}]}",
                Yes,
            ),
            ("{headers: [{name: h, type: Absent}]}", "{headers: [{name: h, type: Absent}]}", Yes),
            ("{headers: [{name: h, type: Absent}]}", "{}", No),
            ("{headers: [{name: h, type: Present}]}", "{}", No),
            ("{headers: [{name: h, type: Prefix, value: ''}]}", "{headers: [{name: h, type: Present}]}", Yes),
            (
                "{headers: [{name: h, type: RegularExpression, value: 'x*'}]}",
                "{headers: [{name: h, type: Present}]}",
                Unknown,
            ),
            (
                "{headers: [{name: h, type: RegularExpression, value: 'x+'}]}",
                "{headers: [{name: h, type: Present}]}",
                No,
            ),
            (
                "{headers: [{name: h, type: RegularExpression, value: '['}]}",
                "{headers: [{name: h, type: Present}]}",
                Unknown,
            ),
            ("{headers: [{name: h, type: Prefix, value: a}]}", "{headers: [{name: h, value: ab}]}", Yes),
            ("{headers: [{name: h, type: Prefix, value: ab}]}", "{headers: [{name: h, type: Prefix, value: a}]}", No),
            (
                "{headers: [{name: h, type: Prefix, value: a}]}",
                "{headers: [{name: h, type: RegularExpression, value: 'ab+'}]}",
                Yes,
            ),
            (
                "{headers: [{name: h, type: RegularExpression, value: '.*'}]}",
                "{headers: [{name: h, type: Present}]}",
                Yes,
            ),
            (
                "{headers: [{name: h, type: RegularExpression, value: 'a+'}]}",
                "{headers: [{name: h, type: Present}]}",
                No,
            ),
            ("{headers: [{name: h, type: RegularExpression, value: '/.*'}]}", "{headers: [{name: h, value: a}]}", No),
            ("{headers: [{name: host, type: Present}]}", "{}", Unknown),
            (
                "{queryParams: [{type: RegularExpression, name: q, value: '[0-9]'}]}",
                "{queryParams: [{type: Exact, name: q, value: '1'}]}",
                Yes,
            ),
            (
                "{queryParams: [{type: Exact, name: q, value: '1'}]}",
                "{queryParams: [{type: Exact, name: Q, value: '1'}]}",
                No,
            ),
            ("{method: GET}", "{path: {type: RegularExpression, value: '/[a-z]'}, method: POST}", Unknown),
        ] {
            assert_eq!(covers(&condition(a), &condition(b)), expected, "{a} over {b}");
        }
    }

    #[test]
    fn the_root_prefix_hides_regular_expressions() {
        let ordered = [prefix("/a"), prefix("/"), regex("/f/.*"), HttpMatch::default()];
        let ordered: Vec<&HttpMatch> = ordered.iter().collect();
        assert_eq!(hidden_by(&ordered), [None, None, Some(1), Some(1)]);
    }
}

/// The MeshHTTPRoute of a recorded world with one of them: matches in order with their rule's filters, then the
/// catch-all if Kuma appends one.
fn recorded(world: &str) -> (Vec<(HttpMatch, Vec<Filter>)>, Json) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/universal").join(world);
    let text = fs::read_to_string(folder.join("world.yaml")).unwrap();
    let answers = serde_json::from_str(&fs::read_to_string(folder.join("answers.json")).unwrap()).unwrap();
    let documents = read(SourceId(0), &text, &Limits::default()).documents;
    let roots = documents.into_iter().filter_map(|d| d.root);
    let route = roots.into_iter().find(|root| root.text("type") == Some("MeshHTTPRoute")).unwrap();
    let mut candidates = Vec::new();
    for rule in route.at(&["spec"]).unwrap().items("to")[0].items("rules") {
        let filters: Vec<Filter> =
            rule.get("default").unwrap().items("filters").iter().filter_map(Filter::read).collect();
        for condition in rule.items("matches") {
            candidates.push((HttpMatch::read(condition), filters.clone()));
        }
    }
    order(&mut candidates, |(condition, _)| condition);
    if !candidates.iter().any(|(condition, _)| is_catch_all(condition)) {
        candidates.push((catch_all(), Vec::new()));
    }
    (candidates, answers)
}

#[test]
fn envoy_gets_these_matches_in_this_order() {
    for world in [
        "route-path-kinds-order",
        "route-method-header-query-order",
        "route-header-match-types",
        "route-filter-rewrite",
        "route-filter-redirect",
        "route-filter-header-modifiers",
        "route-several-matches-in-one-rule",
        "live-header-routing",
        "live-redirect-and-headers",
        "live-rewrite-and-prefix-edges",
    ] {
        let (candidates, answers) = recorded(world);
        let ours: Vec<Json> = candidates
            .iter()
            .flat_map(|(condition, _)| expand(condition))
            .map(|expanded| serde_json::to_value(expanded.envoy).unwrap())
            .collect();
        let proxies = answers["zones"]["default"]["default"]["proxies"].as_object().unwrap();
        let listeners = proxies.values().flat_map(|proxy| proxy["xds"]["listeners"].as_array().into_iter().flatten());
        let listener = listeners.into_iter().next().unwrap();
        let routes = listener["chains"][0]["http"][0]["routes"].as_array().unwrap();
        let kuma: Vec<Json> = routes.iter().map(|route| route["match"].clone()).collect();
        assert_eq!(ours, kuma, "{world}");
    }
}

/// What the servers and clients of the recorded runs saw.
#[test]
fn requests_end_as_recorded() {
    let mut checked = 0;
    for world in ["live-redirect-and-headers", "live-rewrite-and-prefix-edges"] {
        let (candidates, answers) = recorded(world);
        for live in answers["live"].as_array().unwrap() {
            let asked = &live["request"];
            let path = asked["path"].as_str().unwrap();
            let given = asked["headers"].as_object().into_iter().flatten();
            let request = Request {
                method: asked["method"].as_str().unwrap_or("GET").into(),
                path: path.into(),
                headers: given.map(|(name, value)| (name.clone(), value.as_str().unwrap().into())).collect(),
            };
            let (condition, filters) =
                candidates.iter().find(|(condition, _)| matches(condition, &request) == MatchVerdict::Yes).unwrap();
            let taken = expand(condition).into_iter().find(|expanded| expanded.takes_path(path)).unwrap();
            let hit = live["hits"].as_object().unwrap().keys().next().unwrap();
            let mut expected = path.to_owned();
            for filter in filters {
                match filter {
                    Filter::RequestRedirect(filter) => {
                        let answer = redirect(filter, &taken, &request).unwrap();
                        assert_eq!(*hit, format!("status {} -> {}", answer.status, answer.location));
                        expected.clear();
                    }
                    Filter::UrlRewrite(filter) => {
                        if let Some(rewrite) = &filter.path {
                            expected = rewrite_path(rewrite, &taken, path).unwrap();
                        }
                        if let Some(hostname) = &filter.hostname {
                            expected.push_str(&format!(" host={hostname}"));
                        }
                    }
                    Filter::RequestHeaderModifier(modifier) => {
                        let sent = change_headers(&[modifier], &request.headers).unwrap();
                        // The servers told the last value of each.
                        let last = |name: &str| {
                            sent.iter().rev().find(|(n, _)| n == name).map_or("None".into(), |(_, value)| value.clone())
                        };
                        expected = format!("x-a={} x-b={} x-c={}", last("x-a"), last("x-b"), last("x-c"));
                    }
                    Filter::ResponseHeaderModifier(modifier) => {
                        let (name, value) = &change_headers(&[modifier], &[]).unwrap()[0];
                        expected.push_str(&format!(" <{name}={value}"));
                    }
                }
            }
            if !expected.is_empty() {
                assert_eq!(hit.split_once(' ').unwrap().1, expected, "{path}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 16);
}

fn any_path() -> impl Strategy<Value = Option<PathMatch>> {
    let path = "/|(/[ab]{1,2}){1,2}";
    prop_oneof![
        1 => Just(None),
        3 => path.prop_map(|p| Some(PathMatch::Exact(p))),
        3 => path.prop_map(|p| Some(PathMatch::PathPrefix(p))),
        3 => r"(/[ab]{1,2}|/a\+|/\[ab\]){1,2}(\.\*|\(/\.\*\)\?|\*)?".prop_map(|p| Some(PathMatch::RegularExpression(p))),
    ]
}

fn any_header() -> impl Strategy<Value = HeaderMatch> {
    let kind = prop::sample::select(vec![
        HeaderMatchType::Exact,
        HeaderMatchType::Prefix,
        HeaderMatchType::RegularExpression,
        HeaderMatchType::Present,
        HeaderMatchType::Absent,
    ]);
    (kind, "[xy]", r"[ab]{0,2}(\.\*)?").prop_map(|(kind, name, value)| HeaderMatch { kind, name, value })
}

fn any_match() -> impl Strategy<Value = HttpMatch> {
    let method = prop::option::of(prop::sample::select(vec!["GET".to_owned(), "POST".to_owned()]));
    let query =
        (any::<bool>(), "[qr]", r"[ab]{0,2}(\.\*)?").prop_map(|(regex, name, value)| QueryMatch { regex, name, value });
    (any_path(), method, prop::collection::vec(any_header(), 0..3), prop::collection::vec(query, 0..2))
        .prop_map(|(path, method, headers, query_params)| HttpMatch { path, method, headers, query_params })
}

fn any_request() -> impl Strategy<Value = Request> {
    let headers = prop::collection::vec(("[xy]", "[ab]{0,2}"), 0..3);
    let method = prop::sample::select(vec!["GET".to_owned(), "POST".to_owned()]);
    (method, "/|(/[ab]{1,2}){1,2}/?", "(\\?([qr]=[ab]{0,2}&){0,2})?", headers)
        .prop_map(|(method, path, query, headers)| Request { method, path: path + &query, headers })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Yes holds for every request; a match covers itself, and one without conditions covers all.
    #[test]
    fn covers_holds_for_requests(a in any_match(), b in any_match(), requests in prop::collection::vec(any_request(), 24)) {
        if covers(&a, &b) == Covers::Yes {
            let (a, b) = (Matcher::new(&a), Matcher::new(&b));
            for request in requests.iter().filter(|request| b.verdict(request) == MatchVerdict::Yes) {
                prop_assert_eq!(a.verdict(request), MatchVerdict::Yes, "{:?}", request);
            }
        }
        prop_assert_eq!(covers(&a, &a), Covers::Yes);
        prop_assert_eq!(covers(&HttpMatch::default(), &a), Covers::Yes);
    }

    /// The Envoy halves of a match take what the match takes.
    #[test]
    fn one_half_takes_the_path(a in any_match(), request in any_request()) {
        if matches(&a, &request) == MatchVerdict::Yes {
            prop_assert!(expand(&a).iter().any(|expanded| expanded.takes_path(&request.path)));
        }
    }

    /// One of two goes first, never both; places that go neither way are equal.
    #[test]
    fn the_order_is_total(a in any_match(), b in any_match(), c in any_match()) {
        let (a, b, c) = (MatchOrder::of(&a), MatchOrder::of(&b), MatchOrder::of(&c));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.decided_by(&b) == Criterion::Position);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn never_panics(path in any::<String>(), value in any::<String>(), line in any::<String>()) {
        let request = Request { method: value.clone(), path: line.clone(), headers: vec![(path.clone(), line)] };
        let condition = HttpMatch {
            path: Some(PathMatch::RegularExpression(path.clone())),
            method: None,
            headers: vec![HeaderMatch { kind: HeaderMatchType::RegularExpression, name: path.clone(), value: value.clone() }],
            query_params: vec![QueryMatch { regex: true, name: value.clone(), value: path.clone() }],
        };
        matches(&condition, &request);
        covers(&condition, &prefix(&value));
        covers(&prefix(&value), &condition);
        for expanded in expand(&prefix(&path)) {
            let rewrite = PathRewrite::ReplacePrefixMatch(value.clone());
            let _ = rewrite_path(&rewrite, &expanded, &request.path);
            let _ = redirect(&Redirect { path: Some(rewrite), ..Redirect::default() }, &expanded, &request);
        }
    }
}
