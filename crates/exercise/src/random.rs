//! Numbers from a seed: the same on every machine and in every version (SplitMix64, Steele, Lea and Flood 2014).

/// The seed of one of many exercises, for instance of a class, and of another attempt at it.
pub fn seed_of(seed: u64, number: u64, attempt: u64) -> u64 {
    // Readable, and beyond what a class can need.
    Random::of(seed ^ attempt.rotate_left(32), number).next() % 1_000_000_000
}

/// A generator of numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The generator of one of many that a seed has.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut first = Random::new(seed);
        Random::new(first.next() ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    fn below(&mut self, end: usize) -> usize {
        // The bias is some 2^-50 for any length of a list.
        (self.next() % end.max(1) as u64) as usize
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation's first numbers.
    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut random = Random::new(1_234_567);
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([(); 3].map(|()| random.next()), first);
    }
}
