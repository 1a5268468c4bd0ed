//! What `gravity generate` writes runs without the operator: by kubectl and by Helm.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use local_cluster::helm_program;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::Space;

const APP: &str = "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: hello, namespace: NAMESPACE}
spec:
  services: [{name: web}]
  gateway: {host: NAMESPACE.example.com}
---
apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {name: api-1.0.0}
spec:
  name: api
  version: 1.0.0
  image: api:1
  databases: [{name: hello_db, type: postgresql, version: '16'}, {name: cache, type: redis}]
  migrations: {command: [migrate]}
  api: {prefix: /api}
  env: {TEMPLATE: '{{ mine }}'}
---
apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {name: web-1.0.0}
spec:
  name: web
  version: 1.0.0
  type: web
  image: web:1
  dependencies: [{name: api, version: ^1}]
";

struct Folder(TempDir);

impl Folder {
    fn new(namespace: &str) -> Self {
        let folder = Self(TempDir::new().unwrap());
        fs::write(folder.path("app.yaml"), APP.replace("NAMESPACE", namespace)).unwrap();
        folder
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn gravity(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gravity"));
        command.args(arguments).args(["-f", "app.yaml"]);
        let output = command.current_dir(self.0.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(text).unwrap(),
        )
    }

    fn generate(&self, target: &str) -> String {
        let (code, text) = self.gravity(&["generate", target, "--output", "out"]);
        assert_eq!(code, 0, "{text}");
        text
    }
}

/// Names of services that are those of files, and an engine whose Secret has a key with a
/// hyphen.
#[test]
fn no_service_takes_the_place_of_another_file() {
    let folder = Folder::new("names");
    let services = ["secrets", "namespace", "kustomization", "application"];
    let mut app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: names, namespace: names}\nspec: {services: [".to_owned();
    app += &services.map(|name| format!("{{name: {name}}}")).join(", ");
    app += "]}\n";
    for name in services {
        app += &format!(
            "---\nname: {name}\nversion: 1.0.0\nimage: a\ndatabases: [{{name: {name}_k, type: kafka}}]\n"
        );
    }
    fs::write(folder.path("app.yaml"), app).unwrap();
    for target in ["k8s", "helm"] {
        folder.generate(target);
        let root = if target == "k8s" {
            "out"
        } else {
            "out/templates/generated"
        };
        for name in services {
            let file = folder.path(&format!("{root}/services/{name}.yaml"));
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.contains("kind: Deployment"), "{}", file.display());
        }
        assert!(folder.path(&format!("{root}/secrets.yaml")).is_file());
        if target == "helm" {
            let out = folder.path("out");
            let mut command = Command::new(helm_program().unwrap());
            command.args(["template", "names", out.to_str().unwrap(), "-n", "names"]);
            let output = command.output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        fs::remove_dir_all(folder.path("out")).unwrap();
    }
}

/// Databases have the passwords that were made first.
#[test]
fn passwords_that_cannot_be_read_are_not_made_anew() {
    let folder = Folder::new("passwords");
    folder.generate("k8s");
    let file = folder.path("out/secrets.yaml");
    let whole = fs::read_to_string(&file).unwrap();
    let first = whole
        .lines()
        .find(|line| line.contains("password: "))
        .unwrap();
    for broken in [
        format!("{whole}<<<<<<< HEAD\n"),
        whole.replace(first, "  password: '!!'"),
    ] {
        fs::write(&file, &broken).unwrap();
        let (code, told) = folder.gravity(&["generate", "k8s", "--output", "out"]);
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("secrets.yaml"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
}

/// Everything of the application is there and ready.
async fn runs(space: &Space) {
    for name in ["api", "web"] {
        space
            .until(&format!("{name} is ready"), async || {
                let live = space.get("Deployment", name).await;
                let ready = &live["status"]["readyReplicas"];
                ready.as_i64().is_some_and(|ready| ready > 0)
            })
            .await;
    }
    let jobs = space.names("Job").await;
    assert_eq!(jobs.len(), 3, "{jobs:?}");
    let live = space.get("Deployment", "api").await;
    let env = live["spec"]["template"]["spec"]["containers"][0]["env"]
        .as_array()
        .unwrap()
        .clone();
    let template = env.iter().find(|one| one["name"] == "TEMPLATE").unwrap();
    assert_eq!(template["value"], "{{ mine }}");
}

/// The password, and whether the URL has it.
async fn password(space: &Space) -> String {
    let secret = space.get("Secret", "api-hello-db").await;
    let decode = |key: &str| {
        let bytes: k8s_openapi::ByteString =
            serde_json::from_value(secret["data"][key].clone()).unwrap();
        String::from_utf8(bytes.0).unwrap()
    };
    let password = decode("password");
    assert_eq!(password.len(), 32);
    let uri = decode("uri");
    assert!(
        uri.contains(&format!(":{password}@")) && uri.starts_with("postgresql://"),
        "{uri}"
    );
    password
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_brings_the_objects_and_passwords_stay() {
    let space = Space::new("by-kubectl").await;
    let folder = Folder::new("by-kubectl");
    insta::assert_snapshot!(folder.generate("k8s"), @r"
    Wrote out/.gitignore
    Wrote out/application.yaml
    Wrote out/kustomization.yaml
    Wrote out/namespace.yaml
    Wrote out/secrets.yaml
    Wrote out/servers/hello-postgresql-16.yaml
    Wrote out/services/api.yaml
    Wrote out/services/web.yaml
    ");
    let secrets = folder.path("out/secrets.yaml");
    let mode = fs::metadata(&secrets).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let out = folder.path("out");
    space.suite.kubectl(&["apply", "-k", out.to_str().unwrap()]);
    runs(&space).await;
    let first = password(&space).await;
    let before = fs::read_to_string(&secrets).unwrap();
    folder.generate("k8s");
    assert_eq!(fs::read_to_string(&secrets).unwrap(), before);
    space.suite.kubectl(&["apply", "-k", out.to_str().unwrap()]);
    assert_eq!(password(&space).await, first);
    // Nothing in it is for the operator, or looks as if it were its own.
    for name in [
        "services/api.yaml",
        "services/web.yaml",
        "application.yaml",
        "secrets.yaml",
    ] {
        let path = out.join(name);
        let text = fs::read_to_string(&path).unwrap();
        let own = [
            "gravity.dev/node",
            "gravity.dev/needs",
            "managed-by: gravity",
        ];
        assert!(
            own.iter().all(|word| !text.contains(word)),
            "{}",
            path.display()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_installs_the_chart_and_passwords_stay() {
    let space = Space::new("by-helm").await;
    let folder = Folder::new("by-helm");
    insta::assert_snapshot!(folder.generate("helm"), @r"
    Wrote out/Chart.yaml
    Wrote out/templates/generated/application.yaml
    Wrote out/templates/generated/namespace.yaml
    Wrote out/templates/generated/secrets.yaml
    Wrote out/templates/generated/servers/hello-postgresql-16.yaml
    Wrote out/templates/generated/services/api.yaml
    Wrote out/templates/generated/services/web.yaml
    Wrote out/values.yaml
    ");
    let helm = |arguments: &[&str]| {
        let mut command = Command::new(helm_program().unwrap());
        command.args(arguments).current_dir(folder.0.path());
        let output = command
            .envs(space.suite.cluster.environment())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), told)
    };
    let (_, told) = helm(&["install", "hello", "out", "--namespace", "default"]);
    assert!(
        told.contains("this chart is for namespace by-helm"),
        "{told}"
    );
    let installed = helm(&["install", "hello", "out", "--namespace", "by-helm"]);
    assert!(installed.0, "{}", installed.1);
    runs(&space).await;
    let first = password(&space).await;
    let image = "images.web=registry.example.com/web:2";
    let upgraded = helm(&[
        "upgrade",
        "hello",
        "out",
        "--namespace",
        "by-helm",
        "--set",
        image,
    ]);
    assert!(upgraded.0, "{}", upgraded.1);
    assert_eq!(password(&space).await, first);
    let live = space.get("Deployment", "web").await;
    let image = &live["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "registry.example.com/web:2");
}

#[test]
fn a_folder_of_other_files_is_left_alone() {
    let folder = Folder::new("taken");
    fs::create_dir(folder.path("out")).unwrap();
    fs::write(folder.path("out/mine.txt"), "mine").unwrap();
    let (code, told) = folder.gravity(&["generate", "k8s", "--output", "out"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(told, @"error: out holds files that gravity did not make: name a new folder, or write there even so by --force");
    // A kustomization of one's own is no sign of ours.
    fs::write(folder.path("out/kustomization.yaml"), "resources: []\n").unwrap();
    assert_eq!(folder.gravity(&["generate", "k8s", "--output", "out"]).0, 1);
    let (code, told) = folder.gravity(&["generate", "k8s", "--output", "out", "--force"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(
        fs::read_to_string(folder.path("out/mine.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn argo_cd_and_flux_are_told_where_the_project_is() {
    let folder = Folder::new("gitops");
    let repository = ["--repository", "https://github.com/acme/shop"];
    let (_, argocd) = folder.gravity(&[&["generate", "argocd"], &repository[..]].concat());
    insta::assert_snapshot!(argocd, @r#"
    ---
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata:
      name: hello
      namespace: argocd
    spec:
      destination:
        namespace: gitops
        server: https://kubernetes.default.svc
      project: default
      source:
        directory:
          include: "{gravity.yaml,services/*.yaml}"
          recurse: true
        path: '.'
        repoURL: https://github.com/acme/shop
        targetRevision: HEAD
      syncPolicy:
        automated:
          prune: true
          selfHeal: true
        syncOptions:
        - CreateNamespace=true
        - ServerSideApply=true
    "#);
    let path = ["--path", "apps/shop", "--revision", "release"];
    let (_, flux) = folder.gravity(&[&["generate", "flux"], &repository[..], &path].concat());
    insta::assert_snapshot!(flux, @r"
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      name: gitops
    ---
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: hello
      namespace: flux-system
    spec:
      interval: 1m
      ref:
        branch: release
      url: https://github.com/acme/shop
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: hello
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps/shop
      prune: true
      sourceRef:
        kind: GitRepository
        name: hello
      wait: true
    ");
    let documents: Vec<Value> = serde_yaml::from_multiple(&flux).unwrap();
    assert_eq!(documents.len(), 3);
}
