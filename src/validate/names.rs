//! Names as Kubernetes and Kuma define them, and the words they refuse others with.

/// What an RFC 1123 subdomain must look like, in the words of Kubernetes.
pub const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
/// What an RFC 1123 label must look like, in the words of Kubernetes.
pub const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
/// What an RFC 1035 label must look like, in the words of Kubernetes.
pub const RFC1035_RULE: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
/// What a resource's name must look like, in Kuma's words.
pub const NAME_RULE: &str = "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABEL_NAME_RULE: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const QUALIFIED_RULE: &str = "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

/// Lower case letters, digits and dashes, the last not at an end.
pub fn is_label_text(text: &str) -> bool {
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.as_bytes().first().is_some_and(alphanumeric)
        && text.as_bytes().last().is_some_and(alphanumeric)
        && text.bytes().all(|b| alphanumeric(&b) || b == b'-')
}

/// RFC 1123 subdomain of any length.
pub fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label_text)
}

/// What Kubernetes has against a text as an RFC 1123 subdomain.
pub fn subdomain_errors(text: &str) -> Vec<String> {
    limit(text, 253, is_subdomain(text), SUBDOMAIN_RULE)
}

/// What Kubernetes has against a text as an RFC 1123 label.
pub fn label_errors(text: &str) -> Vec<String> {
    let rule = if is_subdomain(text) { "must not contain dots" } else { LABEL_RULE };
    limit(text, 63, is_label_text(text), rule)
}

/// What Kubernetes has against a text as an RFC 1035 label.
pub fn rfc1035_errors(text: &str) -> Vec<String> {
    let fits = is_label_text(text) && text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    limit(text, 63, fits, RFC1035_RULE)
}

fn limit(text: &str, max: usize, fits: bool, rule: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > max {
        errors.push(format!("must be no more than {max} bytes"));
    }
    if !fits {
        errors.push(rule.to_owned());
    }
    errors
}

/// Letters, digits, `-`, `_` and `.`, alphanumeric at both ends.
fn is_qualified_name(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && text.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// What Kubernetes has against the value of a label.
pub fn label_value_errors(value: &str) -> Vec<String> {
    limit(value, 63, value.is_empty() || is_qualified_name(value), LABEL_VALUE_RULE)
}

/// What Kubernetes has against the key of a label.
pub fn label_key_errors(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let mut parts = key.split('/');
    let name = match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, None) => name,
        (Some(prefix), Some(name), None) => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else {
                errors.extend(subdomain_errors(prefix).into_iter().map(|e| format!("prefix part {e}")));
            }
            name
        }
        _ => {
            errors.push(QUALIFIED_RULE.to_owned());
            return errors;
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_qualified_name(name) {
        errors.push(LABEL_NAME_RULE.to_owned());
    }
    errors
}

/// An attribute name of OpenTelemetry as MeshAccessLog takes it.
pub fn is_otel_attribute(text: &str) -> bool {
    let mut after_delimiter = true;
    let mut last_alphanumeric = false;
    for (index, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' => after_delimiter = false,
            b'0'..=b'9' if index > 0 => after_delimiter = false,
            b'.' | b'_' if !after_delimiter => after_delimiter = true,
            _ => return false,
        }
        last_alphanumeric = !after_delimiter;
    }
    last_alphanumeric
}

/// The characters of a name in a targetRef.
pub fn is_reference_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

/// The characters of a tag's name.
pub fn is_tag_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:/".contains(&b))
}

/// The characters of a tag's value.
pub fn is_tag_value(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(&b))
}
