//! Whole objects and whole messages by snapshot, and what holds of every plan.

mod builder;
mod mesh;
mod messages;
mod objects;
mod ownership;
mod patches;
mod routes;
mod rules;
mod source;
mod values;
mod vault;
pub(super) mod walls;
