//! What is wanted of a location, and what was found there.

use std::time::Duration;

use semver::Version;

use super::{Origin, Reference, RepositoryError};
use crate::manifest::{self, Text};

/// Which manifests of a location are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which revision; what the location says, or the default branch, when absent.
    pub reference: Option<Reference>,
    /// The folder, or the manifest itself, within the location; all of it when absent.
    pub path: Option<String>,
    /// Every tag that is a version, instead of one revision.
    pub versions: bool,
    /// How long it may take in all.
    pub limit: Duration,
}

/// A manifest that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its text, and what messages call it.
    pub text: Text,
    /// Its path within the location.
    pub path: String,
    /// Where it came from.
    pub origin: Origin,
    /// The version that its tag says, and the service if the tag names one.
    pub release: Option<Release>,
}

/// What a tag says of the manifest below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The tag.
    pub tag: String,
    /// The version.
    pub version: Version,
    /// The service; any when absent.
    pub service: Option<String>,
}

/// The text of a manifest; there are no bytes where it is too long.
pub(super) fn text(place: String, bytes: Option<Vec<u8>>) -> Result<Text, RepositoryError> {
    let Some(bytes) = bytes else {
        return Err(RepositoryError::TooLarge { place });
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(RepositoryError::NotText { place });
    };
    Ok(Text {
        name: place,
        text,
        origin: manifest::Origin::Named,
    })
}
