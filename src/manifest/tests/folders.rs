//! Folders, files, and what is found in them.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use super::super::{ManifestError, Source, read};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn names(path: &Path) -> Result<Vec<String>, ManifestError> {
    let documents = read(&[Source::Path(path.to_owned())])?;
    let services = documents.services.iter();
    Ok(services
        .map(|service| service.metadata.name.clone().unwrap())
        .collect())
}

/// A message without the name of the folder, which is another each time.
fn message(folder: &tempfile::TempDir) -> String {
    let error = names(folder.path()).unwrap_err();
    error
        .to_string()
        .replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn a_folder_of_repositories_is_read_in_the_order_of_its_paths() {
    let folder = folder(&[
        (
            "user/gravity-service.yaml",
            "name: user\nversion: 1.0.0\nimage: user:1\n",
        ),
        (
            "auth/deploy/gravity-service.yml",
            "name: auth\nversion: 1.0.0\nimage: auth:1\n",
        ),
        (
            "more.yaml",
            "name: more\nversion: 1.0.0\nimage: more:1\nport: 1\n",
        ),
        (
            "user/docker-compose.yaml",
            "name: x\nversion: '3'\nservices: {}\n",
        ),
        (
            "user/k8s/secret.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
        ),
        ("user/list.yaml", "- a\n- b\n"),
        ("user/readme.md", "name: not me\n"),
        ("user/.github/workflows/ci.yaml", "broken: [\n"),
        ("user/node_modules/a/gravity-service.yaml", "broken: [\n"),
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: x\nversion: 1.0.0\ntype: application\n",
        ),
        ("chart/templates/a.yaml", "{{ if }}\n"),
    ]);
    assert_eq!(
        names(folder.path()).unwrap(),
        ["auth-1.0.0", "more-1.0.0", "user-1.0.0"]
    );
}

