use proptest::prelude::*;

use super::*;

fn root(name: &str, version: Option<&str>) -> Root {
    Root {
        name: name.to_owned(),
        version: version.map(str::to_owned),
    }
}

fn app(services: &str) -> String {
    format!(
        "# The shop.\nkind: GravityApp\nmetadata: {{name: shop}}\nspec:\n  services:{services}\n  # The way in.\n  gateway:\n    host: localhost # for now\n"
    )
}

#[test]
fn the_first_service_makes_a_list_of_lines() {
    insta::assert_snapshot!(ask_for(&app(" []"), &root("auth", None)).unwrap(), @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
        - name: auth
      # The way in.
      gateway:
        host: localhost # for now
    ");
}

#[test]
fn a_service_comes_after_the_others_and_comments_stay() {
    let text = app("\n  # First of all.\n  - name: auth   # logs in\n    env: {A: b}");
    insta::assert_snapshot!(ask_for(&text, &root("web", Some(">=1.2, <2"))).unwrap(), @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      # First of all.
      - name: auth   # logs in
        env: {A: b}
      - name: web
        version: '>=1.2, <2'
      # The way in.
      gateway:
        host: localhost # for now
    ");
}

#[test]
fn a_service_that_is_there_gets_other_versions_and_keeps_the_rest() {
    let text = app("\n  - name: auth   # logs in\n    version: 1\n    env: {A: b}");
    insta::assert_snapshot!(ask_for(&text, &root("auth", Some("^1.10"))).unwrap(), @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      - name: auth   # logs in
        version: ^1.10
        env: {A: b}
      # The way in.
      gateway:
        host: localhost # for now
    ");
    assert_eq!(ask_for(&text, &root("auth", None)), Ok(text));
}

#[test]
fn a_number_of_pods_comes_and_goes() {
    let text = app("\n  - name: auth   # logs in");
    let set = |text: &str, service: &str, number| {
        let service = service.to_owned();
        set_replicas(text, &Replicas { service, number }).unwrap()
    };
    let three = set(&text, "auth", Some(3));
    insta::assert_snapshot!(three, @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      - name: auth   # logs in
        replicas: 3
      # The way in.
      gateway:
        host: localhost # for now
    ");
    assert_eq!(set(&set(&three, "auth", Some(5)), "auth", None), text);
    // A service that comes along gets a line of its own.
    insta::assert_snapshot!(set(&text, "web", Some(2)), @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      - name: auth   # logs in
      - name: web
        replicas: 2
      # The way in.
      gateway:
        host: localhost # for now
    ");
    assert_eq!(set(&text, "web", None), text);
}

#[test]
fn versions_are_locked_and_set_free() {
    let text = app("\n  - name: auth   # logs in");
    let versions = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(name, version)| ((*name).to_owned(), (*version).to_owned()))
            .collect()
    };
    let first: BTreeMap<String, String> = versions(&[("auth", "1.4.0"), ("web", "2.0.0-rc.1")]);
    let locked = set_lock(&text, &first).unwrap();
    insta::assert_snapshot!(locked, @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      - name: auth   # logs in
      # The way in.
      gateway:
        host: localhost # for now
      lock:
        auth: 1.4.0
        web: 2.0.0-rc.1
    ");
    assert_eq!(lock(&locked), Ok(first));
    let second = versions(&[("auth", "1.5.0")]);
    let moved = set_lock(&locked, &second).unwrap();
    assert_eq!(lock(&moved), Ok(second));
    assert!(
        moved.contains("# logs in") && moved.contains("# for now"),
        "{moved}"
    );
    assert_eq!(set_lock(&moved, &BTreeMap::new()), Ok(text));
}

#[test]
fn a_service_goes_and_the_others_stay() {
    let text = app("\n  - name: auth   # logs in\n  - {name: web} # shows\n  - name: pay");
    insta::assert_snapshot!(drop_root(&text, "web").unwrap(), @r"
    # The shop.
    kind: GravityApp
    metadata: {name: shop}
    spec:
      services:
      - name: auth   # logs in
      - name: pay
      # The way in.
      gateway:
        host: localhost # for now
    ");
}

#[test]
fn the_last_one_leaves_an_empty_list() {
    let text = drop_root(&app("\n  - name: auth"), "auth").unwrap();
    assert_eq!(roots(&text), Ok(Vec::new()));
    assert_eq!(drop_root(&text, "auth"), Ok(text));
}

#[test]
fn what_is_no_app_is_told() {
    assert_eq!(roots("a: b"), Err(EditError::NoApp));
    let told = roots("a: [b").unwrap_err().to_string();
    insta::assert_snapshot!(told, @"this is no YAML: unclosed bracket '[' at line 1, column 4");
}

proptest! {
    /// Whatever the layout, the data is what was meant, or the text is refused.
    #[test]
    fn what_is_asked_for_is_there_and_goes_again(
        names in prop::collection::btree_set("[a-z]{1,8}", 1..6),
        flow in any::<bool>(),
        indent in 0..3_usize,
        version in proptest::option::of("[<>=^~]{0,2}[0-9]\\.[0-9]{1,2}"),
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let (last, before) = names.split_last().unwrap();
        let services = if flow || before.is_empty() {
            let all: Vec<String> = before.iter().map(|name| format!("{{name: {name}-s}}")).collect();
            format!(" [{}]", all.join(", "))
        } else {
            let gap = " ".repeat(indent + 2);
            before.iter().map(|name| format!("\n{gap}- name: {name}-s\n{gap}  replicas: 2")).collect()
        };
        let text = app(&services);
        let last = format!("{last}-s");
        let with = ask_for(&text, &root(&last, version.as_deref())).unwrap();
        let mut all: Vec<String> = before.iter().map(|name| format!("{name}-s")).collect();
        prop_assert_eq!(roots(&text).unwrap(), all.clone());
        let without = drop_root(&with, &last).unwrap();
        prop_assert_eq!(roots(&without).unwrap(), all.clone());
        all.push(last);
        prop_assert_eq!(roots(&with).unwrap(), all);
        prop_assert!(with.contains("# The way in.") && with.contains("# for now"));
    }
}
