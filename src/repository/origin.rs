//! Where a service came from, in one line of its object. The form is Cargo's for a package
//! (its "Package ID Specifications"): `git+https://host/repo?tag=v1.4.0&path=auth#revision`,
//! `oci+registry.example.com/auth:1.4.0#sha256:…`, `path+../auth`, `catalog+data/pgadmin/8.14.0.yaml` for the catalogue that is built in, or
//! `catalog+data/redis/7.0.0.yaml@git+https://host/catalogue?path=#revision` for another one.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::{Image, Reference};

/// Where a service came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A folder or file of the machine, most often relative to the project's folder.
    Folder(String),
    /// The catalogue that is built in; the manifest's path there.
    BuiltIn(String),
    /// A catalogue, which may have other versions beside.
    Catalog {
        /// The manifest's path there.
        path: String,
        /// The catalogue: a folder, or a folder of a Git repository.
        place: Box<Origin>,
    },
    /// A namespace of the cluster that was asked.
    Namespace(String),
    /// An image of a registry; the digest is of what was read.
    Image(Image),
    /// A Git repository.
    Git {
        /// Its URL, without a password.
        url: String,
        /// What was asked for; the default branch when absent.
        reference: Option<Reference>,
        /// The manifest's path in the repository.
        path: String,
        /// The revision that was read.
        revision: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(formatter, "path+{path}"),
            Self::BuiltIn(path) => write!(formatter, "catalog+{path}"),
            Self::Catalog { path, place } => write!(formatter, "catalog+{path}@{place}"),
            Self::Namespace(name) => write!(formatter, "cluster+{name}"),
            Self::Image(image) => {
                let digest = image.digest.as_deref().unwrap_or_default();
                let asked = Image {
                    digest: None,
                    ..image.clone()
                };
                write!(formatter, "oci+{asked}#{digest}")
            }
            Self::Git {
                url,
                reference,
                path,
                revision,
            } => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                match reference {
                    Some(Reference::Branch(name)) => drop(query.append_pair("branch", name)),
                    Some(Reference::Tag(name)) => drop(query.append_pair("tag", name)),
                    Some(Reference::Revision(name)) => drop(query.append_pair("rev", name)),
                    None => {}
                }
                query.append_pair("path", path);
                write!(formatter, "git+{url}?{}#{revision}", query.finish())
            }
        }
    }
}

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} says no source: it should be as git+https://host/repository?tag=v1.4.0&path=gravity-service.yaml#revision, as oci+registry.example.com/auth:1.4.0#sha256:…, as path+../auth, or as catalog+data/minio/1.0.0.yaml"
)]
pub struct NoOrigin(String);

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let wrong = || NoOrigin(text.to_owned());
        if let Some(path) = text.strip_prefix("path+") {
            return Ok(Self::Folder(path.to_owned()));
        }
        if let Some(path) = text.strip_prefix("catalog+") {
            let elsewhere = ["@path+", "@git+"].map(|mark| path.find(mark));
            let Some(at) = elsewhere.into_iter().flatten().min() else {
                return Ok(Self::BuiltIn(path.to_owned()));
            };
            return Ok(Self::Catalog {
                path: path[..at].to_owned(),
                place: Box::new(path[at + 1..].parse()?),
            });
        }
        if let Some(name) = text.strip_prefix("cluster+") {
            return Ok(Self::Namespace(name.to_owned()));
        }
        if let Some(text) = text.strip_prefix("oci+") {
            let (asked, digest) = text.split_once('#').ok_or_else(wrong)?;
            let image = Image::parse(&format!("{asked}@{digest}")).map_err(|_| wrong())?;
            return Ok(Self::Image(image));
        }
        let mut url =
            Url::parse(text.strip_prefix("git+").ok_or_else(wrong)?).map_err(|_| wrong())?;
        let revision = url.fragment().ok_or_else(wrong)?.to_owned();
        let (mut reference, mut path) = (None, None);
        for (key, value) in url.query_pairs() {
            let value = value.into_owned();
            match key.as_ref() {
                "branch" => reference = Some(Reference::Branch(value)),
                "tag" => reference = Some(Reference::Tag(value)),
                "rev" => reference = Some(Reference::Revision(value)),
                "path" => path = Some(value),
                _ => {}
            }
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self::Git {
            url: url.to_string(),
            reference,
            path: path.ok_or_else(wrong)?,
            revision,
        })
    }
}

impl Origin {
    /// For people: the repository without its protocol, and what of it.
    pub fn short(&self) -> String {
        match self {
            Self::Folder(path) => path.clone(),
            Self::BuiltIn(_) => "the catalogue".to_owned(),
            Self::Catalog { place, .. } => format!("catalogue {}", place.short()),
            Self::Namespace(name) => format!("namespace {name}"),
            Self::Image(image) => match (&image.tag, &image.digest) {
                (Some(tag), _) => format!("{} {tag}", image.name),
                (None, Some(digest)) => {
                    format!("{} {}", image.name, &digest[..digest.len().min(14)])
                }
                (None, None) => image.name.clone(),
            },
            Self::Git {
                url,
                reference,
                revision,
                ..
            } => {
                let bare = url.split("://").last().unwrap_or(url);
                let bare = bare.strip_suffix(".git").unwrap_or(bare);
                let short = revision.get(..7).unwrap_or(revision);
                match reference {
                    Some(Reference::Branch(name) | Reference::Tag(name)) => {
                        format!("{bare} {name}")
                    }
                    Some(Reference::Revision(_)) | None => format!("{bare} {short}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_origin_is_a_line_that_people_can_read() {
        let origin = Origin::Git {
            url: "https://github.com/acme/shop".to_owned(),
            reference: Some(Reference::Tag("v1.4.0".to_owned())),
            path: "services/auth/gravity-service.yaml".to_owned(),
            revision: "8f0c2ab".to_owned(),
        };
        insta::assert_snapshot!(origin, @"git+https://github.com/acme/shop?tag=v1.4.0&path=services%2Fauth%2Fgravity-service.yaml#8f0c2ab");
        assert_eq!(origin.short(), "github.com/acme/shop v1.4.0");
        assert_eq!(
            Origin::Folder("../auth".to_owned()).to_string(),
            "path+../auth"
        );
    }

    #[test]
    fn an_image_is_noted_with_what_was_read_of_it() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (asked, short) in [
            (
                "registry.acme.dev:5000/auth:1.4.0",
                "registry.acme.dev:5000/auth 1.4.0",
            ),
            (
                "registry.acme.dev/auth",
                "registry.acme.dev/auth sha256:0a0a0a0",
            ),
        ] {
            let text = format!("oci+{asked}#{digest}");
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), text);
            assert_eq!(origin.short(), short);
        }
    }

    #[test]
    fn what_says_no_source_is_told() {
        for text in [
            "",
            "https://a/b",
            "git+https://a/b",
            "git+https://a/b#1",
            "git+nothing#1",
            "oci+auth#1",
            "oci+registry.acme.dev/auth:1.4.0",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            host in "[a-z]{1,8}\\.dev",
            name in "[ -~]{1,20}",
            path in "[ -~]{1,30}",
            revision in "[0-9a-f]{40}",
            kind in 0..4,
        ) {
            let origin = Origin::Git {
                url: format!("https://{host}/repository"),
                reference: match kind {
                    0 => None,
                    1 => Some(Reference::Branch(name)),
                    2 => Some(Reference::Tag(name)),
                    _ => Some(Reference::Revision(name)),
                },
                path,
                revision,
            };
            prop_assert_eq!(origin.to_string().parse::<Origin>(), Ok(origin));
        }
    }
}
