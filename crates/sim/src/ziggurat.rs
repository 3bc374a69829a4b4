//! Exponential draws by the ziggurat: one multiplication and one comparison, nearly always.
//!
//! The area under the curve is cut into 256 layers of equal size, each a rectangle but for its ragged right edge. Pick a
//! layer, pick a place in it; 989 times of a thousand the place is left of the edge, and is the draw. The rest is decided
//! by the curve itself, and the lowest layer has the tail, which is the whole curve once more. After Marsaglia and Tsang,
//! "The Ziggurat Method for Generating Random Variables", Journal of Statistical Software 5 (8), 2000.
//!
//! The layers are computed when this is compiled, from sums, products and quotients alone, which IEEE 754 fixes to the last
//! bit. So draws are the same on every platform.

use crate::rng::Rng;

const LAYERS: usize = 256;
/// Where the tail begins, and the curve's height there.
const TAIL: f64 = 7.697_117_470_131_05;
const TAIL_HEIGHT: f64 = 4.541_343_538_414_966e-4;
/// The area of each layer: that of the lowest is a rectangle up to the tail, and the tail, which has the area of the
/// curve's height where it begins.
const AREA: f64 = TAIL * TAIL_HEIGHT + TAIL_HEIGHT;

/// The right end of each layer, widest first.
const EDGES: [f64; LAYERS + 1] = edges();
/// The width of each layer for one of the 2^53 places in it.
static STEPS: [f64; LAYERS] = steps();
/// Places before this one are under the curve, whatever their height in the layer.
static INSIDE: [u64; LAYERS] = inside();

/// 2^53: a float holds whole numbers up to there.
#[expect(clippy::cast_precision_loss, reason = "a power of two")]
const PLACES: f64 = (1_u64 << 53) as f64;

/// The natural logarithm of a number from 0 to 1.
const fn ln(number: f64) -> f64 {
    const LN_2: f64 = core::f64::consts::LN_2;
    let (mut mantissa, mut halvings) = (number, 0.0);
    while mantissa < 0.75 {
        mantissa *= 2.0;
        halvings += 1.0;
    }
    // ln m = 2 artanh ((m - 1) / (m + 1)), as a series.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (mut power, mut sum, mut odd) = (ratio, 0.0, 1.0);
    while odd < 31.0 {
        sum += power / odd;
        power *= ratio * ratio;
        odd += 2.0;
    }
    2.0 * sum - halvings * LN_2
}

const fn edges() -> [f64; LAYERS + 1] {
    let mut edges = [0.0; LAYERS + 1];
    // As if the lowest layer were a rectangle of its area.
    edges[0] = AREA / TAIL_HEIGHT;
    edges[1] = TAIL;
    let (mut height, mut layer) = (TAIL_HEIGHT, 2);
    while layer < LAYERS {
        height += AREA / edges[layer - 1];
        edges[layer] = -ln(height);
        layer += 1;
    }
    edges
}

const fn steps() -> [f64; LAYERS] {
    let (mut steps, mut layer) = ([0.0; LAYERS], 0);
    while layer < LAYERS {
        steps[layer] = EDGES[layer] / PLACES;
        layer += 1;
    }
    steps
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2^53")]
const fn inside() -> [u64; LAYERS] {
    let (mut inside, mut layer) = ([0; LAYERS], 0);
    while layer < LAYERS {
        inside[layer] = (EDGES[layer + 1] / EDGES[layer] * PLACES) as u64;
        layer += 1;
    }
    inside
}

/// A number from the exponential distribution with mean 1.
#[inline]
pub(crate) fn exponential(rng: &mut Rng) -> f64 {
    let (layer, place) = pick(rng);
    if place < INSIDE[layer] { distance(layer, place) } else { at_the_edge(rng, layer, place) }
}

/// A layer, and a place in it: of the 64 bits, 8 for the one and 53 others for the other.
#[inline]
fn pick(rng: &mut Rng) -> (usize, u64) {
    let bits = rng.next_u64();
    ((bits & 0xFF) as usize, bits >> 11)
}

/// How far from zero a place in a layer is.
#[inline]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "53 bits fit")]
fn distance(layer: usize, place: u64) -> f64 {
    // As a signed number: processors have an instruction for that one.
    place as i64 as f64 * STEPS[layer]
}

#[cold]
fn at_the_edge(rng: &mut Rng, mut layer: usize, mut place: u64) -> f64 {
    let mut beyond = 0.0;
    loop {
        let x = distance(layer, place);
        if place < INSIDE[layer] {
            return beyond + x;
        }
        if layer == 0 {
            beyond += TAIL;
        } else {
            let (low, high) = (libm::exp(-EDGES[layer]), libm::exp(-EDGES[layer + 1]));
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let height = low + (high - low) * ((rng.next_u64() >> 11) as f64 / PLACES);
            if height < libm::exp(-x) {
                return beyond + x;
            }
        }
        (layer, place) = pick(rng);
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_layers_have_equal_areas_and_end_at_the_top_of_the_curve() {
        assert!((TAIL_HEIGHT - libm::exp(-TAIL)).abs() < 1e-18);
        for layer in 1..LAYERS {
            let (low, high) = (libm::exp(-EDGES[layer]), libm::exp(-EDGES[layer + 1]));
            let area = EDGES[layer] * (high - low);
            assert!((area - AREA).abs() < 1e-12, "layer {layer}: {area}, not {AREA}");
        }
    }

    #[test]
    fn as_many_draws_are_below_each_value_as_the_curve_says() {
        const DRAWS: u32 = 1_000_000;
        let mut rng = Rng::for_purpose(1, "test");
        let mut draws: Vec<f64> = (0..DRAWS).map(|_| exponential(&mut rng)).collect();
        draws.sort_by(f64::total_cmp);
        assert!(draws[0] >= 0.0 && draws[draws.len() - 1] > TAIL, "the tail was drawn too");
        // Kolmogorov and Smirnov: the greatest distance of a million draws is above 1.95 / 1000 once in a thousand.
        let distance = (1..)
            .zip(&draws)
            .map(|(rank, draw)| (f64::from(rank) / f64::from(DRAWS) - (1.0 - libm::exp(-draw))).abs());
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 1.95e-3, "{distance}");
    }

    #[test]
    fn draws_are_pinned() {
        let mut rng = Rng::for_purpose(1, "test");
        let sum: f64 = (0..100_000).map(|_| exponential(&mut rng)).sum();
        assert_eq!(sum.to_bits(), 4_681_611_953_815_885_936, "{sum}");
    }
}
