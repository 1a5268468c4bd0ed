//! The view as text: a paragraph a node, a line an object.

use owo_colors::{OwoColorize, Style};

use super::view::{Action, NodeView, ObjectView, State, Summary, View};

/// The whole text.
pub fn text(view: &View) -> String {
    let mut text = format!("GravityApp {}/{}\n", view.namespace, view.app);
    for node in &view.nodes {
        let of_node = |object: &&ObjectView| object.node.as_deref() == Some(&node.node);
        text += &format!("\n{}\n", heading(node));
        text.extend(view.objects.iter().filter(of_node).map(line));
    }
    let mut dropped = view
        .objects
        .iter()
        .filter(|object| object.node.is_none())
        .peekable();
    if dropped.peek().is_some() {
        text += &format!("\n{}\n", "no longer wanted".bold());
    }
    text.extend(dropped.map(line));
    text += &format!("\n{}\n", summary(&view.summary));
    if view.suspended {
        text += "The app is suspended: nothing of this happens until suspend is false.\n";
    }
    text
}

fn heading(node: &NodeView) -> String {
    let version = node
        .version
        .as_ref()
        .map_or(String::new(), |version| format!(" {version}"));
    let message = node.message.as_deref().unwrap_or_default();
    let state = match node.state {
        State::Ready => "is ready".to_owned(),
        State::Starts => "starts at once".to_owned(),
        State::TakenOver => "is taken over as it is".to_owned(),
        State::Waiting => format!("waits for {}", node.waits_for.join(", ")),
        State::Progressing => format!("is on its way: {message}"),
        State::Failed => format!("fails: {message}"),
    };
    format!("{}{version} {state}", node.node.bold())
}

fn line(object: &ObjectView) -> String {
    let ObjectView {
        action,
        kind,
        name,
        node: _,
        diff,
        message,
    } = object;
    let (sign, word, style) = match action {
        Action::Create => ("+", "create", Style::new().green()),
        Action::Change => ("~", "change", Style::new().yellow()),
        Action::Delete => ("-", "delete", Style::new().red()),
        Action::None => ("=", "nothing", Style::new().dimmed()),
        Action::Blocked => ("!", "blocked", Style::new().red().bold()),
    };
    let why = message
        .as_ref()
        .map_or(String::new(), |whose| format!(", which {whose}"));
    let head = format!("  {sign} {word:<8}{kind} {name}{why}");
    let lines = diff.iter().flat_map(|diff| diff.lines()).map(difference);
    let lines: String = lines.collect();
    format!("{}\n{lines}", head.style(style))
}

fn difference(line: &str) -> String {
    let style = match line.as_bytes().first() {
        Some(b'+') => Style::new().green(),
        Some(b'-') => Style::new().red(),
        Some(b'@') => Style::new().cyan(),
        _ => Style::new(),
    };
    format!("      {}\n", line.style(style))
}

fn summary(summary: &Summary) -> String {
    let Summary {
        create,
        change,
        delete,
        none,
        blocked,
    } = summary;
    let in_the_way = match blocked {
        0 => String::new(),
        count => format!(", {count} blocked"),
    };
    format!(
        "{create} to create, {change} to change, {delete} to delete, {none} as wanted{in_the_way}."
    )
}
