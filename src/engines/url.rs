//! How services address a database, on a server of Gravity's own or of others.

use std::collections::BTreeMap;

/// How services address a database.
#[derive(Debug)]
pub struct Url {
    /// The schemes that its drivers know, the default first; each also with `+driver`.
    pub schemes: &'static [&'static str],
    /// The URL, with `{scheme}`, `{username}`, `{password}`, `{host}`, `{port}`,
    /// `{database}`, `{members}`.
    pub template: &'static str,
    /// The URL of a scheme that ends in `+srv`, where members are found by the headless
    /// Service's SRV records; absent where drivers know no such scheme.
    pub srv: Option<&'static str>,
    /// The URL of a database on a server of others, where that cannot say as much.
    pub external: Option<&'static str>,
    /// What it takes over from the administrator's on a server of others.
    pub inherits: Inherits,
}

/// What a service's URL takes over from the URI of the administrator: how a client connects, and
/// above all whether by TLS, but not who it is.
#[derive(Debug)]
pub enum Inherits {
    /// The second scheme instead of the first.
    Scheme(&'static str, &'static str),
    /// The parameters of these names, each with other spellings of it.
    Parameters(&'static [(&'static str, &'static [&'static str])]),
    /// Nothing: there is no such server.
    Nothing,
}

impl Inherits {
    /// The scheme of a URL, of which the administrator's has that one.
    pub fn scheme(&self, own: &str, administrators: &str) -> String {
        match self {
            Self::Scheme(plain, encrypted) if administrators == *encrypted => {
                match own.strip_prefix(plain) {
                    Some(driver) if driver.is_empty() || driver.starts_with('+') => {
                        format!("{encrypted}{driver}")
                    }
                    _ => own.to_owned(),
                }
            }
            _ => own.to_owned(),
        }
    }

    /// The parameters of a URL with that scheme, from those of the administrator's.
    pub fn parameters(&self, scheme: &str, administrators: &BTreeMap<String, String>) -> String {
        let Self::Parameters(known) = self else {
            return String::new();
        };
        let value = |spellings: &(&str, &[&str])| {
            let mut all = administrators.iter();
            all.find_map(|(name, value)| is_one_of(name, spellings).then_some(value))
        };
        let taken = known.iter().filter_map(|spellings| {
            Some(format!(
                "{}={}",
                name_for(scheme, spellings.0),
                value(spellings)?
            ))
        });
        taken.collect::<Vec<_>>().join("&")
    }

    /// Whether it is a parameter that some engine's URLs take over.
    pub fn takes(&self, parameter: &str) -> bool {
        let Self::Parameters(known) = self else {
            return false;
        };
        known
            .iter()
            .any(|spellings| is_one_of(parameter, spellings))
    }
}

fn is_one_of(name: &str, (main, others): &(&str, &[&str])) -> bool {
    let same = |other: &&str| name.eq_ignore_ascii_case(other);
    same(main) || others.iter().any(same)
}

/// How the driver that a scheme names calls a parameter: asyncpg's dialect of SQLAlchemy knows
/// `ssl` only (docs.sqlalchemy.org, "PostgreSQL, asyncpg").
fn name_for<'a>(scheme: &str, parameter: &'a str) -> &'a str {
    match (scheme.split_once('+'), parameter) {
        (Some((_, "asyncpg")), "sslmode") => "ssl",
        _ => parameter,
    }
}
