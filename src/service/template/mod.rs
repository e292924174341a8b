//! Hostname templates: Go's `text/template` as Kuma's HostnameGenerator uses it, errors included.
//!
//! Kuma passes a struct with the fields `Name`, `DisplayName`, `Namespace`, `Mesh` and `Zone`, and the function
//! `label`. With no lists or maps around, everything of text/template that can be reached from there is done; the
//! little that is not (a hexadecimal float, absurd sizes) says so and never gives a wrong hostname.

mod exec;
mod lex;
mod node;
mod number;
mod parse;
mod print;
mod quote;
mod value;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::resource::Labels;

pub use quote::quote;

/// A template that Go would accept.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    definitions: parse::Definitions,
}

/// What a hostname template is rendered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// Name of the resource; hashed for a synchronised one.
    pub name: String,
    /// Label `kuma.io/display-name`, else the name.
    pub display_name: String,
    /// Label `k8s.kuma.io/namespace`, or nothing.
    pub namespace: String,
    /// The mesh.
    pub mesh: String,
    /// Label `kuma.io/zone`, else the local zone.
    pub zone: String,
    /// What `label "key"` looks in.
    pub labels: Arc<Labels>,
}

/// Something valid that is not computed here: no statement about what Kuma would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// What it is that is not computed.
    pub reason: String,
}

impl fmt::Display for NotEvaluated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not evaluated: {}", self.reason)
    }
}

/// Why there is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Go refuses the text.
    Go {
        /// Go's message to the letter, such as `template: :1: unexpected EOF`.
        message: String,
        /// Byte offset in the template of the token it stopped at.
        offset: usize,
    },
    /// Go may accept it; it is not read here.
    NotEvaluated(NotEvaluated),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Go { message, .. } => f.write_str(message),
            ParseError::NotEvaluated(what) => what.fmt(f),
        }
    }
}

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecError {
    /// Go stops with an error. `Template::message` gives Go's text.
    Go {
        /// Byte offset in the template of the part that failed.
        offset: usize,
        /// Name of the definition being run, empty for the template itself.
        name: Vec<u8>,
        /// The part that failed, in Go's notation.
        context: String,
        /// What is wrong with it.
        message: String,
    },
    /// Not computed here.
    NotEvaluated(NotEvaluated),
}

/// Who renders. It shows in what Go calls the type of the struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renderer {
    /// The check when a HostnameGenerator is written.
    Validation,
    /// The generator of hostnames.
    Generation,
}

impl Renderer {
    fn type_name(self) -> &'static str {
        match self {
            Renderer::Validation => {
                "struct { Name string; DisplayName string; Namespace string; Mesh string; Zone string }"
            }
            Renderer::Generation => "hostname.meshedName",
        }
    }
}

/// Reads a template.
///
/// # Errors
/// Go's own refusal, or that it is not read here.
pub fn parse(text: &str) -> Result<Template, ParseError> {
    Ok(Template { text: text.into(), definitions: parse::parse(text)? })
}

/// Renders a template for one service, as Kuma's generator does. The result need not be a valid hostname.
///
/// # Errors
/// Go's own failure, or that it is not computed here.
pub fn render(template: &Template, data: &Data) -> Result<String, ExecError> {
    let label = |key: &[u8]| {
        let key = std::str::from_utf8(key).ok()?;
        data.labels.get(key).map(|value| value.as_bytes().to_vec())
    };
    template.run(data, Renderer::Generation, &label)
}

