//! Tables as kubectl prints them: no lines, two spaces between columns, and a last column
//! that is broken where the terminal ends.

use owo_colors::{OwoColorize, Style};

/// The room that a last column is given at the least, however narrow the terminal is.
const LEAST: usize = 20;

/// A table.
pub struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// A text and how it looks on a terminal.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

impl Cell {
    /// A text in a style.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: printable(&text.into()),
            style,
        }
    }
}

/// The text without what would move a terminal's cursor or worse: much of it comes from
/// repositories and clusters.
pub fn printable(text: &str) -> String {
    let plain = |each: char| if each.is_control() { ' ' } else { each };
    text.chars().map(plain).collect()
}

impl Table {
    /// A table without rows.
    pub fn new<const N: usize>(header: [&'static str; N]) -> Self {
        Self {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.to_vec());
    }

    /// The table as text. A column in which nothing stands is left out.
    pub fn text(&self, width: Option<usize>) -> String {
        let used = |column: &usize| self.rows.iter().any(|row| !row[*column].text.is_empty());
        let columns: Vec<usize> = (0..self.header.len()).filter(used).collect();
        let widths: Vec<usize> = columns.iter().map(|column| self.width(*column)).collect();
        let header: Vec<Cell> = self
            .header
            .iter()
            .map(|title| Cell::styled(*title, Style::new().bold()))
            .collect();
        let rows = std::iter::once(&header).chain(&self.rows);
        rows.map(|row| {
            let cells: Vec<&Cell> = columns.iter().map(|column| &row[*column]).collect();
            line(&cells, &widths, width)
        })
        .collect()
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| length(&row[column].text));
        cells.chain([self.header[column].len()]).max().unwrap_or(0)
    }
}

fn line(cells: &[&Cell], widths: &[usize], width: Option<usize>) -> String {
    let Some((last, before)) = cells.split_last() else {
        return String::new();
    };
    let mut text = String::new();
    let mut start = 0;
    for (cell, width) in before.iter().zip(widths) {
        let gap = width - length(&cell.text) + 2;
        text += &format!("{}{}", cell.text.style(cell.style), " ".repeat(gap));
        start += width + 2;
    }
    if last.text.is_empty() {
        return text.trim_end().to_owned() + "\n";
    }
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(start).max(LEAST));
    let parts: Vec<String> = broken(&last.text, room)
        .iter()
        .map(|part| part.style(last.style).to_string())
        .collect();
    text + &parts.join(&format!("\n{}", " ".repeat(start))) + "\n"
}

/// The text in lines of at most `room` characters, broken between words; a word that is
/// longer than that is left whole, for people copy it.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["NAME", "EMPTY", "SAYS"]);
        table.row([
            "auth".into(),
            "".into(),
            "waits for the database of users".into(),
        ]);
        table.row(["a-longer-name".into(), "".into(), "".into()]);
        table
    }

    fn without_colour(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_are_aligned_and_an_empty_one_is_left_out() {
        insta::assert_snapshot!(without_colour(&table().text(None)), @"
        NAME           SAYS
        auth           waits for the database of users
        a-longer-name
        ");
    }

    #[test]
    fn the_last_column_is_broken_where_the_terminal_ends() {
        insta::assert_snapshot!(without_colour(&table().text(Some(36))), @"
        NAME           SAYS
        auth           waits for the
                       database of users
        a-longer-name
        ");
    }
}
