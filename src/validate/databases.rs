//! The databases of a service.

use super::report::Report;
use super::service::Database;
use super::value::name;
use super::{engine_shim as engines, nearest};
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
    engines::find(text).ok_or_else(|| {
        let known = engines::names();
        let near = nearest(text, known.iter().copied());
        let hint = near.map_or(String::new(), |near| format!(", did you mean {near}?"));
        format!(
            "{text:?} is no engine that is known{hint} (there are {})",
            known.join(", ")
        )
    })
}

fn own_name(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    let (title, limit) = (engines::name(engine), engines::identifier_limit(engine));
    if engines::is_reserved(engine, &stated.name) {
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
        return Ok(engines::default_series(engine).to_owned());
    };
    let found = engines::find_series(engine, version);
    found.map(str::to_owned).ok_or_else(|| {
        let known: Vec<_> = engines::series(engine)
            .into_iter()
            .map(|each| format!("\"{each}\""))
            .collect();
        format!(
            "{version:?} is no version of {} that is known: write one of {}",
            engines::name(engine),
            known.join(", ")
        )
    })
}

fn extensions(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    if !stated.extensions.is_empty() && !engines::has_extensions(engine) {
        let message = format!(
            "{} has no extensions: take the list out",
            engines::name(engine)
        );
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
        return Ok(engines::scheme(engine).to_owned());
    };
    name::scheme(scheme)?;
    if engines::knows_scheme(engine, scheme) {
        return Ok(scheme.clone());
    }
    let known = engines::schemes(engine).join(", ");
    Err(format!(
        "{scheme:?} is no scheme of {}: write one of {known}, perhaps with a driver after a plus, as {}+driver",
        engines::name(engine),
        engines::scheme(engine)
    ))
}

fn redis(engine: Engine, stated: &Stated, at: &str, report: &mut Report) {
    let title = engines::name(engine);
    if stated.mode.is_some() && !engines::can_be_cache(engine) {
        report.add(
            format!("{at}.mode"),
            format!("{title} has no modes, they are for redis: take the line out"),
        );
    }
    let Some(prefix) = &stated.key_prefix else {
        return;
    };
    if !engines::is_shared_by_prefix(engine) {
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
