//! What is told of several measurements of the same thing.

/// Measurements, in order of size.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// Sorts the measurements.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The smallest one that so many of a hundred do not exceed (the nearest rank).
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// The smallest and the largest.
    pub fn spread(&self) -> (f64, f64) {
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        (end(self.0.first()), end(self.0.last()))
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self::new(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_measured_values() {
        let sample: Sample = [3.0, 1.0, 2.0].into_iter().collect();
        assert_eq!((sample.median(), sample.spread()), (2.0, (1.0, 3.0)));
    }

    #[test]
    fn of_few_the_99th_of_a_hundred_is_the_largest() {
        let sample: Sample = (1..=50).map(f64::from).collect();
        assert_eq!(sample.percentile(99), 50.0);
        let sample: Sample = (1..=200).map(f64::from).collect();
        assert_eq!(sample.percentile(99), 198.0);
    }
}
