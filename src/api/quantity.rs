//! Amounts of what Kubernetes hands out, as 500m or 10Gi.

/// What one is counted in, so that all suffixes are whole.
pub const ONE: i128 = 1_000_000_000;

/// A quantity in billionths (apimachinery, "Quantity": no finer one is kept).
pub fn nanos(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let end = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (digits, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 9 {
        return None;
    }
    let scale = scale(suffix)?;
    let places = u32::try_from(fraction.len()).ok()?;
    let parts = number(fraction)?.checked_mul(scale)? / 10_i128.pow(places);
    let value = number(whole)?.checked_mul(scale)?.checked_add(parts)?;
    Some(if unsigned == text { value } else { -value })
}

fn number(digits: &str) -> Option<i128> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok()
}

fn scale(suffix: &str) -> Option<i128> {
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const DECIMAL: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    let power = |list: [&str; 6]| list.iter().position(|each| *each == suffix);
    let exponent = |index: usize| u32::try_from(index + 1).ok();
    match suffix {
        "" => Some(ONE),
        "m" => Some(ONE / 1_000),
        "u" => Some(ONE / 1_000_000),
        "n" => Some(1),
        _ => match (power(BINARY), power(DECIMAL)) {
            (Some(index), _) => Some(ONE * 1_024_i128.pow(exponent(index)?)),
            (_, Some(index)) => Some(ONE * 1_000_i128.pow(exponent(index)?)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn an_amount_is_the_same_however_it_is_written() {
        assert_eq!(nanos("1.5Gi"), nanos("1536Mi"));
        assert_eq!(nanos("0.1"), nanos("100m"));
        assert!(nanos("10Gi") > nanos("10G"));
        assert_eq!(nanos("1Ei"), nanos("1024Pi"));
        assert_eq!(nanos("-1.5"), nanos("-1500m"));
        assert_eq!(nanos("much"), None);
    }
}
