//! What a Dockerfile says of the image that it makes: of its last stage, and of the stages that
//! this one is made from.

use parse_dockerfile::{Command, Dockerfile, HealthcheckArguments, Instruction, Stage, parse};

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
                let mut ports = expose.arguments.iter().filter_map(|it| port(&it.value));
                self.exposed = self.exposed.or_else(|| ports.next());
            }
            Instruction::Env(env) => {
                let text = env.arguments.value.as_ref();
                let pairs = text.split_whitespace().filter_map(|it| it.split_once('='));
                // The older form has a blank in the place of the sign.
                let mut all = pairs.chain(text.split_once(' '));
                let stated = all.find(|(name, _)| *name == "PORT");
                let stated = stated.and_then(|(_, value)| port(value.trim().trim_matches('"')));
                self.port = stated.or(self.port);
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
        assert_eq!((image.port, image.exposed), (Some(3000), Some(3001)));
        assert_eq!(image.command.trim(), "node server.js");
        assert_eq!(read("FROM a\nENV PORT 80\n").port, Some(80));
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
