//! SOURCE, as a person writes it → where that is.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use super::image::without_login;
use super::{Image, Origin, RepositoryError};

/// The protocols that Git may speak. `git://` proves nothing, and `ext::` runs a program.
pub(super) const PROTOCOLS: [&str; 4] = ["https", "ssh", "http", "file"];

/// Where a service comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of this machine, or a file in one.
    Folder(PathBuf),
    /// A Git repository.
    Git(Remote),
    /// An image of a registry.
    Image(Image),
}

/// A Git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its URL, without a password.
    pub url: String,
    /// Who a person says they are, where the URL says it.
    pub(super) login: Option<Login>,
    /// What a page's address says of it.
    pub(super) reference: Option<Reference>,
    /// The folder or file that a page's address says.
    pub(super) path: Option<String>,
}

/// A name and a password that stood in a URL.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub username: String,
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Login")
    }
}

/// Which of a repository's revisions is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The newest of a branch.
    Branch(String),
    /// The one of a tag.
    Tag(String),
    /// That one, by its hash.
    Revision(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Branch(name) => ("branch", name),
            Self::Tag(name) => ("tag", name),
            Self::Revision(name) => ("revision", name),
        };
        write!(formatter, "{kind} {name}")
    }
}

impl Location {
    /// Where an origin is, as it is now; nothing where it is no place of its own.
    pub fn of(origin: &Origin) -> Option<Self> {
        match origin {
            Origin::Folder(path) => Some(Self::Folder(PathBuf::from(path))),
            Origin::Git {
                url,
                reference,
                path,
                ..
            } => Some(Self::Git(Remote {
                url: url.clone(),
                login: None,
                reference: reference.clone(),
                path: Some(path.clone()).filter(|path| !path.is_empty()),
            })),
            Origin::Image(image) => Some(Self::Image(Image {
                digest: None,
                ..image.clone()
            })),
            Origin::BuiltIn(_) | Origin::Catalog { .. } | Origin::Namespace(_) => None,
        }
    }

    /// What people call it, without a password.
    pub fn name(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Git(remote) => remote.url.clone(),
            Self::Image(image) => format!("oci://{image}"),
        }
    }

    /// The URL of a Git repository, for others to read it by their own credentials.
    ///
    /// # Errors
    /// It is no Git repository, or has a password, which would go where it is written.
    pub fn public_git(&self) -> Result<String, RepositoryError> {
        match self {
            Self::Git(Remote {
                login: None, url, ..
            }) => Ok(url.clone()),
            Self::Git(remote) => Err(RepositoryError::Login {
                url: remote.url.clone(),
            }),
            other => Err(RepositoryError::NoGitUrl {
                source_text: other.name(),
            }),
        }
    }

    /// Reads what a person has written: a URL, `user@host:path` as ssh has it, or a path.
    ///
    /// # Errors
    /// It is none of these, or has a protocol that is not allowed.
    pub fn parse(source: &str) -> Result<Self, RepositoryError> {
        let source = source.trim();
        if source.is_empty() || source.starts_with('-') {
            return Err(unreadable(source));
        }
        if let Some((scheme, rest)) = source.split_once("://") {
            if scheme.eq_ignore_ascii_case("oci") {
                return Ok(Self::Image(Image::parse(rest)?));
            }
            return remote(source, &scheme.to_ascii_lowercase()).map(Self::Git);
        }
        if source.contains("::") {
            return Err(RepositoryError::Protocol {
                protocol: source.split("::").next().unwrap_or_default().to_owned(),
            });
        }
        if let Some(url) = short_ssh(source) {
            return remote(&url, "ssh").map(Self::Git);
        }
        if is_host(source) && !Path::new(source).exists() {
            return Err(RepositoryError::NoScheme {
                source_text: source.to_owned(),
            });
        }
        Ok(Self::Folder(PathBuf::from(source)))
    }
}

