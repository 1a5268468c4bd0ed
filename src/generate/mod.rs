//! generate: a plan → files for those who run it without the operator, or bring it to a
//! cluster by another tool.
//!
//! Pure: the files' texts by their paths. Passwords come from a function, and those that were
//! made before are kept.

pub mod compose;
pub mod gitops;
pub mod helm;
pub mod kubernetes;
mod objects;

use std::collections::BTreeMap;

/// Texts by their path within the folder that they are written to.
pub type Files = BTreeMap<String, String>;

/// Makes a random text of so many letters and digits.
pub type Make<'a, E> = &'a mut dyn FnMut(usize) -> Result<String, E>;

/// In the first line of the file by which a folder is known that was written before.
pub const MARK: &str = "Made by `gravity generate`, which writes it anew";

/// The file of the Secrets: it holds passwords, so that it is nobody else's to read and none
/// of Git's.
pub const SECRETS_FILE: &str = "secrets.yaml";
