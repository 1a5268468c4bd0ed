//! What a Dockerfile says of the image that it makes: of its last stage, and of the stages that
//! this one is made from.

use parse_dockerfile::{Command, Dockerfile, HealthcheckArguments, Instruction, Stage, parse};

use std::collections::BTreeMap;

use regex::Regex;

use super::Files;

/// The names that a Dockerfile has.
const NAMES: [&str; 2] = ["Dockerfile", "Containerfile"];

/// What is known of the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// The file.
    pub file: &'static str,
    /// The first port of `EXPOSE`.
    pub exposed: Option<u16>,
    /// The port of `ENV PORT`.
    pub port: Option<u16>,
    /// `USER`, without its group.
    pub user: Option<String>,
    /// The command of `HEALTHCHECK`.
    pub health: Option<String>,
    /// `ENTRYPOINT` and `CMD`.
    pub command: String,
    /// What `ARG` and `ENV` say, which the others may name.
    known: BTreeMap<String, String>,
}

/// The image of these files' Dockerfile; nothing without one, or where it cannot be read.
pub(super) fn image(files: &Files) -> Option<Image> {
    let (file, text) = NAMES
        .into_iter()
        .find_map(|name| Some((name, files.get(name)?)))?;
    let dockerfile = parse(text).ok()?;
    let mut image = Image {
        file,
        ..Image::default()
    };
    for stage in line(&dockerfile) {
        for instruction in stage.instructions {
            image.take(instruction);
        }
    }
    Some(image)
}

/// Whether there is one, readable or not.
pub(super) fn is_there(files: &Files) -> bool {
    NAMES.iter().any(|name| files.contains_key(*name))
}

/// The last stage and those that it is made from, the first of them first.
fn line<'d, 't>(dockerfile: &'d Dockerfile<'t>) -> Vec<Stage<'t, 'd>> {
    let mut stages: Vec<Stage> = dockerfile.stages().collect();
    let mut line = Vec::new();
    while let Some(stage) = stages.pop() {
        let base = stage.from.image.value.to_string();
        line.push(stage);
        let is_base = |each: &Stage| {
            each.from
                .as_
                .as_ref()
                .is_some_and(|(_, it)| it.value == base)
        };
        // A stage knows those above it.
        let at = stages.iter().position(is_base);
        stages.truncate(at.map_or(0, |at| at.saturating_add(1)));
    }
    line.reverse();
    line
}

impl Image {
    fn take(&mut self, instruction: &Instruction) {
        match instruction {
            Instruction::Expose(expose) => {
                let ports = expose.arguments.iter();
                let mut ports = ports.filter_map(|it| port(&self.filled(&it.value)));
                self.exposed = self.exposed.or_else(|| ports.next());
            }
            Instruction::Arg(arg) => self.know(&arg.arguments.value),
            Instruction::Env(env) => {
                self.know(&env.arguments.value);
                self.port = self.known.get("PORT").and_then(|text| port(text));
            }
            Instruction::User(user) => {
                let name = user.arguments.value.split(':').next().unwrap_or_default();
                self.user = Some(name.trim().to_owned());
            }
            Instruction::Healthcheck(check) => {
                self.health = match &check.arguments {
                    HealthcheckArguments::Cmd { arguments, .. } => Some(words(arguments)),
                    _ => None,
                };
            }
            Instruction::Entrypoint(it) => self.command = words(&it.arguments),
            Instruction::Cmd(it) => {
                self.command.push(' ');
                self.command.push_str(&words(&it.arguments));
            }
            _ => {}
        }
    }

    /// Keeps `NAME=value`, and `NAME value`, as the older form of `ENV` has it.
    fn know(&mut self, text: &str) {
        let pairs = text.split_whitespace().filter_map(|it| it.split_once('='));
        let older = text.split_once(' ').filter(|(name, _)| !name.contains('='));
        for (name, value) in pairs.chain(older) {
            let value = self.filled(value.trim().trim_matches(['"', '\'']));
            self.known.insert(name.to_owned(), value);
        }
    }

