//! Texts that hold passwords: each made value is a variable of `.env`, in the file itself stands
//! `${NAME}`.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Display;

use k8s_openapi::ByteString;
use serde_json::Value;

use crate::generate::Make;
use crate::generate::objects::unmade;
use crate::plan::Plan;
use crate::schedule::secrets;

/// Stands in a text for a variable, until the text is Compose's. It has letters and digits only,
/// as a password has, so that what is percent-encoded is not changed.
const MARK: &str = "gravityVariable";
/// How many digits follow.
const DIGITS: usize = 6;
/// What stands on top of `.env`.
const HEAD: &str =
    "# Passwords, made once by `gravity generate compose`, which keeps every line of this file.\n";

/// What a variable of `.env` is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    /// So many letters and digits are made.
    Made(usize),
    /// Only a person knows it.
    Given,
}

/// The values of all Secrets, and the variables that they are made of.
pub(super) struct Values {
    /// By Secret and key.
    secrets: BTreeMap<(String, String), String>,
    names: Vec<(String, Variable)>,
    used: BTreeSet<String>,
    before: String,
}

impl Values {
    /// Those of a plan.
    pub fn of(plan: &Plan, env: &str) -> Self {
        let mut values = Self {
            secrets: BTreeMap::new(),
            names: Vec::new(),
            used: BTreeSet::new(),
            before: env.to_owned(),
        };
        for each in unmade(plan) {
            let mut lengths = Vec::new();
            let first = values.names.len();
            let mut make = |length: usize| -> Result<String, Infallible> {
                lengths.push(length);
                Ok(mark(first.saturating_add(lengths.len()).saturating_sub(1)))
            };
            let Ok(secret) = secrets::anew(each.stated, each.generate, false, &mut make);
            let data = secret["data"].as_object().into_iter().flatten();
            let texts: BTreeMap<String, String> = data
                .filter_map(|(key, value)| Some((key.clone(), decoded(value)?)))
                .collect();
            for (index, length) in lengths.iter().enumerate() {
                let mark = mark(first.saturating_add(index));
                let key = texts.iter().find(|(_, text)| **text == mark);
                let key = key.map_or("value", |(key, _)| key.as_str());
                values
                    .names
                    .push((name(each.name, key), Variable::Made(*length)));
            }
            for (key, text) in texts {
                values.secrets.insert((each.name.to_owned(), key), text);
            }
        }
        values
    }

    /// The value of a Secret's key. One that is not the application's own is a variable that a
    /// person fills.
    pub fn secret(&mut self, secret: &str, key: &str) -> String {
        let place = (secret.to_owned(), key.to_owned());
        if let Some(text) = self.secrets.get(&place) {
            return text.clone();
        }
        let text = mark(self.names.len());
        self.names.push((name(secret, key), Variable::Given));
        self.secrets.insert(place, text.clone());
        text
    }

    /// The keys that are known of a Secret.
    pub fn keys(&self, secret: &str) -> Vec<String> {
        let keys = self.secrets.keys();
        keys.filter(|(name, _)| name == secret)
            .map(|(_, key)| key.clone())
            .collect()
    }

    /// The variable that a text is, if it is nothing else.
    pub fn variable(&mut self, text: &str) -> Option<String> {
        let (before, name, after) = self.next(text)?;
        if !before.is_empty() || !after.is_empty() {
            return None;
        }
        self.used.insert(name.clone());
        Some(name)
    }

    /// A text as Compose reads it.
    pub fn text(&mut self, text: &str) -> String {
        let mut rest = text;
        let mut all = String::new();
        while let Some((before, name, after)) = self.next(rest) {
            all += &before.replace('$', "$$");
            all += &format!("${{{name}}}");
            self.used.insert(name);
            rest = after;
        }
        all + &rest.replace('$', "$$")
    }

    fn next<'t>(&self, text: &'t str) -> Option<(&'t str, String, &'t str)> {
        let at = text.find(MARK)?;
        let (before, rest) = text.split_at(at);
        let rest = rest.strip_prefix(MARK)?;
        let (digits, after) = rest.split_at_checked(DIGITS)?;
        let index: usize = digits.parse().ok()?;
        Some((before, self.names.get(index)?.0.clone(), after))
    }

    /// The variables that are used, and that only a person can fill and has not.
    pub fn to_fill(&self) -> Vec<String> {
        let before = self.lines();
        // A password that is there and empty was emptied by somebody: it is not made anew, for the
        // database has another one.
        let open = self.names.iter().filter(|(name, variable)| {
            let text = before.get(name.as_str());
            let is_open = match variable {
                Variable::Given => text.is_none_or(|text| text.is_empty()),
                Variable::Made(_) => text.is_some_and(|text| text.is_empty()),
            };
            is_open && self.used.contains(name)
        });
        open.map(|(name, _)| name.clone()).collect()
    }

    fn lines(&self) -> BTreeMap<&str, &str> {
        let lines = self.before.lines().filter_map(|line| line.split_once('='));
        lines
            .map(|(name, text)| (name.trim().trim_start_matches("export ").trim(), text))
            .collect()
    }

    /// The file `.env`: what was there, and what is made now.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn env<E: Display>(&self, make: Make<'_, E>) -> Result<String, E> {
        let before = self.lines();
        let mut text = match self.before.is_empty() {
            true => HEAD.to_owned(),
            false => self.before.clone(),
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let mut written = BTreeSet::new();
        for (name, variable) in &self.names {
            let new = self.used.contains(name) && !before.contains_key(name.as_str());
            if !new || !written.insert(name) {
                continue;
            }
            text += &match variable {
                Variable::Made(length) => format!("{name}={}\n", make(*length)?),
                Variable::Given => format!("# To be filled.\n{name}=\n"),
            };
        }
        Ok(text)
    }
}

/// A value of a Secret as the server holds it.
fn decoded(value: &Value) -> Option<String> {
    let bytes: ByteString = serde_json::from_value(value.clone()).ok()?;
    String::from_utf8(bytes.0).ok()
}

fn mark(index: usize) -> String {
    format!("{MARK}{index:0DIGITS$}")
}

/// The variable of a Secret's key, as `SHOP_POSTGRESQL_15_ADMIN_PASSWORD`.
fn name(secret: &str, key: &str) -> String {
    let word = |each: char| match each {
        each if each.is_ascii_alphanumeric() => each.to_ascii_uppercase(),
        _ => '_',
    };
    format!("{secret}_{key}").chars().map(word).collect()
}

/// A text in which Kubernetes puts the values of variables in the place of `$(NAME)`, and `$` in
/// that of `$$` (kubernetes.io, "Define Dependent Environment Variables").
pub(super) fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut all = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        all += before;
        let after = after.get(1..).unwrap_or_default();
        let inner = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'));
        (all, rest) = match (after.strip_prefix('$'), inner) {
            (Some(behind), _) => (all + "$", behind),
            (None, Some((name, behind))) => match variables.get(name) {
                Some(value) => (all + value, behind),
                None => (all + &format!("$({name})"), behind),
            },
            (None, None) => (all + "$", after),
        };
    }
    all + rest
}

/// What a JSON value says as a text.
pub(super) fn said(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_as_kubernetes_reads_them() {
        let variables = BTreeMap::from([("A".to_owned(), "one".to_owned())]);
        let read = |text: &str| expanded(text, &variables);
        assert_eq!(read("x $(A) $(B) $$(A) ${A} $"), "x one $(B) $(A) ${A} $");
        assert_eq!(read("DO $$$ BEGIN"), "DO $$ BEGIN");
    }
}
