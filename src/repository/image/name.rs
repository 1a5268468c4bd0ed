//! The name of an image, as a person writes it.

use std::fmt;

use oci_client::Reference;

use super::error::ImageError;

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
        // Behind the host an `@` is that of a digest.
        if text
            .split_once('/')
            .is_some_and(|(host, _)| host.contains('@'))
        {
            return Err(ImageError::Login {
                image: without_login(text).to_owned(),
            });
        }
        let parsed = Reference::try_from(text).map_err(|error| ImageError::Name {
            image: text.to_owned(),
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

    pub(super) fn tagged(&self, tag: &str) -> Self {
        Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        }
    }
}

/// The text without what stands before the `@` of its host.
pub fn without_login(text: &str) -> &str {
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
        insta::assert_snapshot!(secret, @"oci://registry.acme.dev/auth has a login before it, which everybody on this machine could see: take it out, and log in by `docker login registry.acme.dev`, whose config.json is read");
    }
}
