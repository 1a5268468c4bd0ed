//! The invariants of ARCHITECTURE.md that no type can hold: what a step's source may name.

#![allow(clippy::unwrap_used, reason = "a test tells what is wrong by failing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The steps between what is observed and what is sent, and those that tell of it.
const PURE: [&str; 9] = [
    "api", "validate", "resolve", "engines", "plan", "schedule", "status", "detect", "generate",
];

/// What each module may name of the others. A line that grows is a decision; a module that
/// names one below its own line would let a step be skipped.
const USES: [(&str, &[&str]); 19] = [
    ("api", &["manifest"]),
    ("manifest", &["api", "validate"]),
    ("detect", &[]),
    ("repository", &["manifest"]),
    ("catalog", &["api", "manifest", "repository"]),
    ("project", &["api", "manifest"]),
    ("engines", &["api"]),
    ("validate", &["api", "engines"]),
    ("resolve", &["api", "validate"]),
    // The settings of a companion are what the plan makes and the process reads.
    (
        "plan",
        &["api", "companion", "engines", "resolve", "validate"],
    ),
    ("companion", &["api", "telemetry"]),
    // What is observed is told in the words of the plan, so that schedule can compare.
    ("observe", &["api", "engines", "plan", "resolve"]),
    // What servers say, and so what mends it, is a fact of the engines.
    ("schedule", &["api", "engines", "observe", "plan"]),
    // Passwords are made for files as they are for a cluster.
    (
        "generate",
        &["api", "manifest", "plan", "repository", "schedule"],
    ),
    (
        "apply",
        &["api", "observe", "plan", "schedule", "telemetry"],
    ),
    ("status", &["api", "observe", "plan", "schedule"]),
    ("telemetry", &[]),
    (
        "controller",
        &[
            "api",
            "apply",
            "observe",
            "plan",
            "resolve",
            "schedule",
            "status",
            "telemetry",
            "validate",
        ],
    ),
    (
        "cli",
        &[
            "api",
            "apply",
            "catalog",
            "companion",
            "controller",
            "detect",
            "engines",
            "generate",
            "manifest",
            "observe",
            "plan",
            "project",
            "repository",
            "resolve",
            "schedule",
            "telemetry",
            "validate",
        ],
    ),
];

#[test]
fn the_pure_steps_have_no_client_no_clock_no_chance_and_never_wait() {
    let impure = [
        "kube::Client",
        "kube::Api",
        "kube::runtime",
        "Client",
        "async ",
        ".await",
        "tokio::",
        "Timestamp::now",
        "Instant",
        "SystemTime",
        "getrandom",
        "rand::",
        "std::env",
        "std::fs",
        "std::net",
        "std::process",
        "thread::",
        "static mut",
        "OnceLock",
    ];
    // Filled once, before the first step, and never changed: to the steps it is a constant.
    let allowed = ["src/engines/added.rs: OnceLock"];
    assert_eq!(named(&PURE, &impure), allowed);
}

#[test]
fn what_is_written_compared_or_shown_is_ordered() {
    // The resolver looks names up by hash, and never goes through such a map.
    let allowed = ["src/resolve/candidates.rs: HashMap"];
    let all: Vec<&str> = USES.iter().map(|(module, _)| *module).collect();
    assert_eq!(named(&all, &["HashMap", "HashSet"]), allowed);
}

#[test]
fn nothing_after_validate_reads_a_spec() {
    let specs = [
        "GravityAppSpec",
        "GravityServiceSpec",
        "&GravityApp",
        ".spec.",
    ];
    let steps = ["resolve", "plan", "schedule", "apply", "status"];
    assert_eq!(named(&steps, &specs), Vec::<String>::new());
}

#[test]
fn nothing_outside_engines_asks_which_engine_it_has() {
    let engines = gravity::engines::Engine::BUILT_IN.map(|engine| format!("Engine::{engine:?}"));
    let names: Vec<&str> = engines.iter().map(String::as_str).collect();
    let others: Vec<&str> = USES
        .iter()
        .map(|(module, _)| *module)
        .filter(|module| *module != "engines")
        .collect();
    assert_eq!(named(&others, &names), Vec::<String>::new());
    assert_eq!(
        named(&["engines"], &["Engine::BUILT_IN"]).len(),
        0,
        "it is Self::BUILT_IN there"
    );
}

#[test]
fn each_module_names_only_those_before_it() {
    for (module, uses) in USES {
        let allowed: BTreeSet<String> = uses.iter().map(ToString::to_string).collect();
        assert_eq!(modules_named_by(module), allowed, "src/{module}");
    }
    let folders = fs::read_dir("src").unwrap().map(Result::unwrap);
    let folders = folders.filter(|entry| entry.path().is_dir()).count();
    assert_eq!(folders, USES.len(), "a module is missing from USES");
}

