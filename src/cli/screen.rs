//! What is seen of applications while they change: on a terminal a table that is drawn anew, and
//! elsewhere a line for each step of a service.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

use console::{Term, truncate_str};
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::status::{AppView, Detail, View, text};
use super::{Error, output};
use crate::api::GravityApp;
use crate::api::app::Phase;

/// Where it is shown.
pub struct Screen {
    terminal: Option<Term>,
    /// How many lines of the terminal the table takes.
    drawn: usize,
    /// What was last told of each service.
    told: BTreeMap<(String, String), Phase>,
    /// What it was last, and the same as a table.
    latest: View,
    table: String,
    /// How it is printed in the end.
    format: output::Format,
}

impl Screen {
    /// Standard error, for standard output holds the answer.
    pub fn new(format: output::Format) -> Self {
        Self {
            terminal: io::stderr().is_terminal().then(Term::stderr),
            drawn: 0,
            told: BTreeMap::new(),
            latest: View::default(),
            table: String::new(),
            format,
        }
    }

    /// Shows how the applications are now.
    pub fn show<'a>(&mut self, apps: impl Iterator<Item = &'a GravityApp> + Clone) {
        self.latest = View {
            apps: apps.clone().map(|app| AppView::of(app.clone())).collect(),
        };
        let width = self
            .terminal
            .as_ref()
            .map(|terminal| usize::from(terminal.size().1));
        self.table = text(&self.latest, Timestamp::now(), width, Detail::Usual);
        match &self.terminal {
            Some(terminal) => {
                let rows = usize::from(terminal.size().0).saturating_sub(2).max(4);
                let columns = usize::from(terminal.size().1).max(20);
                let shown = fitting(&self.table, rows, columns);
                let lines = shown.lines().count();
                // A terminal that has gone away is no reason to stop.
                let _ = terminal.clear_last_lines(self.drawn);
                let _ = terminal.write_str(&shown);
                self.drawn = lines;
            }
            None => apps.for_each(|app| self.steps(app)),
        }
    }

    fn steps(&mut self, app: &GravityApp) {
        for service in app.status.iter().flat_map(|status| &status.services) {
            let key = (app.name_any(), service.name.clone());
            if self.told.insert(key, service.phase) == Some(service.phase) {
                continue;
            }
            let waits = service.waits_for.as_ref();
            let waits = waits.map_or(String::new(), |on| format!(", waits for {on}"));
            output::tell(&format!(
                "{} {}: {:?}{waits}",
                service.name, service.version, service.phase
            ));
        }
    }

    /// Prints how an application is that nobody waits for, to programs alone.
    pub fn unwaited(&mut self, app: &GravityApp) -> Result<(), Error> {
        self.latest = View {
            apps: vec![AppView::of(app.clone())],
        };
        match self.format {
            output::Format::Table => Ok(()),
            _ => self.last(),
        }
    }

    /// Takes the table away and prints how it is in the end.
    pub fn last(&mut self) -> Result<(), Error> {
        if let Some(terminal) = &self.terminal {
            let _ = terminal.clear_last_lines(self.drawn);
            self.drawn = 0;
        }
        output::formatted(self.format, &self.latest, || self.table.clone())
    }
}

/// The lines that a screen has room for; the end of the table is the least of interest. A line
/// that the terminal would break is cut: broken, it would take two of them, and the next
/// picture would leave one standing.
fn fitting(text: &str, rows: usize, columns: usize) -> String {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| truncate_str(line, columns, "…").into_owned())
        .collect();
    let more = lines.len().saturating_sub(rows);
    if more > 0 {
        lines.truncate(rows.saturating_sub(1));
        lines.push(format!("… and {} more lines", more.saturating_add(1)));
    }
    lines.join("\n") + "\n"
}
