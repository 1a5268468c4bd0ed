//! The table that the benchmark prints.

use crate::statistics::Sample;

/// One line: a figure, what it is compared to, and the goal.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was measured.
    pub figure: String,
    /// What came out.
    pub measured: String,
    /// What it is compared to, measured in the same run.
    pub beside: String,
    /// The goal and whether it was met; empty for what has none.
    pub goal: Option<(String, bool)>,
}

impl Line {
    /// A line without a goal.
    pub fn new(
        figure: impl Into<String>,
        measured: impl Into<String>,
        beside: impl Into<String>,
    ) -> Self {
        Self {
            figure: figure.into(),
            measured: measured.into(),
            beside: beside.into(),
            goal: None,
        }
    }

    /// The line with its goal.
    #[must_use]
    pub fn goal(mut self, goal: impl Into<String>, met: bool) -> Self {
        self.goal = Some((goal.into(), met));
        self
    }

    fn cells(&self) -> [String; 5] {
        let (goal, met) = match &self.goal {
            Some((goal, true)) => (goal.clone(), "yes"),
            Some((goal, false)) => (goal.clone(), "no"),
            None => (String::new(), ""),
        };
        [
            self.figure.clone(),
            self.measured.clone(),
            self.beside.clone(),
            goal,
            met.to_owned(),
        ]
    }
}

const HEADER: [&str; 5] = ["figure", "measured", "beside", "goal", "met"];

/// The lines as a table for a terminal, or as one of Markdown.
pub fn table(lines: &[Line], markdown: bool) -> String {
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(lines.iter().map(Line::cells));
    let widths: [usize; 5] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| width(&row[column]))
            .max()
            .unwrap_or(0)
    });
    let rule = if markdown {
        widths.map(|width| "-".repeat(width))
    } else {
        widths.map(|width| "─".repeat(width))
    };
    rows.insert(1, rule);
    let row = |cells: &[String; 5]| row(cells, &widths, markdown);
    rows.iter().map(row).collect()
}

fn row(cells: &[String; 5], widths: &[usize; 5], markdown: bool) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))))
        .collect();
    if markdown {
        format!("| {} |\n", padded.join(" | "))
    } else {
        format!("{}\n", padded.join("  ").trim_end())
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Seconds as people read them: `1.62 s`, `38.2 ms`.
pub fn time(seconds: f64) -> String {
    if seconds.abs() < 1.0 {
        format!("{:.1} ms", seconds * 1_000.0)
    } else {
        format!("{seconds:.2} s")
    }
}

/// The median and, of several, the spread.
pub fn times(sample: &Sample) -> String {
    let (least, most) = sample.spread();
    match sample.len() {
        0 => "not measured".to_owned(),
        1 => time(least),
        _ => format!(
            "{} ({} to {})",
            time(sample.median()),
            time(least),
            time(most)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_stand_below_each_other() {
        let lines = [
            Line::new("render", time(0.0183), "helm 62.0 ms").goal("< 20 ms", true),
            Line::new("all ready", time(1.625), ""),
        ];
        assert_eq!(
            table(&lines, false),
            "figure     measured  beside        goal     met\n\
             ─────────  ────────  ────────────  ───────  ───\n\
             render     18.3 ms   helm 62.0 ms  < 20 ms  yes\n\
             all ready  1.62 s\n"
        );
    }
}
