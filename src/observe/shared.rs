//! A map that snapshots share: it is copied only when it changes while one is alive.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A map of which a copy costs nothing until one of the two changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared<K, V>(Arc<BTreeMap<K, V>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Deref for Shared<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K: Clone + Ord, V: Clone> DerefMut for Shared<K, V> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl<K: Clone + Ord, V: Clone> Shared<K, V> {
    /// Takes an entry out; where there is none, nothing is copied.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if self.0.contains_key(key) {
            Arc::make_mut(&mut self.0).remove(key)
        } else {
            None
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Shared<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(Arc::new(entries.into_iter().collect()))
    }
}
