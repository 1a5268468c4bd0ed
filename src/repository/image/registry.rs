//! A registry, as the OCI distribution specification has it: tags, and what describes an image.

use docker_credential::{CredentialRetrievalError, DockerCredential};
use futures::TryStreamExt;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::manifest::{ImageIndexEntry, OciDescriptor, OciManifest};
use oci_client::secrets::RegistryAuth;
use semver::Version;
use serde::Deserialize;

use super::error::ImageError;
use super::name::Image;
use crate::manifest::MAX_BYTES;
use crate::repository::tags::version_tag;

/// How many tags are asked for at a time.
const PAGE: usize = 1000;

/// One repository of a registry.
pub(super) struct Registry {
    client: Client,
    login: RegistryAuth,
    image: oci_client::Reference,
    name: String,
}

/// What a label of an image says.
pub(super) struct Labelled {
    pub text: String,
    /// Of the image for all its platforms.
    pub digest: String,
}

/// What an image's configuration says, as far as it is read
/// (OCI image specification, `config.md`).
#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    config: Settings,
}

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(rename = "Labels", default)]
    labels: Option<std::collections::BTreeMap<String, String>>,
}

impl Registry {
    /// The registry of an image, with the login that Docker's clients have for it.
    pub(super) fn of(image: &Image) -> Result<Self, ImageError> {
        let parsed = parsed(image)?;
        // The first one that is installed stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let configuration = ClientConfig {
            protocol: protocol(parsed.resolve_registry()),
            user_agent: concat!("gravity/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let client = Client::try_from(configuration);
        Ok(Self {
            client: client.map_err(|error| told(error, &image.name, false))?,
            login: login(&parsed)?,
            image: parsed,
            name: image.name.clone(),
        })
    }

    /// All tags, in pages.
    pub(super) async fn tags(&self) -> Result<Vec<String>, ImageError> {
        let mut tags = Vec::<String>::new();
        loop {
            let last = tags.last().map(String::as_str);
            let answer = self
                .client
                .list_tags(&self.image, &self.login, Some(PAGE), last)
                .await;
            let page = answer.map_err(|error| self.told(error))?.tags;
            // A registry may give fewer than asked for, or all of them whatever is asked.
            let before = tags.len();
            let new: Vec<String> = page.into_iter().filter(|it| !tags.contains(it)).collect();
            tags.extend(new);
            if tags.len() == before {
                return Ok(tags);
            }
        }
    }

    /// What a label of the image says; nothing where it has none.
    pub(super) async fn label(
        &self,
        image: &Image,
        label: &str,
    ) -> Result<Option<Labelled>, ImageError> {
        let (configuration, digest) = self.configuration(image).await?;
        let text = configuration
            .config
            .labels
            .unwrap_or_default()
            .remove(label);
        Ok(text.map(|text| Labelled { text, digest }))
    }

    async fn configuration(&self, image: &Image) -> Result<(Configuration, String), ImageError> {
        let (manifest, digest) = self.manifest(image).await?;
        let manifest = match manifest {
            OciManifest::Image(manifest) => manifest,
            OciManifest::ImageIndex(index) => {
                let one = platform(&index.manifests).ok_or_else(|| ImageError::NoPlatform {
                    image: image.clone(),
                })?;
                let one = Image {
                    tag: None,
                    digest: Some(one.digest.clone()),
                    ..image.clone()
                };
                match self.manifest(&one).await?.0 {
                    OciManifest::Image(manifest) => manifest,
                    OciManifest::ImageIndex(_) => {
                        return Err(ImageError::NoPlatform {
                            image: image.clone(),
                        });
                    }
                }
            }
        };
        let text = self.blob(image, &manifest.config).await?;
        let configuration = serde_json::from_slice(&text);
        let configuration = configuration.map_err(|error| ImageError::Registry {
            image: image.to_string(),
            problem: format!("its configuration is none ({error})"),
        })?;
        Ok((configuration, digest))
    }

    async fn manifest(&self, image: &Image) -> Result<(OciManifest, String), ImageError> {
        let answer = self
            .client
            .pull_manifest(&parsed(image)?, &self.login)
            .await;
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) if is_missing(&error) => Err(self.missing(image).await),
            Err(error) => Err(self.told(error)),
        }
    }

    /// What is there in the place of what is not.
    async fn missing(&self, image: &Image) -> ImageError {
        match self.tags().await {
            Ok(tags) => ImageError::NoTag {
                image: image.clone(),
                tags: newest(&tags),
            },
            Err(error) => error,
        }
    }

    /// A blob's bytes, which are of its digest.
    async fn blob(&self, image: &Image, blob: &OciDescriptor) -> Result<Vec<u8>, ImageError> {
        let answer = self.client.pull_blob_stream(&self.image, blob).await;
        let mut stream = answer.map_err(|error| self.told(error))?.stream;
        let mut bytes = Vec::new();
        loop {
            let piece = stream.try_next().await;
            let piece = piece.map_err(|error| self.told(OciDistributionError::IoError(error)))?;
            let Some(piece) = piece else { return Ok(bytes) };
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_BYTES {
                return Err(ImageError::TooLarge {
                    image: image.clone(),
                });
            }
        }
    }

    fn told(&self, error: OciDistributionError) -> ImageError {
        let known = self.login != RegistryAuth::Anonymous;
        told(error, &self.name, known)
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

/// One that a server would run; they differ in their processor only, and not in their labels.
fn platform(all: &[ImageIndexEntry]) -> Option<&ImageIndexEntry> {
    let is_linux = |entry: &&ImageIndexEntry| {
        let platform = entry.platform.as_ref();
        platform.is_some_and(|platform| platform.os.to_string() == "linux")
    };
    all.iter().find(is_linux).or_else(|| all.first())
}

fn parsed(image: &Image) -> Result<oci_client::Reference, ImageError> {
    let text = image.to_string();
    oci_client::Reference::try_from(text.as_str()).map_err(|error| ImageError::Name {
        image: text,
        problem: error.to_string(),
    })
}

/// A registry of this machine speaks HTTP, as Docker's clients have it.
fn protocol(registry: &str) -> ClientProtocol {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    let address = host.parse::<std::net::IpAddr>();
    match host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        true => ClientProtocol::Http,
        false => ClientProtocol::Https,
    }
}

