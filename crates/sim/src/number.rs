//! Decimal numbers as people write them: read and written with what whole numbers can do.
//!
//! The standard library reads every number there is, to the last bit, with a table of powers of five that is larger than
//! everything else here, and writes the shortest text of any. Numbers in commands and lessons have a few digits: what is
//! here is exact for all that have at most 15, and near enough for the rest.

use alloc::string::{String, ToString};

/// Powers of ten that a float holds exactly.
const MOST_DECIMALS: usize = 22;
/// Whole numbers below this one have at most 15 digits, and a float holds each.
const FIFTEEN_DIGITS: f64 = 1e15;
/// And these determine a float.
const SEVENTEEN_DIGITS: f64 = 1e17;

/// Reads `12`, `0.25`, `-3.5`; nothing for what is not such a number. There are no exponents.
pub fn read(text: &str) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || (decimals.is_empty() && digits.contains('.')) || decimals.len() > MOST_DECIMALS {
        return None;
    }
    let mut number = 0_u64;
    for byte in whole.bytes().chain(decimals.bytes()) {
        let digit = byte.is_ascii_digit().then_some(u64::from(byte & 15))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "exact up to 15 digits, and near enough beyond")]
    let number = number as f64;
    Some(sign * number / power_of_ten(decimals.len()))
}

/// Writes a number with as few digits as tell it from the others, at most 17; one that is very large or very small is
/// written as what it is near to.
pub fn write(number: f64) -> String {
    let with = |digits| write_with(number.abs(), digits);
    let text = with(FIFTEEN_DIGITS);
    let text = if read(&text) == Some(number.abs()) { text } else { with(SEVENTEEN_DIGITS) };
    if number < 0.0 { "-".to_string() + &text } else { text }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and below 1e18")]
fn write_with(number: f64, digits: f64) -> String {
    let mut decimals = 0;
    while decimals < MOST_DECIMALS && number * power_of_ten(decimals + 1) < digits {
        decimals += 1;
    }
    // Halves go up.
    let all = (number * power_of_ten(decimals) + 0.5).min(1e18) as u64;
    let mut text = all.to_string();
    while text.len() <= decimals {
        text.insert(0, '0');
    }
    if decimals > 0 {
        text.insert(text.len() - decimals, '.');
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

fn power_of_ten(exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them() {
        for text in
            ["0", "12", "0.25", "-3.5", "120.5", "0.001", "999999999999999", "1.00000000000001", "0.1"]
        {
            assert_eq!(read(text), text.parse().ok(), "{text}");
        }
        for text in
            ["", "-", ".", "5.", ".5", "1e3", "1.2.3", "NaN", "inf", "1 ", "+1", "99999999999999999999"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for number in
            [0.0, 1.0, 120.0, 0.25, 0.1, 1.0 / 3.0, 99.99, 1e-6, 12_345.678_9, 1e12, -2.5, 120.000_004_8]
        {
            let text = write(number);
            let again = read(&text).expect("it is a number");
            assert!((again - number).abs() <= number.abs() * 1e-16, "{number}: {text} is {again}");
        }
        assert_eq!(write(0.1), "0.1");
        assert_eq!(write(120.0), "120");
        assert_eq!(write(-0.25), "-0.25");
    }
}