#[test]
fn a_manifest_with_its_own_name_is_never_overlooked() {
    let folder = folder(&[("a/gravity-service.yaml", "nam: a\n")]);
    assert_snapshot!(message(&folder), @"
    FOLDER/a/gravity-service.yaml:1:1: unknown field `nam`, did you mean `name`?
      |
    1 | nam: a
      | ^^^

    FOLDER/a/gravity-service.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | nam: a
      | ^

    FOLDER/a/gravity-service.yaml:1:1: `name` is missing: add it (The service's name)
      |
    1 | nam: a
      | ^

    FOLDER/a/gravity-service.yaml:1:1: `version` is missing: add it (The service's version)
      |
    1 | nam: a
      | ^
    ");
}

#[test]
fn a_manifest_in_the_older_spelling_is_found_too() {
    let folder = folder(&[
        ("a.yaml", "name: a\nversion: 1.0.0\nimage: a:1\n"),
        (
            "b.yaml",
            "service_name: b\nversion: 1.0.0\nimage: b:1\ndepends_on: [{name: a}]\n",
        ),
        (
            "c.yaml",
            "service_name: c\nimage: c:1\nversion: 1.0.0\nhealth_check: /health\n",
        ),
    ]);
    assert_eq!(
        names(folder.path()).unwrap(),
        ["a-1.0.0", "b-1.0.0", "c-1.0.0"]
    );
}

#[test]
fn what_is_nearly_a_manifest_is_told_and_not_skipped() {
    let folder = folder(&[
        ("a.yaml", "nme: a\nversion: 1.0.0\nimage: a:1\n"),
        ("b.yaml", "name: b\nversion: 1.0.0\n"),
        ("c.yaml", "version: 1.0.0\nimage: c:1\nport: 80\n"),
    ]);
    assert_snapshot!(message(&folder), @"
    FOLDER/a.yaml:1:1: unknown field `nme`, did you mean `name`?
      |
    1 | nme: a
      | ^^^

    FOLDER/a.yaml:1:1: `name` is missing: add it (The service's name)
      |
    1 | nme: a
      | ^

    FOLDER/b.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | name: b
      | ^

    FOLDER/c.yaml:1:1: `name` is missing: add it (The service's name)
      |
    1 | version: 1.0.0
      | ^
    ");
}

#[test]
fn what_others_write_is_passed_over() {
    let folder = folder(&[
        (
            "compose.yaml",
            "name: x\nversion: '3'\nservices: {a: {image: a}}\n",
        ),
        (
            "pubspec.yaml",
            "name: x\nversion: 1.0.0\ndescription: x\nenvironment: {sdk: '3'}\ndependencies: {a: 1}\n",
        ),
        (
            "environment.yml",
            "name: x\nchannels: [a]\ndependencies: [python]\n",
        ),
        ("conda.yml", "name: x\ndependencies: [python]\n"),
        (
            "action.yml",
            "name: x\ndescription: x\nruns: {using: node20}\n",
        ),
        (
            "values.yaml",
            "replicas: 2\nimage: {repository: a, tag: b}\nport: 80\ntype: ClusterIP\n",
        ),
        ("values-small.yaml", "image: a\nport: 80\n"),
        (
            ".gitlab-ci.yml",
            "image: ruby\nvariables: {A: b}\ntest: {script: [a]}\n",
        ),
        (
            "gitlab.yml",
            "image: ruby\nvariables: {A: b}\ntest: {script: [a]}\n",
        ),
        (
            "circle.yml",
            "version: 2.1\njobs: {a: {docker: [{image: a}]}}\n",
        ),
        (
            "antora.yml",
            "name: x\nversion: '1.0'\ntitle: X\nnav: [a.adoc]\n",
        ),
        ("pnpm.yaml", "packages: [a]\n"),
        ("list.yaml", "- name: x\n  version: 1.0.0\n  image: a\n"),
        ("a.yaml", "name: a\nversion: 1.0.0\nimage: a:1\n"),
    ]);
    assert_eq!(names(folder.path()).unwrap(), ["a-1.0.0"]);
}

#[test]
fn a_folder_without_a_manifest_says_what_was_looked_for() {
    let folder = folder(&[("a.txt", ""), ("compose.yaml", "services: {}\n")]);
    assert_snapshot!(message(&folder), @"no manifest in FOLDER: looked for gravity-service.yaml, and for a GravityApp, a GravityService or a manifest in all other *.yaml and *.yml files, in sub-folders too");
}

#[test]
fn a_path_that_is_not_there() {
    assert_snapshot!(names(Path::new("no/such/file.yaml")).unwrap_err(), @"no/such/file.yaml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_file_that_is_no_text() {
    let folder = folder(&[]);
    fs::write(folder.path().join("a.yaml"), b"name: a\n\xff\xfe\n").unwrap();
    assert_snapshot!(message(&folder), @"FOLDER/a.yaml:2: is not UTF-8 text: save it as UTF-8, or name another file if this is no manifest");
}

#[test]
fn a_file_that_is_too_large_is_not_read_to_its_end() {
    let folder = folder(&[]);
    let file = fs::File::create(folder.path().join("a.yaml")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_snapshot!(message(&folder), @"FOLDER/a.yaml: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
}

#[test]
fn one_service_in_two_files_is_told_with_both() {
    let text = "name: a\nversion: 1.0.0\nimage: a:1\n";
    let folder = folder(&[
        ("a/gravity-service.yaml", text),
        ("b/gravity-service.yaml", text),
    ]);
    assert_snapshot!(message(&folder), @"
    FOLDER/b/gravity-service.yaml:1:1: GravityService a-1.0.0 is in FOLDER/a/gravity-service.yaml:1 already: keep one of the two, or give one another version
      |
    1 | name: a
      | ^
    ");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_up_is_not_followed() {
    let folder = folder(&[(
        "a/gravity-service.yaml",
        "name: a\nversion: 1.0.0\nimage: a:1\n",
    )]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).unwrap();
    assert_eq!(names(folder.path()).unwrap(), ["a-1.0.0"]);
}