/// The login that Docker's configuration has for the registry, by its name or, as for the
/// oldest one, by its first address.
fn login(image: &oci_client::Reference) -> Result<RegistryAuth, ImageError> {
    let registry = image.resolve_registry();
    for key in [registry.to_owned(), format!("https://{registry}/v1/")] {
        let problem = match docker_credential::get_credential(&key) {
            Ok(DockerCredential::UsernamePassword(name, password)) => {
                return Ok(RegistryAuth::Basic(name, password));
            }
            Ok(DockerCredential::IdentityToken(_)) => {
                "it is an identity token, which is not spoken here".to_owned()
            }
            Err(error) => match problem(error) {
                Some(problem) => problem,
                None => continue,
            },
        };
        return Err(ImageError::Credential {
            registry: registry.to_owned(),
            problem,
        });
    }
    Ok(RegistryAuth::Anonymous)
}

/// What hinders; nothing where there is just no login. What a helper has printed may be a
/// password, and is told to nobody.
fn problem(error: CredentialRetrievalError) -> Option<String> {
    match error {
        CredentialRetrievalError::NoCredentialConfigured
        | CredentialRetrievalError::ConfigNotFound
        // There is no file, as most often.
        | CredentialRetrievalError::ConfigReadError => None,
        CredentialRetrievalError::HelperFailure { helper, stdout, .. } => {
            // A helper's word for none (docker-credential-helpers).
            let none = stdout.contains("credentials not found");
            (!none).then(|| format!("the credential helper {helper} has failed"))
        }
        error => Some(error.to_string().to_lowercase()),
    }
}

/// Whether the registry knows the repository, and not this of it.
fn is_missing(error: &OciDistributionError) -> bool {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => true,
        OciDistributionError::RegistryError { envelope, .. } => {
            let codes = [OciErrorCode::ManifestUnknown, OciErrorCode::NotFound];
            envelope.errors.iter().any(|it| codes.contains(&it.code))
        }
        OciDistributionError::ServerError { code, .. } => *code == 404,
        _ => false,
    }
}

fn told(error: OciDistributionError, image: &str, known: bool) -> ImageError {
    let image = image.to_owned();
    let unauthorized = |image| ImageError::Unauthorized { image, known };
    match error {
        OciDistributionError::UnauthorizedError { .. }
        | OciDistributionError::AuthenticationFailure(_) => unauthorized(image),
        OciDistributionError::RegistryError { envelope, .. } => {
            let has = |code: OciErrorCode| envelope.errors.iter().any(|it| it.code == code);
            if has(OciErrorCode::Unauthorized) || has(OciErrorCode::Denied) {
                return unauthorized(image);
            }
            if has(OciErrorCode::NameUnknown) {
                return ImageError::NoRepository { image };
            }
            let messages: Vec<&str> = envelope.errors.iter().map(|it| &*it.message).collect();
            let problem = messages.join("; ");
            ImageError::Registry { image, problem }
        }
        OciDistributionError::ServerError { code: 404, .. } => ImageError::NoRepository { image },
        OciDistributionError::RequestError(error) => ImageError::Unreachable {
            image,
            problem: innermost(&error),
        },
        error => ImageError::Registry {
            image,
            problem: error.to_string(),
        },
    }
}

/// What lies below what libraries say of it.
fn innermost(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => innermost(source),
        None => error.to_string(),
    }
}
