//! Whole objects and whole messages by snapshot, and what holds of every plan.

mod builder;
mod messages;
mod objects;
mod ownership;
mod patches;
mod rules;
pub(super) mod walls;
