//! What `gravity --help` shows: the verbs of every day with a line each, in the order in which
//! a person comes to them, and the others by their names. It fits a terminal of 24 lines.

use clap::Command;

/// The verbs of every day.
const PARTS: [(&str, &[&str]); 3] = [
    ("Make", &["init", "search", "add", "list"]),
    ("See", &["install", "why", "graph"]),
    (
        "Run",
        &[
            "start", "status", "logs", "scale", "stop", "doctor", "delete",
        ],
    ),
];

/// The command with its help.
pub fn helped(command: Command) -> Command {
    let text = text(&command);
    command.help_template(text)
}

fn text(command: &Command) -> String {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = format!("{about}\nUsage: gravity VERB [ARGUMENT]...\n");
    for (title, verbs) in PARTS {
        text.push('\n');
        for (index, verb) in verbs.iter().enumerate() {
            let title = if index == 0 { title } else { "" };
            text += &format!("{title:6}{verb:9}{}\n", line(command, verb));
        }
    }
    text + &format!(
        "\n{}\ngravity VERB --help tells of a verb, with examples.\n",
        others(command)
    )
}

fn line(command: &Command, verb: &str) -> String {
    let verb = command.find_subcommand(verb);
    let about = verb.and_then(Command::get_about);
    about.map(ToString::to_string).unwrap_or_default()
}

/// The verbs that have no line, in lines of a terminal's width.
fn others(command: &Command) -> String {
    let told = |verb: &&str| PARTS.iter().any(|(_, verbs)| verbs.contains(verb));
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let names: Vec<&str> = shown
        .map(Command::get_name)
        .filter(|verb| !told(verb))
        .collect();
    let mut lines = vec!["More ".to_owned()];
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < 78 => {
                line.push(' ');
                line.push_str(name);
            }
            _ => lines.push(format!("      {name}")),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn it_fits_a_terminal_and_every_verb_is_there() {
        let command = Cli::command();
        let text = text(&command);
        assert!(text.lines().count() <= 24, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            assert!(text.contains(verb.get_name()), "{}", verb.get_name());
        }
        for verb in PARTS.iter().flat_map(|(_, verbs)| *verbs) {
            assert!(command.find_subcommand(verb).is_some(), "{verb}");
        }
    }
}
