//! Behaviour: short YAML in, objects or whole messages out.

mod documents;
mod fields;
mod folders;
mod good;
mod syntax;
mod telling;
mod values;
mod writer;

use super::*;

/// Reads one text as a file that a person named.
pub(super) fn named(text: &str) -> Result<Documents, ManifestError> {
    parse(&[Text {
        name: "auth/gravity-service.yaml".to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    }])
}

/// The only service of a text, as YAML.
pub(super) fn service(text: &str) -> String {
    let documents = named(text).unwrap_or_else(|error| panic!("{error}"));
    let [service] = documents.services.as_slice() else {
        panic!("one service expected");
    };
    yaml::to_string(&serde_json::to_value(service).unwrap())
}

/// The message of a text that cannot be read.
pub(super) fn refused(text: &str) -> String {
    named(text).expect_err("this should be refused").to_string()
}

/// What every manifest says.
pub(super) const HEAD: &str = "name: auth-service\nversion: 1.4.0\nimage: auth:1.4.0\n";

/// The message of a manifest that is right but for these lines.
pub(super) fn with(rest: &str) -> String {
    refused(&format!("{HEAD}{rest}"))
}
