use insta::assert_snapshot;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::*;

fn at(namespace: &str, object: &str, second: i64) -> GravityService {
    let mut service = service("");
    service.metadata.namespace = Some(namespace.to_owned());
    service.metadata.name = Some(object.to_owned());
    let time = k8s_openapi::jiff::Timestamp::from_second(second).unwrap();
    service.metadata.creation_timestamp = Some(Time(time));
    service
}

/// The namespace and object that won, whatever the order in which they came.
fn winner(services: &[GravityService]) -> String {
    let found = |services: &mut dyn Iterator<Item = &GravityService>| {
        let catalogue = catalogue(services, "shop");
        let versions = &catalogue.services["auth-service"];
        assert_eq!(versions.len(), 1);
        let service = versions.values().next().unwrap();
        format!("{}/{}", service.namespace, service.object)
    };
    let first = found(&mut services.iter());
    assert_eq!(first, found(&mut services.iter().rev()));
    first
}

#[test]
fn the_apps_own_namespace_wins() {
    assert_eq!(
        winner(&[at("catalogue", "a", 1), at("shop", "b", 9)]),
        "shop/b"
    );
}

#[test]
fn then_the_oldest_wins() {
    assert_eq!(
        winner(&[at("catalogue", "a", 9), at("other", "b", 1)]),
        "other/b"
    );
}

#[test]
fn then_the_first_name_wins() {
    assert_eq!(
        winner(&[at("catalogue", "b", 1), at("catalogue", "a", 1)]),
        "catalogue/a"
    );
}

#[test]
fn an_invalid_one_is_told_of_and_harms_no_duplicate() {
    let mut broken = at("shop", "broken", 1);
    broken.spec.image = Some("Not An Image".to_owned());
    let services = [broken, at("catalogue", "fine", 2)];
    assert_eq!(winner(&services), "catalogue/fine");
    let rejected = catalogue(&services, "shop").rejected;
    assert_snapshot!(rejected[0].problems[0], @r#"GravityService shop/broken: spec.image: "Not An Image" has a space in it: write an image as registry.example.com/auth-service:1.4.0"#);
    assert_eq!((rejected.len(), rejected[0].object.as_str()), (1, "broken"));
}

#[test]
fn versions_stand_side_by_side() {
    let mut newer = at("shop", "newer", 1);
    newer.spec.version = "1.10.0".to_owned();
    let services = [newer, at("shop", "older", 1)];
    let catalogue = catalogue(&services, "shop");
    let versions: Vec<_> = catalogue.services["auth-service"]
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(versions, ["1.4.0", "1.10.0"]);
}

/// What the examples show is what can be written.
#[test]
fn all_examples_are_valid() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let documents = crate::manifest::read(&[crate::manifest::Source::Path(path.clone())]);
        let documents = documents.unwrap_or_else(|error| panic!("{error}"));
        let apps = documents
            .apps
            .iter()
            .filter_map(|app| validate_app(app).err());
        let services = documents
            .services
            .iter()
            .filter_map(|each| validate_service(each).err());
        let problems: Vec<_> = apps
            .chain(services)
            .flatten()
            .map(|each| each.to_string())
            .collect();
        assert_eq!(problems, Vec::<String>::new(), "{}", path.display());
        seen += documents.services.len();
    }
    assert!(seen > 50, "{seen} services in the examples");
}
