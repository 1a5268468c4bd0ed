//! What is known of each planned object, gathered in one walk.

use std::sync::Arc;

use super::object::Compared;
use super::{Comparisons, Desired};
use crate::observe::{Found, Live, Observed, Write};

/// What is known of the planned objects, by their numbers.
pub struct Sights<'a> {
    live: Vec<Option<&'a Arc<Live>>>,
    writes: Vec<Option<&'a Write>>,
    found: Vec<Option<&'a Found>>,
    compared: Vec<Option<&'a Compared>>,
}

/// What is known of one planned object.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The object, where the watches show one.
    pub live: Option<&'a Arc<Live>>,
    /// Our own write of it.
    pub write: Option<&'a Write>,
    /// What was found under its name.
    pub found: Option<&'a Found>,
    /// What came out of it the last time.
    pub compared: Option<&'a Compared>,
}

impl<'a> Sights<'a> {
    /// Gathers what is known.
    pub fn new(desired: &Desired, observed: &'a Observed, comparisons: &'a Comparisons) -> Self {
        Self {
            live: desired.of_objects(&observed.live),
            writes: desired.of_objects(&observed.writes),
            found: desired.of_objects(&observed.found),
            compared: desired.of_objects(&comparisons.0),
        }
    }

    /// What is known of the object of that number.
    pub fn of(&self, object: usize) -> Sight<'a> {
        Sight {
            live: self.live[object],
            write: self.writes[object],
            found: self.found[object],
            compared: self.compared[object],
        }
    }
}
