//! The databases of a service.

use super::nearest;
use super::report::Report;
use super::service::Database;
use super::value::name;
use crate::api::names::url_variable;
use crate::api::service::{Database as Stated, DatabaseMode};
use crate::engines::Engine;

/// All databases that are fine; the others are in the report.
pub(super) fn databases(stated: &[Stated], report: &mut Report) -> Vec<Database> {
    let names = stated.iter().map(|each| each.name.as_str());
    report.unique("spec.databases", "name", "one", names);
    let each = stated.iter().enumerate();
    each.filter_map(|(index, each)| database(each, &format!("spec.databases[{index}]"), report))
        .collect()
}

fn database(stated: &Stated, at: &str, report: &mut Report) -> Option<Database> {
    report.check(format!("{at}.name"), name::database(&stated.name));
    let engine = report.check(format!("{at}.type"), engine(&stated.type_))?;
    own_name(engine, stated, at, report);
    let series = report.check(
        format!("{at}.version"),
        series(engine, stated.version.as_deref()),
    );
    extensions(engine, stated, at, report);
    text(&stated.charset, &format!("{at}.charset"), report);
    text(&stated.collation, &format!("{at}.collation"), report);
    if let Some(env) = &stated.env {
        report.check(format!("{at}.env"), name::variable(env));
    }
    let url_scheme = report.check(format!("{at}.urlScheme"), url_scheme(engine, stated));
    redis(engine, stated, at, report);
    Some(Database {
        name: stated.name.clone(),
        engine,
        series: series?,
        extensions: stated.extensions.clone(),
        charset: stated.charset.clone(),
        collation: stated.collation.clone(),
        env: stated
            .env
            .clone()
            .unwrap_or_else(|| url_variable(&stated.name)),
        url_scheme: url_scheme?,
        // What loses data over a restart has to be asked for.
        mode: stated.mode.unwrap_or(DatabaseMode::Store),
        key_prefix: stated.key_prefix.clone(),
    })
}

/// The engine of that name, or the names that there are.
pub(super) fn engine(text: &str) -> Result<Engine, String> {
    Engine::find(text).ok_or_else(|| {
        let known: Vec<_> = Engine::all().map(Engine::name).collect();
        let aliases = Engine::all().flat_map(|engine| engine.profile().aliases);
        let near = nearest(text, known.iter().chain(aliases).copied());
        let hint = near.map_or(String::new(), |near| format!(", did you mean {near}?"));
        format!(
            "{text:?} is no engine that is known{hint} (there are {})",
            known.join(", ")
        )
    })
}

fn own_name(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    let (title, limit) = (engine.name(), engine.profile().identifier_limit);
    if engine.profile().is_reserved(&stated.name) {
        let message = format!(
            "{} is a name that {title} has for itself: write another one, as {}_db",
            stated.name, stated.name
        );
        report.add(format!("{at}.name"), message);
    } else if stated.name.len() > limit {
        let message = format!(
            "{} has {} characters, and {title} takes {limit}: shorten it",
            stated.name,
            stated.name.len()
        );
        report.add(format!("{at}.name"), message);
    }
}

fn series(engine: Engine, version: Option<&str>) -> Result<String, String> {
    let Some(version) = version else {
        return Ok(engine.profile().default_series().name.to_owned());
    };
    let found = engine.profile().find_series(version);
    found.map(|series| series.name.to_owned()).ok_or_else(|| {
        let known: Vec<_> = engine
            .profile()
            .series
            .iter()
            .map(|each| format!("\"{}\"", each.name))
            .collect();
        format!(
            "{version:?} is no version of {} that is known: write one of {}",
            engine.name(),
            known.join(", ")
        )
    })
}

fn extensions(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    if !stated.extensions.is_empty() && engine.profile().extensions.is_empty() {
        let message = format!("{} has no extensions: take the list out", engine.name());
        return report.add(format!("{at}.extensions"), message);
    }
    for (index, extension) in stated.extensions.iter().enumerate() {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if extension.is_empty() || !extension.bytes().all(fine) {
            let message = format!(
                "{extension:?} can be no extension's name: write letters, digits, hyphens and underscores, as uuid-ossp"
            );
            report.add(format!("{at}.extensions[{index}]"), message);
        }
    }
}

/// Charset and collation stand in statements that no client can quote.
fn text(value: &Option<String>, field: &str, report: &mut Report) {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte);
    if let Some(value) = value
        .as_deref()
        .filter(|value| value.is_empty() || !value.bytes().all(fine))
    {
        report.add(field, format!("{value:?} is no such name: write letters, digits, hyphens, dots and underscores, as utf8mb4 or en_US.utf8"));
    }
}

fn url_scheme(engine: Engine, stated: &Stated) -> Result<String, String> {
    let Some(scheme) = &stated.url_scheme else {
        return Ok(engine.profile().scheme().to_owned());
    };
    name::scheme(scheme)?;
    if engine.profile().knows_scheme(scheme) {
        return Ok(scheme.clone());
    }
    let known = engine.profile().url.schemes.join(", ");
    Err(format!(
        "{scheme:?} is no scheme of {}: write one of {known}, perhaps with a driver after a plus, as {}+driver",
        engine.name(),
        engine.profile().scheme()
    ))
}

fn redis(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    let title = engine.name();
    if stated.mode.is_some() && engine.profile().cache.is_none() {
        report.add(
            format!("{at}.mode"),
            format!("{title} has no modes, they are for redis: take the line out"),
        );
    }
    let Some(prefix) = &stated.key_prefix else {
        return;
    };
    if !engine.profile().shared_by_prefix {
        report.add(
            format!("{at}.keyPrefix"),
            format!("{title} has no key prefixes, they are for redis: take the line out"),
        );
    } else if prefix.is_empty()
        || prefix.contains(|each: char| each.is_whitespace() || "*?[]\\~\"'".contains(each))
    {
        let message = format!(
            "{prefix:?} can be no prefix of keys: write it without spaces, quotes and wildcards, as auth:"
        );
        report.add(format!("{at}.keyPrefix"), message);
    }
}
