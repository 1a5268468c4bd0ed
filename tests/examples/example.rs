//! Reads an example as `gravity` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use gravity::api::GravityApp;
use gravity::api::service::GravityServiceSpec;
use gravity::manifest::{self, Documents, Source};

/// The examples, and how many services each has.
pub const EXAMPLES: [(&str, usize); 29] = [
    ("hello", 2),
    ("shop", 10),
    ("saas", 15),
    ("bank", 25),
    ("platform", 51),
    ("platform-14", 14),
    ("auth", 2),
    ("autoscaling", 2),
    ("backups", 1),
    ("blog", 3),
    ("chat", 3),
    ("cloudnativepg", 2),
    ("cron", 3),
    ("environments", 2),
    ("external-database", 2),
    ("files", 2),
    ("from-source", 2),
    ("gateway-api", 2),
    ("guarded", 3),
    ("ingress-nginx", 2),
    ("iot", 4),
    ("mesh", 3),
    ("migrations", 1),
    ("polyglot", 5),
    ("pooled", 2),
    ("secrets", 2),
    ("versions", 4),
    ("walls", 3),
    ("worker-queue", 3),
];

/// All examples, read once for all tests.
static READ: LazyLock<BTreeMap<&str, Documents>> =
    LazyLock::new(|| EXAMPLES.map(|(name, _)| (name, read(name))).into());

fn read(name: &str) -> Documents {
    let documents = manifest::read(&[Source::Path(folder(name))]);
    documents.unwrap_or_else(|error| panic!("{error}"))
}

/// One example.
pub struct Example {
    /// The folder's name.
    pub name: &'static str,
    /// The app.
    pub app: GravityApp,
    /// The services, by name.
    pub services: BTreeMap<String, GravityServiceSpec>,
}

impl Example {
    /// Reads the example of that name, which has one app and each service once.
    pub fn read(name: &'static str) -> Self {
        let mut documents = Self::documents(name);
        assert_eq!(documents.apps.len(), 1, "{name}");
        let count = documents.services.len();
        let services = documents.services.into_iter().map(|each| each.spec);
        let services: BTreeMap<_, _> = services.map(|each| (each.name.clone(), each)).collect();
        assert_eq!(services.len(), count, "{name}");
        let app = documents.apps.remove(0);
        Self {
            name,
            app,
            services,
        }
    }

    /// The documents of an example as they were read.
    pub fn documents(name: &str) -> Documents {
        READ[name].clone()
    }

    /// The service of that name.
    pub fn service(&self, service: &str) -> &GravityServiceSpec {
        let found = self.services.get(service);
        found.unwrap_or_else(|| panic!("{}: there is no {service}", self.name))
    }

    /// The names of the folders that its services lie in.
    pub fn folders(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(folder(self.name).join("services")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Its README.
    pub fn readme(&self) -> String {
        fs::read_to_string(folder(self.name).join("README.md")).unwrap()
    }
}

/// The folder of an example.
pub fn folder(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "examples", name]
        .iter()
        .collect()
}
