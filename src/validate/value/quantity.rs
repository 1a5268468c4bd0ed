//! Quantities, as Kubernetes writes them (resource.Quantity of apimachinery).

use crate::api::quantity::{ONE, nanos};

/// A quantity in thousandths of millionths, so that quantities compare exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::validate) struct Quantity(i128);

impl Quantity {
    /// Reads a quantity that a person may ask for: none below zero, and none finer than a
    /// thousandth. `None` for what is none.
    pub(in crate::validate) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|each: char| !each.is_ascii_digit() && each != '.');
        let (number, suffix) = text.split_at(end.unwrap_or(text.len()));
        let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
        let bad = whole.is_empty() || number.ends_with('.') || whole.len() > 18;
        if bad || matches!(suffix, "n" | "u") {
            return None;
        }
        nanos(text).map(Self)
    }

    /// A whole number without a unit.
    pub(in crate::validate) const fn whole(number: i128) -> Self {
        Self(number * ONE)
    }

    pub(in crate::validate) const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// An amount of a resource. `512m` of memory is half a byte and `500Mi` of CPU half a
/// thousand million cores: both are read by Kubernetes, and neither was ever meant.
pub(in crate::validate) fn amount(resource: &str, text: &str) -> Result<Quantity, String> {
    let Some(quantity) = Quantity::parse(text) else {
        return Err(match repaired(text) {
            Some(better) => format!("{text:?} is no quantity: write {better}"),
            None => format!("{text:?} is no quantity: write {}", example(resource)),
        });
    };
    if is_in_bytes(resource) && text.ends_with('m') {
        let number = text.trim_end_matches('m');
        return Err(format!(
            "{text} of {resource} is {number} thousandths of a byte: write {number}Mi"
        ));
    }
    if resource == "cpu" && text.ends_with(|last: char| last.is_ascii_alphabetic() && last != 'm') {
        return Err(format!(
            "{text} of CPU is counted as for memory: write cores, as 1, or thousandths of one, as 250m"
        ));
    }
    Ok(quantity)
}

/// What is counted in bytes; of what another word counts, a thousandth can be meant.
fn is_in_bytes(resource: &str) -> bool {
    matches!(resource, "memory" | "storage" | "ephemeral-storage")
}

fn example(resource: &str) -> &'static str {
    match resource {
        "cpu" => "cores, as 1, or thousandths of one, as 250m",
        _ => "a number with its unit, as 512Mi or 10Gi",
    }
}

/// `512MB` and `10gb` are what people write first.
fn repaired(text: &str) -> Option<String> {
    let (number, suffix) = text.split_at(text.find(|each: char| each.is_ascii_alphabetic())?);
    let unit = match suffix.to_ascii_lowercase().as_str() {
        "kb" | "kib" | "ki" => "Ki",
        "mb" | "mib" | "mi" => "Mi",
        "gb" | "gib" | "gi" | "g" => "Gi",
        "tb" | "tib" | "ti" | "t" => "Ti",
        _ => return None,
    };
    let better = format!("{}{unit}", number.trim());
    Quantity::parse(&better).map(|_| better)
}
