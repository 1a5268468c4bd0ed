//! A registry of images on an address of this machine, as its own project builds it, and images
//! that are made on the spot.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde_json::json;
use tempfile::TempDir;

/// `robot` with the password `s3cret`.
const PASSWORDS: &str = "robot:$2a$04$GXm42ACbxKP5MUbm3gzEceYrm5lI8AN91KaVehDF4OUGrjcRxxwey\n";
const ROBOT: [&str; 2] = ["robot", "s3cret"];
/// A cold machine that compiles beside it takes its time.
const START: Duration = Duration::from_secs(60);

/// A registry that ends with the test.
pub struct Registry {
    pub address: String,
    login: RegistryAuth,
    process: Child,
    _folder: TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    /// One that everybody may read and write.
    pub fn open() -> Self {
        Self::start(|_| String::new(), RegistryAuth::Anonymous)
    }

    /// One that only `robot` may.
    pub fn private() -> Self {
        let [name, password] = ROBOT.map(str::to_owned);
        let setting = |folder: &TempDir| {
            let file = folder.path().join("htpasswd");
            fs::write(&file, PASSWORDS).unwrap();
            format!(
                "auth: {{htpasswd: {{realm: acme, path: {}}}}}\n",
                file.display()
            )
        };
        Self::start(setting, RegistryAuth::Basic(name, password))
    }

    fn start(setting: impl FnOnce(&TempDir) -> String, login: RegistryAuth) -> Self {
        let folder = TempDir::new().unwrap();
        // Nobody else asks for a port that was free a moment ago.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let storage = folder.path().join("images");
        let settings = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {address}, secret: of-a-test}}\n{}",
            storage.display(),
            setting(&folder)
        );
        let file = folder.path().join("config.yml");
        fs::write(&file, settings).unwrap();
        let process = Command::new(local_cluster::registry_program().unwrap())
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + START;
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(Instant::now() < deadline, "the registry has not started");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            address,
            login,
            process,
            _folder: folder,
        }
    }

    /// Puts an image there with that text in its label, or with no label; gives its digest.
    pub fn push(&self, name: &str, label: Option<&str>) -> String {
        let labels = label.map(|text| json!({"dev.gravity.service": text}));
        let configuration = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": []},
        });
        let configuration = serde_json::to_vec(&configuration).unwrap();
        let layer = ImageLayer::oci_v1(b"not unpacked".to_vec(), None);
        let image = self.reference(name);
        self.wait(async |client| {
            let configuration = Config::oci_v1(configuration, None);
            client
                .push(&image, &[layer], configuration, &self.login, None)
                .await
                .unwrap();
            client
                .fetch_manifest_digest(&image, &self.login)
                .await
                .unwrap()
        })
    }

    /// Puts an index there, of an image for each of two platforms; gives its digest.
    pub fn push_index(&self, name: &str, image: &str) -> String {
        let (index, image) = (self.reference(name), self.reference(image));
        self.wait(async |client| {
            let found = client
                .pull_manifest_raw(&image, &self.login, &[OCI_IMAGE_MEDIA_TYPE])
                .await;
            let (bytes, digest) = found.unwrap();
            let entry = |architecture: &str| {
                json!({
                    "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "digest": digest,
                    "size": bytes.len(),
                    "platform": {"os": "linux", "architecture": architecture},
                })
            };
            let manifest = json!({
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [entry("amd64"), entry("arm64")],
            });
            let manifest: OciManifest = serde_json::from_value(manifest).unwrap();
            client.push_manifest(&index, &manifest).await.unwrap();
            let answer = client.fetch_manifest_digest(&index, &self.login).await;
            answer.unwrap()
        })
    }

    fn reference(&self, name: &str) -> Reference {
        format!("{}/{name}", self.address).parse().unwrap()
    }

    fn wait<T>(&self, work: impl AsyncFnOnce(Client) -> T) -> T {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new(ClientConfig {
            protocol: ClientProtocol::Http,
            ..ClientConfig::default()
        });
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let image = self.reference("any:1");
            client
                .store_auth_if_needed(image.resolve_registry(), &self.login)
                .await;
            work(client).await
        })
    }
}
