//! FNV-1a, 64 bits: the same in every build and on every machine, which the standard library does not promise for its
//! hasher.

/// The seed of a hash.
pub const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues a hash, or a seed, with more bytes.
pub fn hash(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_function() {
        // draft-eastlake-fnv, appendix C.
        assert_eq!(hash(SEED, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(SEED, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
