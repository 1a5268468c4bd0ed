//! What a schema cannot say of an engine: whether its facts fit one another, and whether the
//! API server would take what is made of them.

use std::collections::BTreeSet;

use super::stated::{File, Stated};
use crate::api::quantity;
use crate::engines::Engine;

/// A fact that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field, as `ports[0].name`.
    pub field: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// What a text must be like, and what to write instead.
struct Rule(fn(&str) -> bool, &'static str);

const WORD: Rule = Rule(
    |text| begins_with_letter(text) && text.bytes().all(is_plain),
    "one word of lower-case letters and digits that begins with a letter, as valkey",
);
const ALIAS: Rule = Rule(
    |text| begins_with_letter(text) && text.bytes().all(|byte| is_plain(byte) || byte == b'-'),
    "lower-case letters, digits and hyphens, as in-memory",
);
const REPOSITORY: Rule = Rule(
    |text| {
        let (_, last) = text.rsplit_once('/').unwrap_or(("", text));
        let fine = |byte| is_plain(byte) || b"._-/:".contains(&byte);
        !last.is_empty() && !last.contains(':') && text.bytes().all(fine)
    },
    "the repository without tag and digest, as registry.example.com/valkey: the tag is the series'",
);
const SERIES: Rule = Rule(
    |text| {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        text.split('.').all(is_number)
    },
    "numbers with dots between them, as \"8\" or \"8.4\"",
);
const TAG: Rule = Rule(
    |text| !text.starts_with(['.', '-']) && text.bytes().all(is_of_a_tag),
    "a tag of the image, as 8.1-bookworm",
);
const PORT: Rule = Rule(
    |text| {
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        let letter = text.bytes().any(|byte| byte.is_ascii_lowercase());
        letter && !hyphens && text.bytes().all(|byte| is_plain(byte) || byte == b'-')
    },
    "lower-case letters, digits and single hyphens, as client",
);
const FOLDER: Rule = Rule(
    |text| {
        let ours = ["/etc/gravity", "/run/gravity"];
        let ours = ours.iter().any(|it| text.starts_with(it));
        text.len() > 1 && text.starts_with('/') && !text.contains(':') && !ours
    },
    "a folder from the root on, as /data, and none of Gravity's own (/etc/gravity, /run/gravity)",
);
const SIZE: Rule = Rule(
    |text| quantity::nanos(text).is_some_and(|amount| amount > 0),
    "a quantity, as 250m, 256Mi or 10Gi",
);
const KEY: Rule = Rule(
    |text| {
        let taken = ["username", "password", "uri"];
        !taken.contains(&text) && is_file_name(text)
    },
    "letters, digits, hyphens, dots and underscores, and none of username, password and uri",
);
const FILE: Rule = Rule(is_file_name, "a file's name without folders, as start.sh");
const VARIABLE: Rule = Rule(
    |text| {
        let digit = text.starts_with(|letter: char| letter.is_ascii_digit());
        !text.is_empty() && !digit && text.bytes().all(is_of_a_tag)
    },
    "letters, digits, underscores, dots and hyphens, and no digit first, as DATA_FOLDER",
);
const SCHEME: Rule = Rule(
    |text| {
        begins_with_letter(text)
            && text
                .bytes()
                .all(|byte| is_plain(byte) || b"+.-".contains(&byte))
    },
    "a URL's scheme without ://, as redis",
);
const TEMPLATE: Rule = Rule(
    |text| {
        let rest = PLACEHOLDERS.iter().fold(text.to_owned(), |rest, name| {
            rest.replace(&format!("{{{name}}}"), "")
        });
        text.contains("{scheme}")
            && !rest.contains(['{', '}'])
            && !rest.contains(char::is_whitespace)
    },
    "{scheme}, and beside it text and {username}, {password}, {host}, {port}, {database}, {members}, {server}, {headless}, {namespace}",
);

const PLACEHOLDERS: [&str; 10] = [
    "scheme",
    "username",
    "password",
    "host",
    "port",
    "database",
    "members",
    "server",
    "headless",
    "namespace",
];

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn is_of_a_tag(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

fn is_file_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("..") && text != "." && text.bytes().all(is_of_a_tag)
}

impl Stated {
    /// What is wrong with it, beyond its schema.
    pub fn check(&self) -> Vec<Wrong> {
        let mut check = Check(Vec::new());
        check.names(self);
        check.image(self);
        check.ports(self);
        check.folders(self);
        check.sizes(self);
        check.secret(self);
        check.files("files", &self.files);
        if let Some(cache) = &self.cache {
            check.files("cache.files", &cache.files);
        }
        check.url(self);
        check.choices(self);
        check.0
    }

    /// All names that find it, each with its field.
    pub fn names(&self) -> impl Iterator<Item = (String, &str)> {
        let aliases = self.aliases.iter().enumerate();
        let aliases = aliases.map(|(index, alias)| (format!("aliases[{index}]"), alias.as_str()));
        [("name".to_owned(), self.name.as_str())]
            .into_iter()
            .chain(aliases)
    }
}

struct Check(Vec<Wrong>);

impl Check {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Wrong {
            field: field.into(),
            message: message.into(),
        });
    }

    fn rule(&mut self, field: impl Into<String>, text: &str, Rule(fits, write): &Rule) {
        if !fits(text) {
            self.add(
                field,
                format!("{text:?} cannot be used here: write {write}"),
            );
        }
    }

    /// Each once, and by the rule.
    fn each<'a>(
        &mut self,
        field: impl Fn(usize) -> String,
        texts: impl Iterator<Item = &'a str>,
        rule: &Rule,
    ) {
        let mut seen = BTreeSet::new();
        for (index, text) in texts.enumerate() {
            self.rule(field(index), text, rule);
            if !seen.insert(text) {
                self.add(
                    field(index),
                    format!("{text} is here twice: keep one of the two"),
                );
            }
        }
    }

    fn names(&mut self, stated: &Stated) {
        self.rule("name", &stated.name, &WORD);
        let aliases = stated.aliases.iter().map(String::as_str);
        self.each(|index| format!("aliases[{index}]"), aliases, &ALIAS);
        for (field, name) in stated.names() {
            if let Some(engine) = Engine::find(name) {
                self.add(field, format!("{name} is Gravity's own {engine}, which no file can change: write another name"));
            }
        }
    }

    fn image(&mut self, stated: &Stated) {
        self.rule("image", &stated.image, &REPOSITORY);
        let names = stated.series.iter().map(|it| it.name.as_str());
        self.each(|index| format!("series[{index}].name"), names, &SERIES);
        for (index, series) in stated.series.iter().enumerate() {
            self.rule(format!("series[{index}].tag"), &series.tag, &TAG);
        }
        let defaults = stated.series.iter().filter(|it| it.default).count();
        if defaults != 1 {
            self.add(
                "series",
                format!("{defaults} of them are the default: write default: true at exactly one"),
            );
        }
    }

    fn ports(&mut self, stated: &Stated) {
        let names = stated.ports.iter().map(|it| it.name.as_str());
        self.each(|index| format!("ports[{index}].name"), names, &PORT);
        let mut seen = BTreeSet::new();
        for (index, port) in stated.ports.iter().enumerate() {
            if !seen.insert(port.number) {
                let message = format!("{} is here twice: keep one of the two", port.number);
                self.add(format!("ports[{index}].number"), message);
            }
        }
    }

    fn folders(&mut self, stated: &Stated) {
        self.rule("storage.mount", &stated.storage.mount, &FOLDER);
        let scratch = stated.scratch.iter().map(String::as_str);
        self.each(|index| format!("scratch[{index}]"), scratch, &FOLDER);
        if let Some(index) = stated
            .scratch
            .iter()
            .position(|it| *it == stated.storage.mount)
        {
            let message = "the data is there, which is no scratch folder: take the line out";
            self.add(format!("scratch[{index}]"), message);
        }
    }

    fn sizes(&mut self, stated: &Stated) {
        let Stated {
            storage,
            requests,
            memory_limit,
            ..
        } = stated;
        for (field, size) in [
            ("storage.size", &storage.size),
            ("requests.cpu", &requests.cpu),
            ("requests.memory", &requests.memory),
            ("memoryLimit", memory_limit),
        ] {
            self.rule(field, size, &SIZE);
        }
    }

    /// The admin Secret, and the variables that name its keys.
    fn secret(&mut self, stated: &Stated) {
        let generated = stated.admin.generated.iter().map(|it| it.key.as_str());
        self.each(
            |index| format!("admin.generated[{index}].key"),
            generated,
            &KEY,
        );
        let variables = &stated.variables;
        let names = variables.iter().map(|it| it.name.as_str());
        self.each(|index| format!("variables[{index}].name"), names, &VARIABLE);
        for (index, it) in variables.iter().enumerate() {
            let at = format!("variables[{index}]");
            let said = [it.value.is_some(), it.admin.is_some(), it.pod.is_some()];
            self.one_of(&at, said, "value, admin and pod");
            self.key(&at, it.admin.as_deref(), stated);
        }
        let given = &stated.provisioning.variables;
        let names = given.iter().map(|it| it.name.as_str());
        let at = |index| format!("provisioning.variables[{index}]");
        self.each(|index| format!("{}.name", at(index)), names, &VARIABLE);
        for (index, it) in given.iter().enumerate() {
            self.one_of(
                &at(index),
                [it.value.is_some(), it.admin.is_some()],
                "value and admin",
            );
            self.key(&at(index), it.admin.as_deref(), stated);
            let key = it
                .value
                .as_deref()
                .and_then(|value| value.strip_prefix("admin:"));
            if let Some(key) = key {
                let message = format!(
                    "a text cannot begin with admin: here: write admin: {key} in the place of value for a key of the admin Secret"
                );
                self.add(format!("{}.value", at(index)), message);
            }
        }
    }

    fn key(&mut self, at: &str, key: Option<&str>, stated: &Stated) {
        let own = ["username", "password"].into_iter();
        let generated = stated.admin.generated.iter().map(|it| it.key.as_str());
        let known: Vec<&str> = own.chain(generated).collect();
        if let Some(key) = key.filter(|key| !known.contains(key)) {
            let message = format!(
                "{key} is no key of the admin Secret: write one of {}, or add it to admin.generated",
                known.join(", ")
            );
            self.add(format!("{at}.admin"), message);
        }
    }

    fn files(&mut self, field: &str, files: &[File]) {
        let names = files.iter().map(|it| it.name.as_str());
        self.each(|index| format!("{field}[{index}].name"), names, &FILE);
    }

    fn url(&mut self, stated: &Stated) {
        let url = &stated.url;
        let schemes = url.schemes.iter().map(String::as_str);
        self.each(|index| format!("url.schemes[{index}]"), schemes, &SCHEME);
        let templates = [
            ("url.template", Some(&url.template)),
            ("url.srv", url.srv.as_ref()),
            ("url.external", url.external.as_ref()),
        ];
        for (field, template) in templates {
            let template = template.map_or("{scheme}", String::as_str);
            self.rule(field, template, &TEMPLATE);
        }
        if url.inherits.scheme.is_some() && !url.inherits.parameters.is_empty() {
            self.add(
                "url.inherits",
                "has a scheme and parameters: keep one of the two",
            );
        }
    }

    /// What can be said in one of several ways, and what goes with something else only.
    fn choices(&mut self, stated: &Stated) {
        let Stated {
            backup, tenancy, ..
        } = stated;
        self.one_of(
            "backup",
            [backup.dump.is_some(), backup.never.is_some()],
            "dump and never",
        );
        if stated.shared_by_prefix && *tenancy != super::stated::Tenancy::Keys {
            self.add(
                "sharedByPrefix",
                "is for tenancy: Keys: write that tenancy, or take the line out",
            );
        }
    }

    fn one_of<const COUNT: usize>(&mut self, at: &str, said: [bool; COUNT], ways: &str) {
        let count = said.into_iter().filter(|said| *said).count();
        if count != 1 {
            self.add(at, format!("has {count} of {ways}: write exactly one"));
        }
    }
}
