//! Amounts of what Kubernetes hands out, as 500m or 10Gi.

/// A quantity in billionths (apimachinery, "Quantity": no finer one is kept).
pub fn nanos(text: &str) -> Option<i128> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-');
    let (digits, suffix) = text.split_at(end.unwrap_or(text.len()));
    let scale: i128 = match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => 1_000_000_000,
        "k" => 10_i128.pow(12),
        "M" => 10_i128.pow(15),
        "G" => 10_i128.pow(18),
        "T" => 10_i128.pow(21),
        "P" => 10_i128.pow(24),
        "Ki" => 1_000_000_000 << 10,
        "Mi" => 1_000_000_000 << 20,
        "Gi" => 1_000_000_000 << 30,
        "Ti" => 1_000_000_000 << 40,
        "Pi" => 1_000_000_000 << 50,
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = u32::try_from(fraction.len())
        .ok()
        .filter(|places| *places <= 9)?;
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    value
        .checked_mul(scale)
        .map(|scaled| scaled / 10_i128.pow(places))
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn an_amount_is_the_same_however_it_is_written() {
        assert_eq!(nanos("1.5Gi"), nanos("1536Mi"));
        assert_eq!(nanos("0.1"), nanos("100m"));
        assert!(nanos("10Gi") > nanos("10G"));
        assert_eq!(nanos("much"), None);
    }
}
