//! What the files say, each kind of file by its own reader. A file that cannot be read says
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value;

use super::compose::Compose;
use super::dockerfile::{self, Image};
use super::{Files, MANIFEST_FOLDERS, Seen, packages, text};

/// The version of a service that has told none.
const FIRST_VERSION: &str = "0.1.0";

/// What the files say.
pub(super) struct Evidence<'a> {
    files: &'a Files,
    /// package.json.
    node: Value,
    /// pyproject.toml.
    python: Value,
    /// Cargo.toml.
    rust: Value,
    /// What the Dockerfile makes.
    pub(super) made: Option<Image>,
    /// The Compose file.
    compose: Option<Compose>,
    /// The variables with values, and the file.
    variables: Vec<(String, String, String)>,
    /// The objects of Kubernetes, and the file of each.
    objects: Vec<(Value, String)>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        let json = |name: &str| serde_json::from_str(text(files, name)).unwrap_or_default();
        let toml = |name: &str| toml::from_str(text(files, name)).unwrap_or_default();
        let (compose, objects) = (Compose::read(files), objects(files));
        let mut variables = variables(files);
        let of_compose = compose.iter().flat_map(|it| {
            let all = it.variables().into_iter();
            all.map(|(name, value)| (name, value, it.file.to_owned()))
        });
        variables.extend(of_compose);
        variables.extend(of_containers(&objects));
        Self {
            files,
            node: json("package.json"),
            python: toml("pyproject.toml"),
            rust: toml("Cargo.toml"),
            made: dockerfile::image(files),
            compose,
            variables,
            objects,
        }
    }

    /// The service's name: that of the package, or of the folder.
    pub(super) fn name(&self, folder: &str) -> Seen<String> {
        let told = [
            (self.node["name"].as_str(), "package.json"),
            (self.python["project"]["name"].as_str(), "pyproject.toml"),
            (
                self.python["tool"]["poetry"]["name"].as_str(),
                "pyproject.toml",
            ),
            (self.rust["package"]["name"].as_str(), "Cargo.toml"),
            (self.go_module(), "go.mod"),
        ];
        let told = told
            .into_iter()
            .filter_map(|(name, place)| Some((name?.to_owned(), place)));
        let pom = self.pom("artifactId").map(|name| (name, "pom.xml"));
        let mut names = told.chain(pom).map(|(name, place)| (label(&name), place));
        match names.find(|(name, _)| !name.is_empty()) {
            Some((name, place)) => Seen::new(name, place),
            None => {
                let name = label(folder);
                match name.is_empty() {
                    true => Seen::new("service".to_owned(), "no file and no folder tells one"),
                    false => Seen::new(name, "the folder's name"),
                }
            }
        }
    }

    /// The service's version: that of the package.
    pub(super) fn version(&self) -> Seen<String> {
        let told = [
            (self.node["version"].as_str(), "package.json"),
            (self.python["project"]["version"].as_str(), "pyproject.toml"),
            (
                self.python["tool"]["poetry"]["version"].as_str(),
                "pyproject.toml",
            ),
            (self.rust["package"]["version"].as_str(), "Cargo.toml"),
        ];
        let told = told
            .into_iter()
            .filter_map(|(version, place)| Some((version?.to_owned(), place)));
        let pom = self.pom("version").map(|version| (version, "pom.xml"));
        let fitting = told.chain(pom);
        let mut fitting = fitting.filter_map(|(told, place)| Some((version(&told)?, told, place)));
        match fitting.next() {
            Some((version, told, place)) if version == told => Seen::new(version, place),
            Some((version, told, place)) => Seen::new(version, format!("{told} in {place}")),
            None => Seen::new(FIRST_VERSION.to_owned(), "no file tells one"),
        }
    }

    /// The port that the container listens on.
    pub(super) fn port(&self) -> Option<Seen<u16>> {
        let container = self.containers().find_map(|(container, place)| {
            let port = container["ports"][0]["containerPort"].as_u64()?;
            Some(Seen::new(u16::try_from(port).ok()?, place))
        });
        let exposed = self.made.as_ref().and_then(|made| {
            let file = made.file;
            let exposed = made
                .exposed
                .map(|port| Seen::new(port, format!("EXPOSE in {file}")));
            exposed.or_else(|| Some(Seen::new(made.port?, format!("ENV PORT in {file}"))))
        });
        let spoken = self.made.as_ref().and_then(|made| {
            let (port, of) = made.spoken_port()?;
            Some(Seen::new(port, format!("{of} of {}", made.file)))
        });
        let composed = self.compose.as_ref().and_then(|compose| {
            Some(Seen::new(
                compose.port()?,
                format!("ports in {}", compose.file),
            ))
        });
        let variable = self.variables.iter().find_map(|(name, value, file)| {
            let port = value.parse().ok().filter(|_| name == "PORT")?;
            Some(Seen::new(port, format!("PORT in {file}")))
        });
        container
            .or(exposed)
            .or(variable)
            .or(composed)
            .or(spoken)
            .or_else(|| self.spring_port())
    }

    /// `server.port` of Spring Boot.
    fn spring_port(&self) -> Option<Seen<u16>> {
        let file = "src/main/resources/application.properties";
        let mut lines = text(self.files, file).lines();
        let stated = lines.find_map(|line| {
            let (name, value) = line.split_once('=')?;
            value
                .trim()
                .parse()
                .ok()
                .filter(|_| name.trim() == "server.port")
        });
        let stated = stated.map(|port| Seen::new(port, format!("server.port in {file}")));
        stated.or_else(|| {
            let file = "src/main/resources/application.yml";
            let settings: Value = serde_yaml::from_str(text(self.files, file)).ok()?;
            let port = settings["server"]["port"].as_u64()?;
            Some(Seen::new(
                u16::try_from(port).ok()?,
                format!("server.port in {file}"),
            ))
        })
    }

    /// The services that are called: `USER_SERVICE_URL` is of `user-service`.
    pub(super) fn dependencies(&self, own: &str) -> Vec<Seen<String>> {
        let called = self.variables.iter().filter_map(|(name, _, file)| {
            let stem = ["_URL", "_HOST", "_BASE_URL"]
                .into_iter()
                .find_map(|end| name.strip_suffix(end))?;
            let stem = stem.strip_suffix("_BASE").unwrap_or(stem);
            let service = label(stem);
            let is_one = service.ends_with("-service") && service != own;
            is_one.then(|| Seen::new(service, format!("{name} in {file}")))
        });
        let beside = self.compose.iter().flat_map(|compose| {
            let names = compose.services().map(label);
            let names = names.filter(|name| !name.is_empty() && name != own);
            names.map(|name| Seen::new(name, compose.file))
        });
        let mut names = BTreeSet::new();
        called
            .chain(beside)
            .filter(|seen| names.insert(seen.value.clone()))
            .collect()
    }

    /// The path that tells whether the service is ready.
    pub(super) fn health(&self) -> Option<Seen<String>> {
        let probed = self.containers().find_map(|(container, place)| {
            let mut probes = ["readinessProbe", "livenessProbe"].into_iter();
            let path = probes.find_map(|it| container[it]["httpGet"]["path"].as_str())?;
            Some(Seen::new(path.to_owned(), place))
        });
        let checked = self.made.as_ref().and_then(|made| {
            let place = format!("HEALTHCHECK in {}", made.file);
            Some(Seen::new(made.health_path()?, place))
        });
        let composed = self.compose.as_ref().and_then(|compose| {
            let place = format!("healthcheck in {}", compose.file);
            Some(Seen::new(compose.health()?, place))
        });
        probed.or(checked).or(composed)
    }

    /// The image that runs already.
    pub(super) fn image(&self) -> Option<Seen<String>> {
        self.containers().find_map(|(container, place)| {
            let image = container["image"].as_str()?;
            // What a template fills in is none.
            let is_whole = !image.contains(['$', '{', '<', ' ']);
            is_whole.then(|| Seen::new(image.to_owned(), place))
        })
    }

    /// The words of a container's `command` or `args`.
    pub(super) fn words(&self, field: &str) -> Option<Seen<Vec<String>>> {
        self.containers().find_map(|(container, place)| {
            let words = container[field]
                .as_array()?
                .iter()
                .filter_map(Value::as_str);
            let words: Vec<String> = words.map(str::to_owned).collect();
            (!words.is_empty()).then(|| Seen::new(words, place))
        })
    }

    /// The images that stand beside it, and the place of each.
    pub(super) fn images(&self) -> impl Iterator<Item = (&str, String)> {
        self.compose.iter().flat_map(|compose| {
            let all = compose.images();
            all.map(|(name, image)| (image, format!("{name} in {}", compose.file)))
        })
    }

    /// Whether package.json has a script of that name.
    pub(super) fn has_script(&self, name: &str) -> bool {
        self.node["scripts"][name].is_string()
    }

    /// A script of package.json, as npm runs it.
    pub(super) fn script(&self, name: &str) -> Option<Seen<Vec<String>>> {
        self.node["scripts"][name].as_str()?;
        let words = ["npm", "run", name].map(str::to_owned).to_vec();
        Some(Seen::new(words, format!("scripts.{name} of package.json")))
    }

    /// The variables with their values, and the file.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let all = self.variables.iter();
        all.map(|(name, value, file)| (name.as_str(), value.as_str(), file.as_str()))
    }

    /// The packages that the code uses, and the file that names each.
    pub(super) fn packages(&self) -> BTreeMap<String, &'static str> {
        let Self {
            node, rust, python, ..
        } = self;
        packages::packages(self.files, node, rust, python)
    }

    fn containers(&self) -> impl Iterator<Item = (&Value, String)> {
        self.objects.iter().filter_map(|(object, file)| {
            let container = &object["spec"]["template"]["spec"]["containers"][0];
            container.is_object().then(|| (container, file.clone()))
        })
    }

    /// The last part of a module's path that is no version of it.
    fn go_module(&self) -> Option<&str> {
        let mut lines = text(self.files, "go.mod").lines();
        let path = lines.find_map(|line| line.strip_prefix("module "))?.trim();
        let is_version = |part: &&str| {
            part.strip_prefix('v')
                .is_some_and(|rest| rest.parse::<u32>().is_ok())
        };
        path.rsplit('/').find(|part| !is_version(part))
    }

    /// A value of a project of Maven's, and not of its parent or what it depends on.
    fn pom(&self, field: &str) -> Option<String> {
        let text = text(self.files, "pom.xml");
        let without = Regex::new(r"(?s)<(parent|dependencies|build|dependency)>.*?</(parent|dependencies|build|dependency)>").ok()?;
        let own = without.replace_all(text, "");
        let value = Regex::new(&format!("<{field}>([^<]+)</{field}>")).ok()?;
        Some(value.captures(&own)?.get(1)?.as_str().trim().to_owned())
    }
}

