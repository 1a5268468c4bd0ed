//! Collects what is wrong with one object.

use std::fmt::Display;

use super::Invalid;

/// What is wrong with one object, in the order in which its fields were looked at.
#[derive(Debug)]
pub(super) struct Report {
    object: String,
    problems: Vec<Invalid>,
}

impl Report {
    pub(super) const fn of(object: String) -> Self {
        Self {
            object,
            problems: Vec::new(),
        }
    }

    /// Notes a problem of a field.
    pub(super) fn add(&mut self, field: impl Display, message: impl Into<String>) {
        self.problems.push(Invalid {
            object: self.object.clone(),
            field: field.to_string(),
            message: message.into(),
        });
    }

    /// The value of a field, or `None` and its problem noted.
    pub(super) fn check<T>(
        &mut self,
        field: impl Display,
        checked: Result<T, String>,
    ) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(message) => {
                self.add(field, message);
                None
            }
        }
    }

    /// Notes each item whose key another one before it has.
    pub(super) fn unique<'a>(
        &mut self,
        list: &str,
        key: &str,
        what: &str,
        keys: impl IntoIterator<Item = &'a str>,
    ) {
        let mut seen = std::collections::BTreeMap::new();
        for (index, value) in keys.into_iter().enumerate() {
            if let Some(first) = seen.get(value) {
                let message = format!(
                    "{value} is in {list}[{first}] already: take one of the two out, or give {what} of them another {key}"
                );
                self.add(format!("{list}[{index}].{key}"), message);
            } else {
                seen.insert(value, index);
            }
        }
    }

    /// The problems, if there are any.
    pub(super) fn finish(self) -> Result<(), Vec<Invalid>> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(self.problems)
        }
    }
}
