//! A set of one service's versions, one bit each.
//!
//! The catalogue is finite and known, so a range is turned into the versions that it
//! admits once, by `VersionReq::matches` itself: it agrees with Cargo, pre-releases too,
//! by construction, and an API contract narrows it by the same means. Set operations are
//! then a few machine words; intervals of versions would compare and copy versions each time.

use std::fmt;

use pubgrub::VersionSet;

/// The bit that stands for "not in the application at all": what makes a dependency optional.
pub(super) const ABSENT: u32 = 0;

/// The versions that one word holds.
const WORD: u32 = u128::BITS;

/// A set of versions by their number in the catalogue.
///
/// The complement of a set holds all numbers beyond what is written down, so `beyond`
/// says what the bits after the last word are. Words at the end that say the same as
/// `beyond` are cut, or equal sets could differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Versions {
    first: u128,
    rest: Vec<u128>,
    beyond: bool,
}

impl Versions {
    /// The set of the numbers.
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }

    /// Adds one version.
    pub fn insert(&mut self, number: u32) {
        let index = (number / WORD) as usize;
        let bit = 1 << (number % WORD);
        if index == 0 {
            self.first |= bit;
            return;
        }
        let blank = self.blank();
        if self.rest.len() < index {
            self.rest.resize(index, blank);
        }
        self.rest[index - 1] |= bit;
        self.cut();
    }

    /// Whether it holds the version.
    pub fn holds(&self, number: u32) -> bool {
        self.word((number / WORD) as usize) >> (number % WORD) & 1 == 1
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.rest.is_empty() && !self.beyond
    }

    /// The highest number in both sets; one of the two must be finite.
    pub fn newest_of_both(&self, other: &Self) -> Option<u32> {
        (0..=self.rest.len().max(other.rest.len()))
            .rev()
            .find_map(|index| {
                let word = self.word(index) & other.word(index);
                (word != 0).then(|| index as u32 * WORD + WORD - 1 - word.leading_zeros())
            })
    }

    /// How many are in both sets; one of the two must be finite.
    pub fn count_of_both(&self, other: &Self) -> u32 {
        (0..=self.rest.len().max(other.rest.len()))
            .map(|index| (self.word(index) & other.word(index)).count_ones())
            .sum()
    }

    fn blank(&self) -> u128 {
        if self.beyond { u128::MAX } else { 0 }
    }

    fn word(&self, index: usize) -> u128 {
        if index == 0 {
            return self.first;
        }
        self.rest
            .get(index - 1)
            .copied()
            .unwrap_or_else(|| self.blank())
    }

    fn cut(&mut self) {
        let blank = self.blank();
        while self.rest.last() == Some(&blank) {
            self.rest.pop();
        }
    }

    fn combine(&self, other: &Self, beyond: bool, word: impl Fn(u128, u128) -> u128) -> Self {
        let length = self.rest.len().max(other.rest.len());
        let mut set = Self {
            first: word(self.first, other.first),
            rest: (1..=length)
                .map(|index| word(self.word(index), other.word(index)))
                .collect(),
            beyond,
        };
        set.cut();
        set
    }

    fn every_word(&self, other: &Self, holds: impl Fn(u128, u128) -> bool) -> bool {
        // One word more than is written down: what lies beyond is compared too.
        (0..=self.rest.len().max(other.rest.len()) + 1)
            .all(|index| holds(self.word(index), other.word(index)))
    }
}

impl VersionSet for Versions {
    type V = u32;

    fn empty() -> Self {
        Self::default()
    }

    fn full() -> Self {
        Self {
            first: u128::MAX,
            rest: Vec::new(),
            beyond: true,
        }
    }

    fn singleton(number: u32) -> Self {
        Self::of([number])
    }

    fn complement(&self) -> Self {
        Self {
            first: !self.first,
            rest: self.rest.iter().map(|word| !word).collect(),
            beyond: !self.beyond,
        }
    }

    fn intersection(&self, other: &Self) -> Self {
        self.combine(other, self.beyond && other.beyond, |one, two| one & two)
    }

    fn union(&self, other: &Self) -> Self {
        self.combine(other, self.beyond || other.beyond, |one, two| one | two)
    }

    fn contains(&self, number: &u32) -> bool {
        self.holds(*number)
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        self.every_word(other, |one, two| one & two == 0)
    }

    fn subset_of(&self, other: &Self) -> bool {
        self.every_word(other, |one, two| one & !two == 0)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Numbers on both sides of the borders of words.
    const NUMBERS: u32 = 3 * WORD;

    fn set() -> impl Strategy<Value = (Versions, BTreeSet<u32>)> {
        (
            proptest::collection::btree_set(0..NUMBERS - 40, 0..12),
            any::<bool>(),
        )
            .prop_map(|(numbers, complement)| {
                let set = Versions::of(numbers.iter().copied());
                if complement {
                    let others = (0..NUMBERS).filter(|number| !numbers.contains(number));
                    (set.complement(), others.collect())
                } else {
                    (set, numbers)
                }
            })
    }

    fn listed(set: &Versions) -> BTreeSet<u32> {
        (0..NUMBERS).filter(|number| set.holds(*number)).collect()
    }

    proptest! {
        #[test]
        fn sets_of_bits_are_sets_of_numbers((one, a) in set(), (two, b) in set()) {
            prop_assert_eq!(listed(&one), a.clone());
            prop_assert_eq!(listed(&one.intersection(&two)), &a & &b);
            prop_assert_eq!(listed(&one.union(&two)), &a | &b);
            prop_assert_eq!(one.is_disjoint(&two), a.is_disjoint(&b));
            prop_assert_eq!(one.subset_of(&two), a.is_subset(&b));
            prop_assert_eq!(one == two, a == b);
            prop_assert_eq!(one.is_empty(), a.is_empty());
        }

        #[test]
        fn equal_sets_are_written_in_one_way((one, _) in set(), (two, _) in set()) {
            prop_assert_eq!(&one.complement().complement(), &one);
            prop_assert_eq!(
                one.union(&two),
                one.complement().intersection(&two.complement()).complement()
            );
            prop_assert_eq!(one.intersection(&two).union(&one), one.clone());
            prop_assert_eq!(one.union(&one.complement()), Versions::full());
            prop_assert_eq!(one.intersection(&one.complement()), Versions::empty());
        }

        #[test]
        fn the_newest_is_the_highest((one, a) in set(), b in proptest::collection::btree_set(0..NUMBERS, 0..12)) {
            let two = Versions::of(b.iter().copied());
            prop_assert_eq!(one.newest_of_both(&two), (&a & &b).last().copied());
            prop_assert_eq!(one.count_of_both(&two) as usize, (&a & &b).len());
        }
    }
}
