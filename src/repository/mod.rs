//! repository: where services come from → the texts of their manifests.
//!
//! ```text
//! SOURCE ──location──▶ Location ──git, image, folder──▶ Found (text, Origin) ──manifest──▶ services
//! ```
//! Git is called as a program, and only its objects are read: nothing of a repository is ever
//! checked out, so no link, hook, filter or sub-module of it can do anything here.

pub mod built_in;
mod cache;
mod error;
mod find;
mod folder;
mod found;
mod git;
mod image;
mod location;
mod origin;
mod shelf;
mod tags;

pub use error::RepositoryError;
pub use find::find;
pub use found::{Found, Release, Wanted};
pub use image::{Image, ImageError, MANIFEST_LABEL};
pub use location::{Location, Reference};
pub use origin::Origin;
pub use shelf::Shelf;
pub use tags::is_version_tag;

/// The names that a manifest has.
pub const MANIFEST_NAMES: [&str; 2] = ["gravity-service.yaml", "gravity-service.yml"];

/// The most manifests that are read of one repository.
pub const MOST: usize = 500;
