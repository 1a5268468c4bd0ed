//! What a person gets who may only write GravityApps and GravityServices: what SECURITY.md
//! says of it is tried here, both what is stopped and what is not.

use serde_json::{Value, json};

use crate::support::Space;

/// Gives the person `author` the two kinds in the namespace, and nothing else.
async fn author(space: &Space) {
    let space_name = space.name.as_str();
    let kubectl = |arguments: &[&str]| space.kubectl(arguments);
    kubectl(&[
        "create",
        "role",
        "author",
        "--verb=get,list,create,patch,delete",
        "--resource=gravityapps.gravity.dev,gravityservices.gravity.dev",
    ]);
    kubectl(&[
        "create",
        "rolebinding",
        "author",
        "--role=author",
        "--user=author",
    ]);
    space
        .until("the role acts", async || {
            space
                .suite
                .kubectl_told(&["-n", space_name, "--as=author", "get", "gravityapps"])
                .0
                == 0
        })
        .await;
}

/// Applies an object as that person.
fn apply(space: &Space, kind: &str, name: &str, spec: &str) {
    let spec: Value = serde_yaml::from_str(spec).unwrap();
    let object = json!({
        "apiVersion": "gravity.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name}, "spec": spec,
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), object.to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    space.kubectl(&["--as=author", "apply", "--server-side", "--filename", path]);
}

/// What the person reads of an app's Stalled condition, once it is told.
async fn stalled(space: &Space, app: &str, spec: &str) -> String {
    apply(space, "GravityApp", app, spec);
    space.stalled(app).await
}

/// A Secret that somebody made for something else.
async fn secret(space: &Space, name: &str) {
    let body = json!({"stringData": {"token": "t", "uri": "postgresql://a:b@db.example.com/c"}});
    space.apply("Secret", name, body).await.unwrap();
}

/// The rights stay those that were given: an app is made of objects that its author can
/// neither read nor write.
#[tokio::test]
async fn an_author_has_no_right_to_what_an_app_is_made_of() {
    let space = Space::new("author-rights").await;
    author(&space).await;
    let may = |verb: &str, resource: &str| {
        let (resource, part) = resource.split_once(':').unwrap_or((resource, ""));
        let part = format!("--subresource={part}");
        let ask = [
            "-n",
            &space.name,
            "--as=author",
            "auth",
            "can-i",
            verb,
            resource,
            &part,
        ];
        space.suite.kubectl_told(&ask).0 == 0
    };
    assert!(may("create", "gravityapps.gravity.dev"));
    let kinds = [
        "secrets",
        "pods",
        "deployments.apps",
        "jobs.batch",
        "configmaps",
        "persistentvolumeclaims",
    ];
    let kinds =
        kinds
            .into_iter()
            .chain(["pods:exec", "pods:log", "gravityapps.gravity.dev:status"]);
    let allowed: Vec<&str> = kinds
        .filter(|kind| may("get", kind) || may("create", kind) || may("patch", kind))
        .collect();
    assert_eq!(allowed, Vec::<&str>::new());
}

/// A program of the author's choice runs, and reads what Secret of the namespace they name,
/// unless it is one that opens what is another's.
#[tokio::test]
async fn an_author_reaches_the_secrets_of_the_namespace_by_a_pod() {
    let space = Space::new("author-secrets").await;
    author(&space).await;
    secret(&space, "stripe").await;
    apply(
        &space,
        "GravityService",
        "web-1.0.0",
        "{name: web, version: 1.0.0, image: 'anything:1', envFrom: [{secret: stripe}]}",
    );
    apply(&space, "GravityApp", "app", "{services: [{name: web}]}");
    space.ready("app").await;
    let deployment = space.get("Deployment", "web").await;
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "anything:1");
    assert_eq!(
        container["envFrom"],
        json!([{"secretRef": {"name": "stripe"}}])
    );

    apply(
        &space,
        "GravityService",
        "api-1.0.0",
        "{name: api, version: 1.0.0, image: 'api:1', databases: [{name: main, type: postgresql, version: '16'}]}",
    );
    for (version, secret) in [("1.1.0", "app-postgresql-16-admin"), ("1.2.0", "api-main")] {
        let spec = format!(
            "{{name: web, version: {version}, image: 'anything:1', envFrom: [{{secret: {secret}}}]}}"
        );
        apply(&space, "GravityService", &format!("web-{version}"), &spec);
    }
    let with = |version: &str| {
        format!("{{services: [{{name: api}}, {{name: web, version: '={version}'}}]}}")
    };
    let administrator = stalled(&space, "app", &with("1.1.0")).await;
    insta::assert_snapshot!(administrator, @"True PlanFailed: web: envFrom[0].secret names the Secret app-postgresql-16-admin, the login of the administrator of app-postgresql-16, which is not for web to have: take it out, and declare in databases what the service needs, and it gets a login of its own");
    let login = stalled(&space, "app", &with("1.2.0")).await;
    insta::assert_snapshot!(login, @"True PlanFailed: web: envFrom[0].secret names the Secret api-main, the login of api to its database main, which is not for web to have: take it out, and declare a database of its own in databases, or call api for what is there");
}

