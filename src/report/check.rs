//! Whether the checks of the input hold.

use serde::Serialize;

use super::{LocationReport, KUMA_VERSION, SCHEMA_VERSION};

/// All checks of the input.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ChecksReport {
    /// The version of the shape of answers.
    pub schema_version: u32,
    /// The Kuma release whose rules the answers follow.
    pub kuma_version: String,
    /// The checks, in their order.
    pub checks: Vec<CheckReport>,
    /// How many hold.
    pub passed: u32,
    /// How many do not, or cannot be worked out.
    pub failed: u32,
    /// Which rules they use.
    pub coverage: CoverageReport,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum CheckForm {
    /// Where a request lands.
    Request,
    /// What a reference hits.
    Reference,
}

/// Whether a check holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum CheckVerdict {
    /// It does.
    Passed,
    /// It depends on something that cannot be worked out here.
    NotEvaluated,
    /// It does not.
    Failed,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// The document it stands in (see `DocumentReport.id`).
    pub document: u32,
    /// The name of that document.
    pub suite: String,
    /// What to call it.
    pub title: String,
    /// What it is about.
    pub form: CheckForm,
    /// Whether it holds: the worst of `answers`.
    pub verdict: CheckVerdict,
    /// One answer from each zone that it is about.
    pub answers: Vec<CheckAnswerReport>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// Whether a check holds, seen from one zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CheckAnswerReport {
    /// The zone; empty if there is none to ask.
    pub zone: String,
    /// Whether it holds.
    pub verdict: CheckVerdict,
    /// What was found, one line for each place.
    pub found: Vec<String>,
    /// What differs from what was expected, one sentence each.
    pub differences: Vec<String>,
}

/// Which rules the checks use.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CoverageReport {
    /// How many rules some check uses.
    pub covered: u32,
    /// How many rules there are.
    pub total: u32,
    /// The part that is covered, 0 to 100; 100 if there are no rules.
    pub percent: f64,
    /// Every rule of a route (`to[].rules[]`) and item of a policy (`to[]`, `from[]`, `rules[]`), in the order of the input.
    pub rules: Vec<CoveredRuleReport>,
}

/// A rule and the checks that use it: requests that it shapes, references that stand in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CoveredRuleReport {
    /// The document it stands in (see `DocumentReport.id`).
    pub document: u32,
    /// The kind of that document's resource.
    pub kind: String,
    /// The name of that document's resource.
    pub name: String,
    /// The path inside `spec`, such as `to[0].rules[1]`.
    pub path: String,
    /// The positions in `checks` of those that use it.
    pub checks: Vec<u32>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

impl ChecksReport {
    /// The report of these checks.
    pub fn of(checks: Vec<CheckReport>, rules: Vec<CoveredRuleReport>) -> Self {
        let passed = checks.iter().filter(|c| c.verdict == CheckVerdict::Passed).count() as u32;
        let covered = rules.iter().filter(|r| !r.checks.is_empty()).count() as u32;
        let total = rules.len() as u32;
        let percent = if total == 0 { 100.0 } else { f64::from(covered) * 100.0 / f64::from(total) };
        ChecksReport {
            schema_version: SCHEMA_VERSION,
            kuma_version: KUMA_VERSION.to_owned(),
            failed: checks.len() as u32 - passed,
            passed,
            checks,
            coverage: CoverageReport { covered, total, percent, rules },
        }
    }
}
