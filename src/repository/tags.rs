//! Names of tags → versions.

use semver::Version;

/// A tag that is a version, perhaps of one service among others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VersionTag {
    pub version: Version,
    /// The service, as `auth-service` in `auth-service-v1.4.0`; all of the repository when
    /// absent.
    pub service: Option<String>,
    pub tag: String,
}

/// Whether a tag is a version, perhaps of one service among others.
pub fn is_version_tag(tag: &str) -> bool {
    version_tag(tag).is_some()
}

/// Reads `1.4.0`, `v1.4.0`, and with a service's name `auth/v1.4.0`, `auth@1.4.0` and
/// `auth-v1.4.0`, as release tools write them.
pub(super) fn version_tag(tag: &str) -> Option<VersionTag> {
    let whole = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    let of = |service: Option<&str>, version| VersionTag {
        version,
        service: service.map(str::to_owned),
        tag: tag.to_owned(),
    };
    if let Some(version) = whole(tag) {
        return Some(of(None, version));
    }
    tag.match_indices(['/', '@', '-']).find_map(|(index, _)| {
        let service = tag[..index].rsplit('/').next()?;
        let version = whole(&tag[index + 1..])?;
        (!service.is_empty()).then(|| of(Some(service), version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_release_tools_write_them() {
        let read = |tag: &str| {
            let found = version_tag(tag)?;
            Some((found.service.unwrap_or_default(), found.version.to_string()))
        };
        let expected =
            |service: &str, version: &str| Some((service.to_owned(), version.to_owned()));
        assert_eq!(read("1.4.0"), expected("", "1.4.0"));
        assert_eq!(read("v1.4.0-rc.1"), expected("", "1.4.0-rc.1"));
        for tag in [
            "auth-service-v1.4.0",
            "auth-service@1.4.0",
            "auth-service/v1.4.0",
            "apps/auth-service/1.4.0",
        ] {
            assert_eq!(read(tag), expected("auth-service", "1.4.0"), "{tag}");
        }
        assert_eq!(read("auth-2-v1.4.0-rc.1"), expected("auth-2", "1.4.0-rc.1"));
        for tag in ["latest", "v1", "1.4", "release-2024-01", "-1.0.0", ""] {
            assert_eq!(read(tag), None, "{tag}");
        }
    }
}
