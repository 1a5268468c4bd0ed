//! Tests of the whole step, from a short notation to resolutions and messages.

mod choices;
mod messages;
mod notation;
mod properties;

#[path = "../../../benches/seeded/mod.rs"]
mod seeded;