/// Not another's account, whose rights the author would have.
#[tokio::test]
async fn an_author_gets_no_account_but_the_services_own() {
    let space = Space::new("author-accounts").await;
    author(&space).await;
    space.kubectl(&["create", "serviceaccount", "deployer"]);
    let patched = |version: &str, spec: &str| {
        format!("{{name: web, version: {version}, image: 'web:1', podTemplate: {{spec: {spec}}}}}")
    };
    apply(
        &space,
        "GravityService",
        "web-1.0.0",
        &patched(
            "1.0.0",
            "{serviceAccountName: deployer, automountServiceAccountToken: true}",
        ),
    );
    let told = stalled(&space, "app", "{services: [{name: web}]}").await;
    insta::assert_snapshot!(told, @"True PlanFailed: web: podTemplate.spec.serviceAccountName: the pods run under an account of their own, web, and so have no other's rights: take it out, and give the ServiceAccount web what the service needs by a RoleBinding");
    // A service of that name does not take the account over either.
    apply(
        &space,
        "GravityService",
        "deployer-1.0.0",
        "{name: deployer, version: 1.0.0, image: 'web:1'}",
    );
    let told = stalled(&space, "other", "{services: [{name: deployer}]}").await;
    insta::assert_snapshot!(told, @"True OwnershipConflict: wiring/deployer: ServiceAccount author-accounts/deployer is not Gravity's and is left as it is; rename the service or the app, or delete that object");

    // The token of the service's own is its to ask for, and nobody gave that account a right.
    apply(
        &space,
        "GravityService",
        "web-1.1.0",
        &patched("1.1.0", "{automountServiceAccountToken: true}"),
    );
    apply(
        &space,
        "GravityApp",
        "app",
        "{services: [{name: web, version: '=1.1.0'}]}",
    );
    space.ready("app").await;
    let account = format!("--as=system:serviceaccount:{}:web", space.name);
    let (code, answer, _) = space.suite.kubectl_told(&[
        "-n",
        &space.name,
        &account,
        "auth",
        "can-i",
        "get",
        "secrets",
    ]);
    assert_eq!((code, answer.trim()), (1, "no"));
}

/// Nor the node: that is Pod Security's to refuse, which the namespace has to enforce.
#[tokio::test]
async fn an_author_does_not_reach_the_node_where_restricted_is_enforced() {
    let space = Space::new("author-node").await;
    author(&space).await;
    let spec = "{hostNetwork: true, volumes: [{name: host, hostPath: {path: /}}], containers: [{name: web, securityContext: {privileged: true, allowPrivilegeEscalation: true}}]}";
    let manifest =
        format!("{{name: web, version: 1.0.0, image: 'web:1', podTemplate: {{spec: {spec}}}}}");
    apply(&space, "GravityService", "web-1.0.0", &manifest);
    apply(&space, "GravityApp", "app", "{services: [{name: web}]}");
    let told = space
        .until_says("app", "Ready", "violates PodSecurity")
        .await;
    let (before, rest) = told.split_once("pods \"web-").unwrap();
    let (_, after) = rest.split_once("\" is forbidden").unwrap();
    insta::assert_snapshot!(format!("{before}pods \"web-HASH\" is forbidden{after}"), @r#"False RolloutFailed: service/web: Deployment author-node/web: pods "web-HASH" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true), hostPort (container "web" uses hostPort 8000), privileged (container "web" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), restricted volume types (volume "host" uses restricted volume type "hostPath"); change what it names, or let the namespace admit it by its label pod-security.kubernetes.io/enforce"#);
    assert_eq!(space.names("Pod").await, Vec::<String>::new());
}
