//! The invariants of ARCHITECTURE.md that no type can hold: what a step's source may name.

#![allow(clippy::unwrap_used, reason = "a test tells what is wrong by failing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The steps between what is observed and what is sent, and those that tell of it.
const PURE: [&str; 7] = [
    "api", "validate", "resolve", "engines", "plan", "schedule", "status",
];

/// What each module may name of the others. A line that grows is a decision; a module that
/// names one below its own line would let a step be skipped.
const USES: [(&str, &[&str]); 13] = [
    ("api", &["manifest"]),
    ("manifest", &["api", "validate"]),
    ("engines", &["api"]),
    ("validate", &["api", "engines"]),
    ("resolve", &["api", "validate"]),
    ("plan", &["api", "engines", "resolve", "validate"]),
    // What is observed is told in the words of the plan, so that schedule can compare.
    ("observe", &["api", "plan", "resolve"]),
    ("schedule", &["api", "observe", "plan"]),
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
            "controller",
            "manifest",
            "observe",
            "plan",
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
        "tokio",
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
    assert_eq!(named(&PURE, &impure), Vec::<String>::new());
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
    let engines = gravity::engines::Engine::ALL.map(|engine| format!("Engine::{engine:?}"));
    let names: Vec<&str> = engines.iter().map(String::as_str).collect();
    let others: Vec<&str> = USES
        .iter()
        .map(|(module, _)| *module)
        .filter(|module| *module != "engines")
        .collect();
    assert_eq!(named(&others, &names), Vec::<String>::new());
    assert_eq!(
        named(&["engines"], &["Engine::ALL"]).len(),
        0,
        "it is Self::ALL there"
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
        "cli",
    ];
    assert_eq!(named(&silent, &verbs), Vec::<String>::new());
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
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(letter);
        let after = text[at + word.len()..].chars().next().is_some_and(letter);
        !(before && word.starts_with(letter) || after && word.ends_with(letter))
    })
}

fn modules_named_by(module: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (_, text) in sources(module) {
        for rest in text.split("crate::").skip(1) {
            let word: String = rest
                .chars()
                .take_while(|letter| letter.is_ascii_lowercase() || *letter == '_')
                .collect();
            modules.insert(word);
        }
    }
    modules.remove(module);
    modules.remove("");
    modules
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
