//! Problems.

use serde::Serialize;

use crate::collections::Gather;
use crate::diagnostic::{Diagnostic, Fix, Severity};
use crate::rules_book::{self, Section};

use super::{LocationReport, Places};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum SeverityReport {
    /// Kuma would refuse it, or it cannot be read.
    Error,
    /// Kuma takes it, but it does not do what it seems to.
    Warning,
    /// Worth knowing.
    Info,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct DiagnosticReport {
    /// The stable code, such as `MS0101`.
    pub code: String,
    /// How bad.
    pub severity: SeverityReport,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
    /// Other places that matter.
    pub related: Vec<RelatedReport>,
    /// The section of the book of rules that explains it, such as `docs/rules/targets.md#section-names`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Kuma's own words, where it would refuse this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kuma: Option<ViolationReport>,
    /// Edits after which the problem is gone, each by itself.
    pub fixes: Vec<FixReport>,
}

/// An edit that makes a problem go away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct FixReport {
    /// What it does, as a command.
    pub title: String,
    /// What is replaced.
    pub location: LocationReport,
    /// What stands there then.
    pub text: String,
}

impl FixReport {
    /// The report of an edit; nothing for one of a source that is not there.
    pub fn of(fix: &Fix, places: &Places) -> Option<Self> {
        Some(FixReport { title: fix.title.clone(), location: places.location(fix.at)?, text: fix.text.clone() })
    }
}

/// Another place that matters for a problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RelatedReport {
    /// What it has to do with it.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationReport>,
}

/// A refusal in Kuma's own words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ViolationReport {
    /// Kuma's path of the field; empty where it names none.
    pub field: String,
    /// Kuma's reason.
    pub reason: String,
}

impl DiagnosticReport {
    /// The report of a problem.
    pub fn of(diagnostic: &Diagnostic, places: &Places) -> Self {
        DiagnosticReport {
            code: diagnostic.code.text().to_owned(),
            severity: match diagnostic.severity {
                Severity::Error => SeverityReport::Error,
                Severity::Warning => SeverityReport::Warning,
                Severity::Info => SeverityReport::Info,
            },
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            rule: rules_book::of_code(diagnostic.code).map(Section::link),
            location: diagnostic.at.and_then(|at| places.location(at)),
            related: diagnostic
                .related
                .iter()
                .map(|(message, at)| RelatedReport { message: message.clone(), location: places.location(*at) })
                .gather(),
            kuma: diagnostic
                .kuma
                .as_ref()
                .map(|v| ViolationReport { field: v.field.clone(), reason: v.reason.clone() }),
            fixes: diagnostic.fixes.iter().filter_map(|fix| FixReport::of(fix, places)).gather(),
        }
    }
}
