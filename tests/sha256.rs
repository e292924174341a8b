//! The engine's SHA-256 against another.

use meshscope::sha256;
use sha2::{Digest, Sha256};

#[test]
fn hashes_of_every_length_up_to_three_blocks_are_the_same() {
    for length in 0..200 {
        let text = "mesh/ü-".chars().cycle().take(length).collect::<String>();
        let theirs: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sha256::hex(&text, 32), theirs, "{length}");
        assert_eq!(Some(sha256::hex(&text, 8).as_str()), theirs.get(..16), "{length}");
    }
}
