//! A proposal as text: a manifest with a comment on each line that says where it was seen.

use super::{Kind, Proposal, Runtime, Seen, User};

/// The text of the manifest.
pub(super) fn text(proposal: &Proposal) -> String {
    let Proposal {
        name,
        version,
        kind,
        image,
        runtime,
        command,
        args,
        port,
        databases,
        dependencies,
        health,
        migration,
        seed,
        user,
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
    match image {
        Some(image) => line(format!("image: {}", image_text(&image.value)), &image.place),
        None => line(
            format!(
                "image: registry.example.com/{}:{}",
                name.value, version.value
            ),
            "write where your pipeline pushes it",
        ),
    }
    if let Some(runtime) = runtime {
        let Runtime { image, command } = &runtime.value;
        let place = format!(
            "in the place of image, until there is one: {}",
            runtime.place
        );
        line("# runtime:".to_owned(), &place);
        line(format!("#   image: {image}"), "");
        line(format!("#   command: [sh, -c, {}]", quoted(command)), "");
    }
    for (field, stated) in [("command", command), ("args", args)] {
        if let Some(stated) = stated {
            line(format!("{field}: {}", words(&stated.value)), &stated.place);
        }
    }
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
            format!("health: {{readiness: {}}}", quoted(&health.value)),
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
    match user {
        Some(Seen {
            value: User::Number(number),
            place,
        }) => {
            line(format!("security: {{runAsUser: {number}}}"), place);
        }
        Some(Seen {
            value: User::Named,
            place,
        }) => {
            line("# security: {runAsUser: 1000}".to_owned(), place);
        }
        None => {}
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
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// An image needs no quotes, but for what no image has.
fn image_text(image: &str) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_./:@".contains(&it);
    let is_image = !image.contains(": ") && !image.ends_with(':');
    match is_image && image.bytes().all(is_plain) {
        true => image.to_owned(),
        false => quoted(image),
    }
}

/// A text as YAML has it: between quotes, unless nobody could read it as anything else.
fn quoted(text: &str) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_./".contains(&it);
    // YAML 1.1 has more words for booleans than anybody remembers.
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let bare = text.trim_start_matches(['.', '/', '-']);
    let is_word = bare.starts_with(|first: char| first.is_ascii_alphabetic())
        && (bare == text || text.contains('/') || text.starts_with('-') && !text.contains('.'))
        && !reserved.contains(&text.to_ascii_lowercase().as_str());
    if is_word && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
