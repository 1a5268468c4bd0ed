//! The commands of the documents are run as they stand there, and print what stands there.
//!
//! In a block ```` ```console ```` a line that begins with `$ ` is a command, and those below it
//! are what it prints. `…` stands for anything: alone for any number of lines, in a line for
//! any text. Ages are AGE.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{ageless, shared};

/// Printed before each command, so that what belongs to it is known.
const MARK: &str = "--- the next command ---";

/// A command and what it prints.
#[derive(Debug)]
struct Step {
    command: String,
    expected: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_application_comes_up_as_it_is_told() {
    run(include_str!(
        "../../docs/getting-started/first-application.md"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_of_an_auth_service_goes_as_it_is_told() {
    run(include_str!("../../docs/tutorials/auth-service.md")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_of_a_shop_of_repositories_goes_as_it_is_told() {
    run(include_str!("../../docs/tutorials/e-commerce.md")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_of_production_goes_as_it_is_told() {
    run(include_str!("../../docs/tutorials/production.md")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogues_are_as_they_are_told() {
    run(include_str!("../../docs/guides/catalogue.md")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_comes_from_where_it_is_told() {
    run(include_str!("../../docs/guides/configuration.md")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compose_file_is_as_it_is_told() {
    run(include_str!("../../docs/guides/compose.md")).await;
}

/// Runs all commands of a document in one shell, in a folder beside this repository.
async fn run(document: &str) {
    let steps = steps(document);
    assert!(steps.len() > 3, "{steps:?}");
    let suite = shared().await;
    let folder = TempDir::new().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(here, folder.path().join("gravity")).unwrap();
    let script: String = steps
        .iter()
        .map(|step| format!("echo '{MARK}'\n{}\n", step.command))
        .collect();
    let programs = [Path::new(env!("CARGO_BIN_EXE_gravity")), &suite.kubectl];
    let programs: Vec<String> = programs
        .iter()
        .map(|program| program.parent().unwrap().display().to_string())
        .collect();
    let path = format!("{}:{}", programs.join(":"), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("KUBECONFIG", suite.cluster.kubeconfig())
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed = printed.replace(&format!("{}/", folder.path().display()), "/work/");
    let answers: Vec<&str> = printed.split(&format!("{MARK}\n")).skip(1).collect();
    assert_eq!(answers.len(), steps.len(), "{printed}");
    for (step, answer) in steps.iter().zip(answers) {
        let lines: Vec<String> = ageless(answer).lines().map(str::to_owned).collect();
        let told = || {
            format!(
                "$ {}\n{}\n\nthe document has\n{}",
                step.command,
                lines.join("\n"),
                step.expected.join("\n")
            )
        };
        assert!(fits(&step.expected, &lines), "{}", told());
    }
}

fn steps(document: &str) -> Vec<Step> {
    let blocks = document.split("```console\n").skip(1);
    let mut steps: Vec<Step> = Vec::new();
    for block in blocks.map(|block| block.split("```").next().unwrap()) {
        for line in block.lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    command: command.to_owned(),
                    expected: Vec::new(),
                }),
                (None, Some(step)) => step.expected.push(line.trim_end().to_owned()),
                (None, None) => {}
            }
        }
    }
    steps
}

/// Whether lines are as a document has them. Blanks in a row count as one, for the widths of
/// columns follow their longest text.
fn fits(expected: &[String], lines: &[String]) -> bool {
    let Some((first, rest)) = expected.split_first() else {
        return lines.is_empty();
    };
    if first == "…" {
        return (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..]));
    }
    let Some((line, below)) = lines.split_first() else {
        return false;
    };
    line_fits(&words(first), &words(line)) && fits(rest, below)
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line_fits(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((before, after)) => {
            let rest = line.strip_prefix(before);
            rest.is_some_and(|rest| rest.ends_with(after) && rest.len() >= after.len())
        }
    }
}

#[test]
fn what_differs_is_noticed() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(fits(&lines("a … c"), &lines("a   b c")));
    assert!(!fits(&lines("a\nb"), &lines("a")));
    assert!(!fits(&lines("a"), &lines("a\nb")));
    assert!(!fits(&lines("a … d"), &lines("a b c")));
}