/// Only apply changes what apps are made of; the controller writes the apps themselves.
#[test]
fn only_apply_writes() {
    let verbs = [
        ".patch(",
        ".create(",
        ".delete(",
        ".delete_collection(",
        ".patch_status(",
    ];
    let silent = [
        "api",
        "manifest",
        "engines",
        "validate",
        "resolve",
        "plan",
        "observe",
        "schedule",
        "status",
        "telemetry",
    ];
    assert_eq!(named(&silent, &verbs), Vec::<String>::new());
    // What a person does to an app by a command, and a question about rights, which is asked
    // by a create.
    let commands = [
        "src/cli/doctor/checks.rs: .create(",
        "src/cli/running/delete.rs: .delete(",
        "src/cli/running/rest.rs: .patch(",
        "src/cli/running/restart.rs: .patch(",
        "src/cli/running/start/apply.rs: .patch(",
        "src/cli/running/start/apply.rs: .create(",
        "src/cli/running/start/apply.rs: .delete(",
    ];
    assert_eq!(named(&["cli"], &verbs), commands);
}

/// `file: word` for each word that a module's source names outside comments and tests.
fn named(modules: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in modules.iter().flat_map(|module| sources(module)) {
        let hits = words.iter().filter(|word| names(&text, word));
        found.extend(hits.map(|word| format!("{}: {word}", path.display())));
    }
    found
}

/// Whether the text has the word, and not as the end or the beginning of a longer one.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_letter);
        let after = text[at + word.len()..]
            .chars()
            .next()
            .is_some_and(is_letter);
        !(before && word.starts_with(is_letter) || after && word.ends_with(is_letter))
    })
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let text = "use crate::{api, observe::{store, Cluster}, plan as p};\nuse super::super::status;\nuse super::super::{apply::write,\n    schedule};\nlet a = crate::engines::Engine::of(b);\nuse super::own;\nuse super::super::super::deeper;\npub(in crate::cli) fn a() {}\nuse super::{super::{status as s, plan}, near};\nuse self::inner::x;\n";
    let found = |depth: usize| {
        let names = modules_in(text, depth);
        names.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(0), "api cli engines near observe own plan");
    assert_eq!(
        found(1),
        "api apply cli engines observe plan schedule status"
    );
    assert_eq!(found(2), "api cli deeper engines observe plan");
}

fn modules_named_by(module: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (path, text) in sources(module) {
        let inside = path.strip_prefix("src").unwrap().with_extension("");
        let depth = inside.iter().filter(|part| *part != "mod").count() - 1;
        modules.extend(modules_in(&text, depth));
    }
    modules.remove(module);
    modules
}

/// What a text names right below the crate; its own module lies that deep below one of
/// these.
fn modules_in(text: &str, depth: usize) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for path in paths(text) {
        let mut parts = path.iter().filter(|part| *part != "self").peekable();
        let mut supers = 0;
        while parts.next_if(|part| *part == "super").is_some() {
            supers += 1;
        }
        let crate_itself = parts.next_if(|part| *part == "crate").is_some();
        let name = parts.next();
        let name = name.filter(|name| name.starts_with(|letter: char| letter.is_ascii_lowercase()));
        if crate_itself || supers == depth + 1 {
            modules.extend(name.cloned());
        }
    }
    modules
}

/// Every path of a text that begins at the crate or at a module around, groups in braces
/// written out.
fn paths(text: &str) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let begins = index == 0 || tokens[index - 1] != "::";
        if begins && ["crate", "super", "self"].contains(&token.as_str()) {
            index = path(&tokens, index, &[], &mut found);
        } else {
            index += 1;
        }
    }
    found.retain(|path| path.len() > 1);
    found
}

/// Reads one path, or each of a group; where it ends.
fn path(tokens: &[String], start: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut whole = before.to_vec();
    let mut at = start;
    let token = |at: usize| tokens.get(at).map_or("}", String::as_str);
    while token(at).starts_with(is_letter) {
        whole.push(token(at).to_owned());
        at += 1;
        if token(at) != "::" {
            found.push(whole);
            return at;
        }
        at += 1;
    }
    if token(at) != "{" {
        found.push(whole);
        return at;
    }
    while token(at) != "}" {
        at = path(tokens, at + 1, &whole, found);
        // Past `as another`.
        while ![",", "}"].contains(&token(at)) {
            at += 1;
        }
    }
    at + 1
}

/// Words, `::`, and all else by the letter.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|letter| !is_letter(letter)).unwrap_or(rest.len());
        let end = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            word => word,
        };
        tokens.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    tokens
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The files of a module without their tests and comments.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&Path::new("src").join(module), &mut files);
    files.sort();
    assert!(!files.is_empty(), "src/{module} is gone: correct this test");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let (code, _) = text
            .split_once("#[cfg(test)]\nmod tests {")
            .unwrap_or((&text, ""));
        let code: Vec<&str> = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        (path, code.join("\n"))
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            collect(&path, files);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            files.push(path);
        }
    }
}
