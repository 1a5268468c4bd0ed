//! The scripts beside the examples: what is committed is what they write.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use gravity::manifest::{self, Source};

use crate::example::{EXAMPLES, Example, folder};

/// Without Python there is nothing to run; that the manifests are the tables is held by
/// the tests of the platforms, which need none.
#[test]
fn the_platforms_are_what_their_generator_writes() {
    let output = tempfile::tempdir().unwrap();
    for platform in ["platform", "platform-14"] {
        fs::create_dir(output.path().join(platform)).unwrap();
    }
    let generate = folder("platform").join("generate");
    let run = Command::new("python3")
        .arg(generate)
        .arg(output.path())
        .status();
    match run {
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        run => assert!(run.unwrap().success()),
    }
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/platform");
    let all = ["platform", "platform-14"].map(|name| (name, folder(name)));
    for (platform, stands) in all.into_iter().chain([("catalog", catalogue)]) {
        let mut committed = files(&stands);
        committed.retain(|path, _| !path.ends_with("services.csv") && !path.ends_with("generate"));
        let written = files(&output.path().join(platform));
        assert_eq!(written.len(), committed.len(), "{platform}");
        for (path, text) in committed {
            let same = written.get(&path) == Some(&text);
            assert!(
                same,
                "run examples/platform/generate: {platform}/{} differs",
                path.display()
            );
        }
    }
}

#[test]
fn an_example_as_objects_is_the_same_example() {
    for (name, _) in EXAMPLES {
        let example = Example::read(name);
        let printed = Command::new("sh")
            .arg(folder("as-objects"))
            .arg(name)
            .output()
            .unwrap();
        assert!(printed.status.success(), "{name}: {printed:?}");
        let text = String::from_utf8(printed.stdout).unwrap();
        let source = Source::Text {
            name: "standard input".to_owned(),
            text,
        };
        let objects = manifest::read(&[source]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(objects.apps, [example.app], "{name}");
        assert_eq!(objects.services.len(), example.services.len(), "{name}");
        for object in objects.services {
            let service = &example.services[&object.spec.name];
            let wanted = format!("{}-{}", service.name, service.version);
            assert_eq!(object.metadata.name, Some(wanted));
            assert_eq!(&object.spec, service);
        }
    }
}

/// All files below a folder, by their path in it.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
