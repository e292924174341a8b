//! SHA-256, which Kuma puts into some names.

use crate::collections::Gather;
use sha2::{Digest, Sha256};

/// The first `bytes` bytes of the hash of a text, in hexadecimal; at most 32.
///
/// ```
/// assert_eq!(meshscope::sha256::hex("abc", 4), "ba7816bf");
/// ```
pub fn hex(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).map(|byte| format!("{byte:02x}")).gather()
}