/// Kuma's reason for refusing `spec.template` of a HostnameGenerator, if it refuses. It renders with made-up values:
/// the fields are their own names in lower case, and every label is `label`.
///
/// # Errors
/// Where it is not known here whether Kuma refuses.
pub fn refusal(text: &str) -> Result<Option<String>, NotEvaluated> {
    if text.is_empty() {
        return Ok(Some("must not be empty".into()));
    }
    let template = match parse(text) {
        Ok(template) => template,
        Err(ParseError::Go { message, .. }) => return Ok(Some(format!("couldn't parse template: {message}"))),
        Err(ParseError::NotEvaluated(what)) => return Err(what),
    };
    let data = Data {
        name: "name".into(),
        display_name: "displayname".into(),
        namespace: "namespace".into(),
        mesh: "mesh".into(),
        zone: "zone".into(),
        labels: Arc::default(),
    };
    match template.run(&data, Renderer::Validation, &|_| Some(b"label".to_vec())) {
        Ok(rendered) => Ok(dns_problem(&rendered).map(|problem| {
            format!("template renders to {} which is not a valid DNS name: {problem}", quote(rendered.as_bytes()))
        })),
        Err(ExecError::NotEvaluated(what)) => Err(what),
        Err(error) => Ok(Some(format!("couldn't render template with stub values: {}", template.message(&error)))),
    }
}

/// What Kuma makes of a template for one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hostname {
    /// A valid hostname.
    Generated(String),
    /// None; the message of the condition with reason `TemplateError`.
    TemplateError(String),
    /// Not computed here.
    NotEvaluated(NotEvaluated),
}

/// Generates the hostname of one service from what `parse` gave, with Kuma's message if there is none.
pub fn hostname(template: &Result<Template, ParseError>, data: &Data) -> Hostname {
    let template = match template {
        Ok(template) => template,
        Err(ParseError::Go { message, .. }) => {
            return Hostname::TemplateError(format!("failed compiling gotemplate error={}", quote(message.as_bytes())));
        }
        Err(ParseError::NotEvaluated(what)) => return Hostname::NotEvaluated(what.clone()),
    };
    match render(template, data) {
        Ok(name) => match dns_problem(&name) {
            None => Hostname::Generated(name),
            Some(problem) => Hostname::TemplateError(format!(
                "generated hostname {} is not a valid DNS name: {problem}",
                quote(name.as_bytes())
            )),
        },
        Err(ExecError::NotEvaluated(what)) => Hostname::NotEvaluated(what),
        Err(error) => Hostname::TemplateError(format!(
            "pre evaluation of template with parameters failed with error={}",
            quote(template.message(&error).as_bytes())
        )),
    }
}

/// Why a text is no RFC 1123 subdomain, in the words of Kubernetes, which Kuma repeats.
pub fn dns_problem(name: &str) -> Option<String> {
    let mut problems = Vec::new();
    if name.len() > 253 {
        problems.push("must be no more than 253 characters");
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if !name.split('.').all(label) {
        problems.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        );
    }
    if problems.is_empty() {
        None
    } else {
        Some(problems.join(", "))
    }
}

impl Template {
    /// Go's text of an error of this template, such as
    /// `template: :1:22: executing "" at <label "team">: error calling label: label team not found`.
    pub fn message(&self, error: &ExecError) -> String {
        match error {
            ExecError::NotEvaluated(what) => what.to_string(),
            ExecError::Go { offset, name, context, message } => {
                let before = self.text.get(..*offset).unwrap_or(&self.text);
                let line = before.matches('\n').count() + 1;
                let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
                format!("template: :{line}:{column}: executing {} at <{context}>: {message}", quote(name))
            }
        }
    }

    fn run(
        &self,
        data: &Data,
        renderer: Renderer,
        label: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<String, ExecError> {
        let field = |name, value: &str| (name, Rc::from(value.as_bytes()));
        let fields = Rc::from([
            field("Name", &data.name),
            field("DisplayName", &data.display_name),
            field("Namespace", &data.namespace),
            field("Mesh", &data.mesh),
            field("Zone", &data.zone),
        ]);
        let input = exec::Input { fields, type_name: renderer.type_name(), label };
        let bytes = exec::run(&self.definitions, &input)?;
        String::from_utf8(bytes)
            .map_err(|_| ExecError::NotEvaluated(NotEvaluated { reason: "a result that is not UTF-8".into() }))
    }
}