    /// The text with what `$NAME` and `${NAME}` are known to be.
    fn filled(&self, text: &str) -> String {
        let Ok(named) = Regex::new(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))") else {
            return text.to_owned();
        };
        let known = |captures: &regex::Captures| {
            let name = captures.get(1).or_else(|| captures.get(3));
            let known = name.and_then(|name| self.known.get(name.as_str()).cloned());
            let default = captures.get(2).map(|it| it.as_str().to_owned());
            known.or(default).unwrap_or_default()
        };
        named.replace_all(text, known).into_owned()
    }

    /// The port that its command is told, or that its health check asks.
    pub(super) fn spoken_port(&self) -> Option<(u16, &'static str)> {
        let of = |text: &str, pattern: &str| {
            let pattern = Regex::new(pattern).ok()?;
            pattern.captures(text)?.get(1)?.as_str().parse().ok()
        };
        let told = r"(?:--port[ =]|--bind[ =]\S*:|-b \S*:|--listen[ =]\S*:|:)(\d{2,5})\b";
        let told = of(&self.filled(&self.command), told).map(|port| (port, "the command"));
        let asked = || {
            let health = self.filled(self.health.as_deref()?);
            of(&health, r"://[^/\s:]+:(\d{2,5})\b").map(|port| (port, "HEALTHCHECK"))
        };
        told.or_else(asked)
    }

    /// The path that the health check asks.
    pub(super) fn health_path(&self) -> Option<String> {
        path_of(self.health.as_deref()?)
    }
}

/// The path of the first URL in a command.
pub(super) fn path_of(command: &str) -> Option<String> {
    let (_, rest) = command.split_once("://")?;
    let url: &str = rest
        .split(|each: char| each.is_whitespace() || "\"'`);|,".contains(each))
        .next()?;
    let path = url.split_once('/').map_or("", |(_, path)| path);
    Some(format!("/{}", path.split(['?', '#']).next()?))
}

fn port(text: &str) -> Option<u16> {
    text.split('/').next()?.parse().ok()
}

fn words(command: &Command) -> String {
    match command {
        Command::Exec(words) => {
            let words: Vec<&str> = words.value.iter().map(|word| word.value.as_ref()).collect();
            words.join(" ")
        }
        Command::Shell(text) => text.value.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Image {
        image(&[("Dockerfile".to_owned(), text.to_owned())].into()).unwrap()
    }

    #[test]
    fn the_last_stage_counts_with_those_that_it_is_made_from() {
        let image = read(
            "FROM node:22 AS base\nENV NODE_ENV=production PORT=3000\nUSER node:node\nFROM golang AS tools\nEXPOSE 1\nUSER root\nFROM base\nEXPOSE $PORT 3001/tcp\nCMD [\"node\", \"server.js\"]\n",
        );
        assert_eq!(image.user.as_deref(), Some("node"));
        assert_eq!((image.port, image.exposed), (Some(3000), Some(3000)));
        assert_eq!(image.command.trim(), "node server.js");
        assert_eq!(read("FROM a\nENV PORT 80\n").port, Some(80));
        let named = read("FROM a\nARG LISTEN=9000\nENV PORT=${LISTEN}\nEXPOSE $PORT\n");
        assert_eq!((named.port, named.exposed), (Some(9000), Some(9000)));
    }

    #[test]
    fn a_command_and_a_health_check_tell_a_port() {
        let port = |line: &str| read(&format!("FROM a\n{line}\n")).spoken_port();
        let of_command = Some((9000, "the command"));
        assert_eq!(
            port("CMD [\"uvicorn\", \"main:app\", \"--port\", \"9000\"]"),
            of_command
        );
        assert_eq!(port("CMD gunicorn --bind=0.0.0.0:9000 app:app"), of_command);
        assert_eq!(
            port("CMD php artisan serve --port=${PORT:-9000}"),
            of_command
        );
        assert_eq!(
            port("HEALTHCHECK CMD curl -f http://localhost:9000/health"),
            Some((9000, "HEALTHCHECK"))
        );
        assert_eq!(port("CMD [\"node\", \"server.js\"]"), None);
    }

    #[test]
    fn a_health_check_has_a_path() {
        let path = |command: &str| {
            let file = format!("FROM a\nHEALTHCHECK --interval=5s \\\n  CMD {command}\n");
            read(&file).health_path()
        };
        let wanted = Some("/health/ready".to_owned());
        assert_eq!(
            path("curl -f http://localhost:8000/health/ready || exit 1"),
            wanted
        );
        assert_eq!(
            path(r#"["wget", "-q", "http://127.0.0.1/health/ready?x=1"]"#),
            wanted
        );
        assert_eq!(
            path("node -e \"fetch('http://localhost:3000/health/ready')\""),
            wanted
        );
        assert_eq!(path("curl http://localhost"), Some("/".to_owned()));
        assert_eq!(path("pg_isready"), None);
        assert_eq!(read("FROM a\nHEALTHCHECK NONE\n").health_path(), None);
    }
}