/// A DNS label out of a name: `@acme/Order_Service` is `order-service`.
pub(super) fn label(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let plain = |each: char| {
        if each.is_ascii_alphanumeric() {
            each
        } else {
            '-'
        }
    };
    let label: String = name.chars().map(plain).take(40).collect();
    let label = label.trim_matches('-');
    let begins = label.trim_start_matches(|first: char| first.is_ascii_digit() || first == '-');
    begins.to_owned()
}

/// A version as a manifest may have it: of three numbers, and with neither build metadata nor
/// upper case.
fn version(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('v').to_ascii_lowercase();
    let text = text.split('+').next()?;
    let (numbers, rest) = match text.split_once('-') {
        Some((numbers, rest)) => (numbers, format!("-{rest}")),
        None => (text, String::new()),
    };
    let missing = 3_usize.checked_sub(numbers.split('.').count())?;
    let whole = format!("{numbers}{}{rest}", ".0".repeat(missing));
    semver::Version::parse(&whole).ok().map(|_| whole)
}

/// What the containers of Kubernetes are told.
fn of_containers(objects: &[(Value, String)]) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for (object, file) in objects {
        let container = &object["spec"]["template"]["spec"]["containers"][0];
        for variable in container["env"].as_array().into_iter().flatten() {
            if let (Some(name), Some(value)) =
                (variable["name"].as_str(), variable["value"].as_str())
            {
                all.push((name.to_owned(), value.to_owned(), file.clone()));
            }
        }
    }
    all
}

/// `NAME=value` of an example of an environment.
fn variables(files: &Files) -> Vec<(String, String, String)> {
    let of = |file: &'static str| {
        text(files, file).lines().filter_map(move |line| {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
            let value = value.trim().trim_matches(['"', '\'']);
            Some((name.trim().to_owned(), value.to_owned(), file.to_owned()))
        })
    };
    [".env.example", ".env.sample"]
        .into_iter()
        .flat_map(of)
        .collect()
}

fn objects(files: &Files) -> Vec<(Value, String)> {
    let is_manifest = |name: &&String| {
        let (folder, rest) = name.split_once('/').unwrap_or_default();
        MANIFEST_FOLDERS.contains(&folder) && (rest.ends_with(".yaml") || rest.ends_with(".yml"))
    };
    let of = |name: &String| {
        let read: Result<Vec<Value>, _> = serde_yaml::from_multiple(text(files, name));
        let objects = read.unwrap_or_default().into_iter();
        objects
            .map(|object| (object, name.clone()))
            .collect::<Vec<_>>()
    };
    files.keys().filter(is_manifest).flat_map(of).collect()
}
