//! Images of a registry, and the manifests that they carry in a label.
//!
//! ```text
//! oci://HOST/NAME:TAG ──registry──▶ image's configuration ──label──▶ the manifest's text
//! ```
//! Nothing of an image is fetched but what describes it.

mod error;
mod name;
mod registry;

use std::time::Duration;

use futures::{StreamExt, stream};

pub use error::ImageError;
pub use name::Image;
pub(super) use name::without_login;
use registry::{Labelled, Registry};

use super::found::{Found, Release, Wanted};
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
