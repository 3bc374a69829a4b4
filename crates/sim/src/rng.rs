//! Seeded randomness, the same on every platform and for ever: the generator is pinned here.
//!
//! Each purpose ("arrivals of Readers", "service times of web-1") has its own stream, drawn from the run's one
//! seed, so that one draw more in one place does not change what happens in another. The generator is
//! xoshiro256++ and its seeding SplitMix64, both by Blackman and Vigna.

use understudy_core::SimDuration;

use crate::ziggurat;

/// One stream of random numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

/// One step of SplitMix64: spreads any number, even a small one, over all 64 bits.
const fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Rng {
    /// The stream of `seed` for `purpose`, a text such as `"service/web-1"`.
    pub fn for_purpose(seed: u64, purpose: &str) -> Self {
        let mut mixer = seed;
        for byte in purpose.bytes() {
            mixer = split_mix(&mut mixer) ^ u64::from(byte);
        }
        let mut state = [0; 4];
        for word in &mut state {
            *word = split_mix(&mut mixer);
        }
        // All zeros is the one state that never leaves itself; SplitMix64 gives it for no input in practice.
        assert!(state != [0; 4], "the seeding produced the one forbidden state");
        Self { state }
    }

    /// The next 64 random bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let (s2, s3) = (s2 ^ s0, s3 ^ s1);
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
        result
    }

    /// A whole number from 0 to `limit - 1`, each equally likely but for less than one part in 2^64 of `limit`.
    #[inline]
    pub fn below(&mut self, limit: u64) -> u64 {
        assert!(limit > 0, "there is no number below 0");
        // The high half of the product: Lemire's method without the rejection.
        u64::try_from((u128::from(self.next_u64()) * u128::from(limit)) >> 64)
            .expect("the high half has 64 bits")
    }

    /// A number from the exponential distribution with mean 1.
    #[inline]
    pub fn unit_exponential(&mut self) -> f64 {
        ziggurat::exponential(self)
    }

    /// True in so many cases of a million.
    pub fn happens(&mut self, ppm: u32) -> bool {
        self.below(1_000_000) < u64::from(ppm)
    }

    /// A duration from the exponential distribution with this mean, rounded to the nanosecond.
    #[inline]
    pub fn exponential(&mut self, mean: SimDuration) -> SimDuration {
        // As a signed number: processors have an instruction for that one.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_wrap,
            reason = "a mean needs no more than 53 bits"
        )]
        let nanos = self.unit_exponential() * mean.as_nanos() as i64 as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and never negative"
        )]
        SimDuration::from_nanos((nanos + 0.5) as i64 as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_pinned() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        // The first outputs of the published reference code for this state.
        assert_eq!(
            [rng.next_u64(), rng.next_u64(), rng.next_u64()],
            [41_943_041, 58_720_359, 3_588_806_011_781_223]
        );
    }

    #[test]
    fn purposes_have_streams_of_their_own() {
        let first = |seed, purpose| Rng::for_purpose(seed, purpose).next_u64();
        assert_eq!(first(7, "service/web-1"), first(7, "service/web-1"));
        assert_ne!(first(7, "service/web-1"), first(7, "service/web-2"));
        assert_ne!(first(7, "service/web-1"), first(8, "service/web-1"));
    }

    #[test]
    fn exponential_draws_have_the_mean_they_were_asked_for() {
        let mut rng = Rng::for_purpose(1, "test");
        let mean = SimDuration::from_millis(60);
        let sum: SimDuration = (0..100_000).map(|_| rng.exponential(mean)).sum();
        let measured = sum.as_nanos() / 100_000;
        // The standard error of 100,000 draws is 0.32 % of the mean: five of them.
        assert!(measured.abs_diff(mean.as_nanos()) < mean.as_nanos() / 62, "{measured}");
    }
}
