//! Names on the way between control planes: the hash that Kuma appends (rule 1.4).

use crate::collections::Gather;

/// Kuma's replacement for hexadecimal and decimal digits: no vowels, so that no words appear.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

fn encode(digits: &str) -> String {
    digits.bytes().filter_map(|c| ALPHABET.get(usize::from(c) % ALPHABET.len())).map(|c| char::from(*c)).gather()
}

/// FNV-1a over 64 bits.
fn fnv64(parts: &[&str]) -> u64 {
    parts
        .iter()
        .flat_map(|p| p.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// FNV-1a over 32 bits.
fn fnv32(parts: &[&str]) -> u32 {
    parts
        .iter()
        .flat_map(|p| p.bytes())
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The longest beginning of a text that has at most `max` bytes and does not cut a character.
fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// The name of a synchronised copy: display name, `-`, hash of mesh, display name, zone label and namespace label.
/// The mesh is empty for global-scoped kinds, and so are labels that the resource does not have.
pub fn synced_name(mesh: &str, display_name: &str, zone: &str, namespace: &str) -> String {
    let hash = fnv64(&[mesh, display_name, zone, namespace]);
    format!("{}-{}", cut(display_name, 236), encode(&format!("{hash:016x}")))
}

/// The name of the MeshService of one Pod of a headless Service (Kubernetes, rule 8.1).
pub fn headless_name(service: &str, namespace: &str, pod: &str) -> String {
    let long = pod.len() + 11 > 63;
    let hash = match long {
        true => fnv32(&[service, namespace, pod]),
        false => fnv32(&[service, namespace]),
    };
    format!("{}-{}", if long { cut(pod, 52) } else { pod }, encode(&hash.to_string()))
}
