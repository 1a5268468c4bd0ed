//! Images of a registry, and the manifests that they carry in a label.
//!
//! ```text
//! oci://HOST/NAME:TAG ──registry──▶ image's configuration ──label──▶ the manifest's text
//! ```
//! Nothing of an image is fetched but what describes it.

mod error;
mod registry;

use std::fmt;
use std::time::Duration;

use futures::{StreamExt, stream};
use oci_client::Reference as Parsed;
use semver::Version;

pub use error::ImageError;
use registry::{Labelled, Registry};

use super::find::{Found, Release, Wanted};
use super::tags::{VersionTag, version_tag};
use super::{MOST, Origin, Reference, RepositoryError};
use crate::manifest::{self, Text};

/// The label of an image that has the text of its service's `gravity-service.yaml`. Its form
/// is that of the OCI image specification's annotations: a domain turned round.
pub const MANIFEST_LABEL: &str = "dev.gravity.service";
/// The tag of an image that names none, as Docker has it.
const DEFAULT_TAG: &str = "latest";
/// How many tags are asked for at once.
const AT_ONCE: usize = 8;

/// An image of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its registry and repository, as `registry.acme.dev/auth-service`.
    pub name: String,
    /// Its tag.
    pub tag: Option<String>,
    /// The digest of its content, as `sha256:…`.
    pub digest: Option<String>,
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(formatter, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl Image {
    /// Reads `HOST/NAME`, with `:TAG` and `@DIGEST` where they are meant.
    ///
    /// # Errors
    /// It is no image's name (the distribution specification's grammar), or names no registry.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let parsed = Parsed::try_from(text).map_err(|error| ImageError::Name {
            // Whoever writes a password here has it before an `@`.
            image: without_login(text).to_owned(),
            problem: error.to_string(),
        })?;
        let (host, name) = text.split_once('/').unwrap_or_default();
        if !(host.contains(['.', ':']) || host == "localhost") {
            return Err(ImageError::NoRegistry {
                image: text.to_owned(),
            });
        }
        let bare = name.split('@').next().unwrap_or(name);
        Ok(Self {
            name: format!("{host}/{}", parsed_name(bare)),
            // The parser has its own word for none.
            tag: parsed
                .tag()
                .filter(|_| bare.contains(':'))
                .map(str::to_owned),
            digest: parsed.digest().map(str::to_owned),
        })
    }

    fn tagged(&self, tag: &str) -> Self {
        Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        }
    }
}

/// The text without what stands before the `@` of its host.
fn without_login(text: &str) -> &str {
    let host = text.split('/').next().unwrap_or(text);
    match host.rfind('@') {
        Some(at) => &text[at + 1..],
        None => text,
    }
}

/// A repository's name without its tag.
fn parsed_name(text: &str) -> &str {
    text.split(':').next().unwrap_or(text)
}

/// The manifest that an image carries, or those of all its tags that are versions.
pub(super) fn in_image(image: &Image, wanted: &Wanted) -> Result<Vec<Found>, RepositoryError> {
    let flags = [
        ("--path", wanted.path.is_some()),
        (
            "--branch",
            matches!(wanted.reference, Some(Reference::Branch(_))),
        ),
        (
            "--rev",
            matches!(wanted.reference, Some(Reference::Revision(_))),
        ),
    ];
    if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
        return Err(ImageError::NotOfGit {
            flag,
            image: image.clone(),
        }
        .into());
    }
    let image = match &wanted.reference {
        Some(Reference::Tag(tag)) => Image::parse(&format!("{}:{tag}", image.name))?,
        _ => image.clone(),
    };
    within(wanted.limit, &image, async {
        let registry = Registry::of(&image)?;
        match wanted.versions {
            true => versions(&registry, &image).await,
            false => one(&registry, &image).await,
        }
    })?
}

/// Waits for an answer, for so long.
fn within<T>(
    limit: Duration,
    image: &Image,
    work: impl Future<Output = T>,
) -> Result<T, ImageError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ImageError::Runtime)?;
    let answer = runtime.block_on(async { tokio::time::timeout(limit, work).await });
    answer.map_err(|_| ImageError::TooSlow {
        image: image.clone(),
        limit,
    })
}

async fn one(registry: &Registry, image: &Image) -> Result<Vec<Found>, RepositoryError> {
    let image = match (&image.tag, &image.digest) {
        (None, None) => &image.tagged(DEFAULT_TAG),
        _ => image,
    };
    let Some(labelled) = registry.label(image, MANIFEST_LABEL).await? else {
        return Err(ImageError::NoLabel {
            image: image.clone(),
        }
        .into());
    };
    Ok(vec![found(image, labelled)])
}

