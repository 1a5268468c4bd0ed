//! A service that is being developed: its folder is mounted, and a command runs that follows
//! what is changed.

use serde_json::{Map, Value, json};

/// Where a service's code is on this machine, and what was seen there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The folder, from that of the Compose file.
    pub folder: String,
    /// Whether there is a Dockerfile, by which the image is built.
    pub dockerfile: bool,
    /// Where the code is in the image.
    pub workdir: String,
    /// The command that runs and follows changes; the image's own when absent.
    pub command: Vec<String>,
}

impl Source {
    /// Makes a service one that is developed.
    pub(super) fn develop(&self, service: &mut Map<String, Value>) {
        let Self {
            folder,
            dockerfile,
            workdir,
            command,
        } = self;
        if *dockerfile {
            service.insert("build".to_owned(), json!({"context": folder}));
        }
        let mount = json!({"type": "bind", "source": folder, "target": workdir});
        match service.get_mut("volumes").and_then(Value::as_array_mut) {
            Some(volumes) => volumes.push(mount),
            None => drop(service.insert("volumes".to_owned(), json!([mount]))),
        }
        if command.is_empty() {
            // Nothing follows changes by itself: Compose starts it anew, with `--watch`.
            let watch = json!([{"action": "restart", "path": folder}]);
            service.insert("develop".to_owned(), json!({"watch": watch}));
            return;
        }
        service.remove("entrypoint");
        service.insert("command".to_owned(), json!(command));
    }
}

/// The command that follows changes, of a manifest's own command and what a folder holds.
/// `package` is its package.json.
pub fn reloading(own: &[String], package: Option<&str>) -> Vec<String> {
    let package: Option<Value> = package.and_then(|text| serde_json::from_str(text).ok());
    if package.is_some_and(|it| it["scripts"]["dev"].is_string()) {
        return ["npm", "run", "dev"].map(str::to_owned).to_vec();
    }
    let says = |word: &str| own.iter().any(|it| it.rsplit('/').next() == Some(word));
    let with = |flag: &str| {
        let mut words = own.to_vec();
        if !words.iter().any(|it| it == flag) {
            words.push(flag.to_owned());
        }
        words
    };
    match () {
        () if says("uvicorn") || says("gunicorn") || says("hypercorn") => with("--reload"),
        () if says("flask") => with("--debug"),
        () if says("node") => {
            let mut words = own.to_vec();
            if !words.iter().any(|it| it == "--watch") {
                words.insert(1, "--watch".to_owned());
            }
            words
        }
        () => Vec::new(),
    }
}

/// Where a Dockerfile puts the code.
pub fn workdir(dockerfile: &str) -> Option<String> {
    let lines = dockerfile.lines().map(str::trim);
    let mut places = lines.rev().filter_map(|line| {
        let (word, place) = line.split_once(char::is_whitespace)?;
        word.eq_ignore_ascii_case("WORKDIR")
            .then(|| place.trim().to_owned())
    });
    places.next().filter(|place| place.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_follows_changes_where_one_is_known() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let of = |text: &str| reloading(&words(text), None).join(" ");
        assert_eq!(of("uvicorn app:app"), "uvicorn app:app --reload");
        assert_eq!(
            of("/usr/bin/node server.js"),
            "/usr/bin/node --watch server.js"
        );
        assert_eq!(of("./server"), "");
        let package = r#"{"scripts": {"dev": "vite"}}"#;
        assert_eq!(reloading(&[], Some(package)), ["npm", "run", "dev"]);
        let file = "FROM a AS build\nWORKDIR /build\nFROM b\nworkdir /srv/app\n";
        assert_eq!(workdir(file).as_deref(), Some("/srv/app"));
    }
}
