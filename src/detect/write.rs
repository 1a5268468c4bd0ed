//! A proposal as text: a manifest with a comment on each line that says where it was seen.

use super::{Kind, Proposal, Seen};

/// The text of the manifest.
pub(super) fn text(proposal: &Proposal) -> String {
    let Proposal {
        name,
        version,
        kind,
        port,
        databases,
        dependencies,
        health,
        migration,
        seed,
    } = proposal;
    let mut text = "# Made by `gravity init --service` from what it has seen in this folder. Review each line;\n# `gravity validate gravity-service.yaml` checks it.\n".to_owned();
    let mut line = |words: String, place: &str| {
        text += &format!("{words:42} # {place}\n");
    };
    line(format!("name: {}", name.value), &name.place);
    line(format!("version: {}", version.value), &version.place);
    let is = |wanted| kind.as_ref().filter(|kind| kind.value == wanted);
    if let Some(web) = is(Kind::Web) {
        line("type: web".to_owned(), &web.place);
    }
    if let Some(worker) = is(Kind::Worker) {
        line("type: worker".to_owned(), &worker.place);
    }
    let image = format!(
        "image: registry.example.com/{}:{}",
        name.value, version.value
    );
    line(image, "write where your pipeline pushes it");
    match port {
        Some(port) => line(format!("port: {}", port.value), &port.place),
        None if is(Kind::Worker).is_some() => {}
        None => line("port: 8000".to_owned(), "no file tells one"),
    }
    if is(Kind::Web).is_some() {
        line(
            "api: {prefix: /}".to_owned(),
            "where the gateway leads to it",
        );
    } else if is(Kind::Worker).is_none() {
        let stem = name.value.strip_suffix("-service").unwrap_or(&name.value);
        let words = format!("# api: {{prefix: /api/{stem}}}");
        line(words, "to be reached from outside, by the gateway");
    }
    if !dependencies.is_empty() {
        line(
            "dependencies:".to_owned(),
            "in any version; narrow it by version: \"^1\"",
        );
        for dependency in dependencies {
            line(format!("  - name: {}", dependency.value), &dependency.place);
        }
    }
    if !databases.is_empty() {
        line(
            "databases:".to_owned(),
            "in the engine's default version, unless one is written",
        );
        for Seen { value, place } in databases {
            line(format!("  - name: {}", value.name), place);
            line(format!("    type: {}", value.engine), "");
            if let Some(variable) = &value.variable {
                line(format!("    env: {variable}"), "the variable of its URL");
            }
        }
    }
    match health {
        Some(health) => line(
            format!("health: {{readiness: {}}}", health.value),
            &health.place,
        ),
        None if is(Kind::Worker).is_some() => {}
        None => line(
            "# health: {readiness: /health}".to_owned(),
            "the path that answers 200 when it is ready",
        ),
    }
    if let Some(migration) = migration {
        line("migrations:".to_owned(), "");
        line(
            format!("  command: {}", words(&migration.value)),
            &migration.place,
        );
        if let Some(seed) = seed {
            line(format!("  seed: {}", words(&seed.value)), &seed.place);
        }
    }
    // A line without a comment ends where its words do.
    text.lines()
        .map(|line| {
            line.trim_end_matches(" # ")
                .trim_end()
                .trim_end_matches(" #")
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect()
}

fn words(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = word
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_./".contains(&it));
        if plain {
            word.clone()
        } else {
            format!("{word:?}")
        }
    };
    let words: Vec<String> = words.iter().map(quoted).collect();
    format!("[{}]", words.join(", "))
}
