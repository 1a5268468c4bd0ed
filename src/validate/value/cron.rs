//! Schedules, as the CronJob controller reads them (robfig/cron's standard parser).

/// One of the five fields.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        first: 0,
        last: 59,
        names: &[],
    },
    Field {
        name: "hour",
        first: 0,
        last: 23,
        names: &[],
    },
    Field {
        name: "day of the month",
        first: 1,
        last: 31,
        names: &[],
    },
    Field {
        name: "month",
        first: 1,
        last: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    // Kubernetes takes no 7 for Sunday.
    Field {
        name: "day of the week",
        first: 0,
        last: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

const WORDS: [&str; 7] = [
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
];

/// A schedule of five fields, or one of the words.
pub(in crate::validate) fn schedule(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return word(text);
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let seconds = if parts.len() == 6 {
            " (Kubernetes has no field for seconds)"
        } else {
            ""
        };
        return Err(format!(
            "{text:?} has {} fields, and a schedule has five: minute, hour, day of the month, month, day of the week{seconds}, as \"*/5 * * * *\"",
            parts.len()
        ));
    }
    for (field, part) in FIELDS.iter().zip(parts) {
        field
            .check(part)
            .map_err(|problem| format!("{text:?}: the {} {part}: {problem}", field.name))?;
    }
    Ok(())
}

fn word(text: &str) -> Result<(), String> {
    let every = text.strip_prefix("@every ");
    if WORDS.contains(&text) || every.is_some_and(|every| super::duration::duration(every).is_ok())
    {
        return Ok(());
    }
    let near = crate::validate::nearest(text, WORDS).unwrap_or("@daily");
    Err(format!(
        "{text:?} is no schedule: write {near}, @every 1h30m, or five fields, as \"*/5 * * * *\""
    ))
}

impl Field {
    fn check(&self, part: &str) -> Result<(), String> {
        part.split(',').try_for_each(|item| self.item(item))
    }

    /// `*`, `5`, `1-5`, each perhaps with `/2` behind it.
    fn item(&self, item: &str) -> Result<(), String> {
        let (range, step) = item
            .split_once('/')
            .map_or((item, None), |(range, step)| (range, Some(step)));
        let fine = |step: &str| {
            step.parse::<u32>()
                .is_ok_and(|step| step > 0 && step <= self.last)
        };
        if let Some(step) = step.filter(|step| !fine(step)) {
            return Err(format!(
                "the step {step:?} is none: write a number from 1 to {}",
                self.last
            ));
        }
        if matches!(range, "*" | "?") {
            return Ok(());
        }
        let (start, end) = range.split_once('-').unwrap_or((range, range));
        let (start, end) = (self.number(start)?, self.number(end)?);
        if start > end {
            return Err(format!(
                "{range} runs backwards: write {end}-{start}, or two ranges with a comma between them"
            ));
        }
        Ok(())
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_ascii_lowercase();
        if let Some(index) = self.names.iter().position(|name| *name == lower) {
            return Ok(self.first + u32::try_from(index).unwrap_or_default());
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        let sunday = if self.last == 6 { ", Sunday is 0" } else { "" };
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(", or {first} to {last}"),
            _ => String::new(),
        };
        number
            .filter(|number| (self.first..=self.last).contains(number))
            .ok_or_else(|| {
                format!(
                    "{text:?} is out of range: write {} to {}{names}{sunday}",
                    self.first, self.last
                )
            })
    }
}