/// The manifests of all tags that are versions, the newest versions first. One of an older tag
/// that has none, as before its service knew of Gravity, is passed over.
async fn versions(registry: &Registry, image: &Image) -> Result<Vec<Found>, RepositoryError> {
    let tags = registry.tags().await?;
    let mut versions: Vec<VersionTag> = tags.iter().filter_map(|tag| version_tag(tag)).collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.truncate(MOST);
    let asked = versions.iter().map(|version| async move {
        let image = image.tagged(&version.tag);
        let labelled = registry.label(&image, MANIFEST_LABEL).await;
        (image, version, labelled)
    });
    let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    let mut all = Vec::new();
    for (image, version, labelled) in answers {
        let Some(labelled) = labelled? else { continue };
        all.push(Found {
            release: Some(Release {
                tag: version.tag.clone(),
                version: version.version.clone(),
                service: version.service.clone(),
            }),
            ..found(&image, labelled)
        });
    }
    if all.is_empty() {
        return Err(ImageError::NoVersions {
            image: image.name.clone(),
            tags: tags.len(),
        }
        .into());
    }
    Ok(all)
}

fn found(image: &Image, labelled: Labelled) -> Found {
    let name = format!("oci://{image}");
    let image = Image {
        digest: Some(labelled.digest),
        ..image.clone()
    };
    Found {
        path: image.name.clone(),
        text: Text {
            name,
            text: labelled.text,
            origin: manifest::Origin::Carried {
                image: image.to_string(),
            },
        },
        origin: Origin::Image(image),
        release: None,
    }
}

/// The newest versions among tags, for those who asked for one that is not there.
fn newest(tags: &[String]) -> Vec<String> {
    let mut versions: Vec<(Version, &String)> = tags
        .iter()
        .filter_map(|tag| Some((version_tag(tag)?.version, tag)))
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    let mut newest: Vec<String> = versions.into_iter().map(|(_, tag)| tag.clone()).collect();
    newest.extend(
        tags.iter()
            .filter(|tag| version_tag(tag).is_none())
            .cloned(),
    );
    newest.truncate(5);
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_read_with_what_it_says() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (text, name, tag, of_content) in [
            (
                "registry.acme.dev/auth",
                "registry.acme.dev/auth",
                None,
                None,
            ),
            (
                "localhost/auth:1.4.0",
                "localhost/auth",
                Some("1.4.0"),
                None,
            ),
            (
                "127.0.0.1:5000/team/auth",
                "127.0.0.1:5000/team/auth",
                None,
                None,
            ),
            ("127.0.0.1:5000/a:v1", "127.0.0.1:5000/a", Some("v1"), None),
            (
                &format!("r.dev/a:v1@{digest}"),
                "r.dev/a",
                Some("v1"),
                Some(&digest),
            ),
            (&format!("r.dev/a@{digest}"), "r.dev/a", None, Some(&digest)),
        ] {
            let image = Image::parse(text).unwrap();
            assert_eq!(image.name, name);
            assert_eq!(image.tag.as_deref(), tag, "{text}");
            assert_eq!(image.digest.as_ref(), of_content, "{text}");
            assert_eq!(image.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_image_is_told() {
        let told = |text: &str| Image::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(told("auth"), @"oci://auth names no registry: write its host first, as oci://registry.example.com/auth");
        insta::assert_snapshot!(told("acme/auth:1"), @"oci://acme/auth:1 names no registry: write its host first, as oci://registry.example.com/acme/auth:1");
        insta::assert_snapshot!(told("registry.acme.dev/Auth"), @"oci://registry.acme.dev/Auth is no image (invalid reference format): write it as oci://registry.example.com/auth-service:1.4.0");
        insta::assert_snapshot!(told("registry.acme.dev/auth:"), @"oci://registry.acme.dev/auth: is no image (invalid reference format): write it as oci://registry.example.com/auth-service:1.4.0");
        insta::assert_snapshot!(told(""), @"oci:// is no image (repository name must have at least one component): write it as oci://registry.example.com/auth-service:1.4.0");
        let secret = told("user:s3cret@registry.acme.dev/auth");
        insta::assert_snapshot!(secret, @"oci://registry.acme.dev/auth is no image (invalid reference format): write it as oci://registry.example.com/auth-service:1.4.0");
    }
}