/// `git@github.com:acme/auth.git`: a colon before the first slash, and no such folder.
fn short_ssh(source: &str) -> Option<String> {
    let (host, path) = source.split_once(':')?;
    let is_host = !host.is_empty() && !host.contains('/') && host.len() > 1;
    if !is_host || path.is_empty() || Path::new(source).exists() {
        return None;
    }
    Some(format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

/// `github.com/acme/auth`, which only lacks `https://`.
fn is_host(source: &str) -> bool {
    let (host, path) = source.split_once('/').unwrap_or((source, ""));
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let fine = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    !path.is_empty()
        && labels.len() > 1
        && labels.iter().all(fine)
        && last.len() > 1
        && last.bytes().all(|it| it.is_ascii_alphabetic())
}

fn remote(source: &str, scheme: &str) -> Result<Remote, RepositoryError> {
    if !PROTOCOLS.contains(&scheme) {
        return Err(RepositoryError::Protocol {
            protocol: scheme.to_owned(),
        });
    }
    let mut url = Url::parse(source).map_err(|_| unreadable(&without_password(source)))?;
    let (reference, path) = of_page(&mut url);
    let is_web = scheme.starts_with("http");
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let login = (is_web && !url.username().is_empty()).then(|| Login {
        username: decoded(url.username()),
        password: decoded(url.password().unwrap_or_default()),
    });
    let _ = url.set_password(None);
    if is_web {
        let _ = url.set_username("");
    }
    if url.query().is_some() || url.fragment().is_some() {
        url.set_query(None);
        url.set_fragment(None);
        return Err(RepositoryError::Fragment {
            url: url.to_string(),
        });
    }
    Ok(Remote {
        url: url.to_string().trim_end_matches('/').to_owned(),
        login,
        reference,
        path,
    })
}

/// What the address of a page says beyond the repository: GitHub has `/tree/main/path`,
/// GitLab `/-/tree/main/path` and Bitbucket `/src/main/path`. A branch with a slash in its
/// name is not told from a path; `--branch` is for it.
fn of_page(url: &mut Url) -> (Option<Reference>, Option<String>) {
    let web = matches!(url.scheme(), "https" | "http");
    let Some(segments) = url.path_segments().filter(|_| web) else {
        return (None, None);
    };
    let segments: Vec<String> = segments.map(str::to_owned).collect();
    let at = |word: &str| segments.iter().position(|segment| segment == word);
    let start = match (at("-"), segments.get(2).map(String::as_str)) {
        (Some(dash), _) if is_view(segments.get(dash + 1)) => (dash, dash + 2),
        (_, Some("tree" | "blob" | "src")) => (2, 3),
        _ => return (None, None),
    };
    let (end, branch) = start;
    let Some(name) = segments.get(branch).filter(|name| !name.is_empty()) else {
        return (None, None);
    };
    let path = segments.get(branch + 1..).unwrap_or_default().join("/");
    url.set_path(&segments[..end].join("/"));
    (
        Some(Reference::Branch(name.clone())),
        Some(path).filter(|path| !path.is_empty()),
    )
}

fn is_view(segment: Option<&String>) -> bool {
    segment.is_some_and(|segment| segment == "tree" || segment == "blob")
}

fn unreadable(source: &str) -> RepositoryError {
    RepositoryError::Source {
        source_text: source.to_owned(),
    }
}

/// A text that may be a URL, without what stands before the `@` of its host.
fn without_password(source: &str) -> String {
    let Some((scheme, rest)) = source.split_once("://") else {
        return source.to_owned();
    };
    format!("{scheme}://{}", without_login(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(source: &str) -> Remote {
        match Location::parse(source).unwrap() {
            Location::Git(remote) => remote,
            other => unreachable!("{source} is {other:?}"),
        }
    }

    #[test]
    fn every_usual_form_is_a_repository() {
        for (source, url) in [
            (
                "https://github.com/acme/auth",
                "https://github.com/acme/auth",
            ),
            (
                "https://github.com/acme/auth.git/",
                "https://github.com/acme/auth.git",
            ),
            (
                "git@github.com:acme/auth.git",
                "ssh://git@github.com/acme/auth.git",
            ),
            (
                "ssh://git@git.acme.dev:2222/auth",
                "ssh://git@git.acme.dev:2222/auth",
            ),
            ("file:///srv/git/auth", "file:///srv/git/auth"),
            ("http://127.0.0.1:8080/auth", "http://127.0.0.1:8080/auth"),
        ] {
            assert_eq!(git(source).url, url, "{source}");
            assert_eq!(git(source).login, None, "{source}");
        }
    }

    #[test]
    fn the_address_of_a_page_says_branch_and_path() {
        for source in [
            "https://github.com/acme/shop/tree/main/services/auth",
            "https://gitlab.com/acme/shop/-/tree/main/services/auth",
            "https://bitbucket.org/acme/shop/src/main/services/auth",
        ] {
            let remote = git(source);
            assert!(remote.url.ends_with("/acme/shop"), "{}", remote.url);
            assert_eq!(remote.reference, Some(Reference::Branch("main".to_owned())));
            assert_eq!(remote.path.as_deref(), Some("services/auth"));
        }
        // A group of GitLab's that has a group in it.
        let deep = git("https://gitlab.com/acme/team/shop/-/blob/main/gravity-service.yaml");
        assert_eq!(deep.url, "https://gitlab.com/acme/team/shop");
    }

    #[test]
    fn a_password_is_for_git_alone() {
        let remote = git("https://user:s3cret@git.acme.dev/auth");
        assert_eq!(remote.url, "https://git.acme.dev/auth");
        assert_eq!(format!("{remote:?}").matches("s3cret").count(), 0);
        let login = remote.login.unwrap();
        assert_eq!((&*login.username, &*login.password), ("user", "s3cret"));
        let token = git("https://t0ken@git.acme.dev/auth");
        assert_eq!(token.url, "https://git.acme.dev/auth");
        let wrong = Location::parse("https://user:s3cret@/auth").unwrap_err();
        assert!(!wrong.to_string().contains("s3cret"), "{wrong}");
    }

    #[test]
    fn what_is_no_url_is_a_folder() {
        for source in [
            ".",
            "../auth",
            "/srv/auth",
            "auth",
            "auth/gravity-service.yaml",
        ] {
            let folder = Location::Folder(PathBuf::from(source));
            assert_eq!(Location::parse(source).unwrap(), folder);
        }
    }

    #[test]
    fn what_would_do_harm_or_is_nothing_is_refused() {
        let told = |source: &str| Location::parse(source).unwrap_err().to_string();
        insta::assert_snapshot!(told("ext::sh -c touch% /tmp/x"), @"repositories are not read by ext: use one of https, ssh, http, file");
        insta::assert_snapshot!(told("git://github.com/acme/auth"), @"repositories are not read by git: use one of https, ssh, http, file");
        insta::assert_snapshot!(told("--upload-pack=touch /tmp/x"), @r#""--upload-pack=touch /tmp/x" is no source: write a Git repository's URL, as https://github.com/acme/auth, an image, as oci://registry.example.com/auth:1.4.0, or a folder, as ../auth"#);
        insta::assert_snapshot!(told("github.com/acme/auth"), @"there is no folder github.com/acme/auth; for the Git repository write https://github.com/acme/auth");
        insta::assert_snapshot!(told("https://u:s3cret@github.com/acme/auth#v1.0.0"), @"what stands behind ? or # of a URL is not read: write https://github.com/acme/auth, and name a revision by --branch, --tag or --rev, or a folder by --path");
        insta::assert_snapshot!(told("https://github.com/acme/auth?ref=v1.0.0"), @"what stands behind ? or # of a URL is not read: write https://github.com/acme/auth, and name a revision by --branch, --tag or --rev, or a folder by --path");
        insta::assert_snapshot!(told("https://"), @r#""https://" is no source: write a Git repository's URL, as https://github.com/acme/auth, an image, as oci://registry.example.com/auth:1.4.0, or a folder, as ../auth"#);
        insta::assert_snapshot!(told(""), @r#""" is no source: write a Git repository's URL, as https://github.com/acme/auth, an image, as oci://registry.example.com/auth:1.4.0, or a folder, as ../auth"#);
    }
}
