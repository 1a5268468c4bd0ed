//! Why no manifest came out of an image. No message has a password in it.

use std::io;
use std::time::Duration;

use super::MANIFEST_LABEL;
use super::name::Image;
use crate::manifest::MAX_BYTES;

/// Why no manifest came out of an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// It is no image's name.
    #[error(
        "oci://{image} is no image ({problem}): write it as oci://registry.example.com/auth-service:1.4.0"
    )]
    Name {
        /// What was written.
        image: String,
        /// What is wrong.
        problem: String,
    },
    /// A login stands where the registry is named.
    #[error(
        "oci://{image} has a login before it, which everybody on this machine could see: take it out, and log in by `docker login {}`, whose config.json is read",
        host(image)
    )]
    Login {
        /// The image without it.
        image: String,
    },
    /// Which registry is not said, and no default one is taken.
    #[error(
        "oci://{image} names no registry: write its host first, as oci://registry.example.com/{image}"
    )]
    NoRegistry {
        /// What was written.
        image: String,
    },
    /// A flag that is for Git repositories.
    #[error(
        "{flag} is for a Git repository, and {} is an image: name one of its tags by --tag", image.name
    )]
    NotOfGit {
        /// The flag.
        flag: &'static str,
        /// The image.
        image: Image,
    },
    /// The image has no manifest.
    #[error(
        "{image} has no label {MANIFEST_LABEL}: its build sets it by --label \"{MANIFEST_LABEL}=$(cat gravity-service.yaml)\"; until then add the service's Git repository"
    )]
    NoLabel {
        /// The image.
        image: Image,
    },
    /// No tag is a version with a manifest.
    #[error(
        "{image} has no tag that is a version and whose image has a manifest in its label, of {tags} tags: tag an image that has one as 1.4.0, or add a tag without --versions"
    )]
    NoVersions {
        /// The registry and repository.
        image: String,
        /// How many tags it has.
        tags: usize,
    },
    /// The tag or digest is not there.
    #[error("{image} is not there: {}", there_is(tags))]
    NoTag {
        /// The image.
        image: Image,
        /// Some of those that are there.
        tags: Vec<String>,
    },
    /// The registry has no such repository, or says so.
    #[error(
        "{image} is not there: is the name right, and may you read it? A private image may look as if it were not there; `docker login {}` logs in",
        host(image)
    )]
    NoRepository {
        /// The registry and repository.
        image: String,
    },
    /// The registry lets nobody in, or not this one.
    #[error(
        "{image} cannot be read, for the registry wants {}: log in by `docker login {}`, whose config.json is read", if *known { "another login than it has got" } else { "a login" }, host(image)
    )]
    Unauthorized {
        /// The registry and repository.
        image: String,
        /// Whether a login was sent.
        known: bool,
    },
    /// The login of Docker's configuration cannot be had.
    #[error(
        "the login for {registry} cannot be read: {problem}; log in anew by `docker login {registry}`"
    )]
    Credential {
        /// The registry.
        registry: String,
        /// What is wrong.
        problem: String,
    },
    /// The registry gives no answer.
    #[error("{image} cannot be read: {problem}: is the name right, and is the registry up?")]
    Unreachable {
        /// The image.
        image: String,
        /// What the connection says.
        problem: String,
    },
    /// The registry answers something else.
    #[error("{image} cannot be read: {problem}")]
    Registry {
        /// The image.
        image: String,
        /// What it says.
        problem: String,
    },
    /// It takes too long.
    #[error(
        "{image} cannot be read: gave up after {}s; give it more time by --timeout", limit.as_secs()
    )]
    TooSlow {
        /// The image.
        image: Image,
        /// How long it was given.
        limit: Duration,
    },
    /// What describes the image is too large.
    #[error(
        "the configuration of {image} is larger than {} MiB, the most that is read", MAX_BYTES / 1024 / 1024
    )]
    TooLarge {
        /// The image.
        image: Image,
    },
    /// There is no image in it.
    #[error("{image} is of no platform: it is an index that names no image")]
    NoPlatform {
        /// The image.
        image: Image,
    },
    /// Nothing can be waited for.
    #[error("the network cannot be used: {0}")]
    Runtime(io::Error),
}

fn host(image: &str) -> &str {
    image.split('/').next().unwrap_or(image)
}

fn there_is(tags: &[String]) -> String {
    match tags {
        [] => "the repository has no tags".to_owned(),
        tags => format!("the repository has {}", tags.join(", ")),
    }
}
