//! The graph of an application as people think of it, services and database servers, and how
//! it is written. Pure.

use std::collections::{BTreeMap, BTreeSet};

use owo_colors::OwoColorize;
use serde::Serialize;

use crate::plan::{NodeId, NodeKind, Plan};
use crate::resolve::Resolution;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    nodes: Vec<Box>,
    edges: Vec<Arrow>,
}

/// A service or a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Box {
    name: String,
    kind: BoxKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wave: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum BoxKind {
    Service,
    Server,
}

/// Who needs whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Arrow {
    from: String,
    to: String,
    /// Whether the one waits for the other.
    ordered: bool,
}

impl Picture {
    /// From the versions that were chosen and the plan of them.
    pub fn new(resolution: &Resolution, plan: &Plan, services_only: bool) -> Self {
        let mut nodes: Vec<Box> = resolution
            .services
            .iter()
            .map(|(name, resolved)| Box {
                name: name.clone(),
                kind: BoxKind::Service,
                version: Some(resolved.service.version.to_string()),
                wave: Some(resolved.wave),
            })
            .collect();
        nodes.sort_by(|one, other| (one.wave, &one.name).cmp(&(other.wave, &other.name)));
        let mut edges = BTreeSet::new();
        for (name, resolved) in &resolution.services {
            let dependencies = resolved.service.dependencies.iter();
            let there = dependencies.filter(|(to, _)| resolution.services.contains_key(*to));
            edges.extend(there.map(|(to, dependency)| Arrow {
                from: name.clone(),
                to: to.clone(),
                ordered: dependency.ordered && !dependency.optional,
            }));
        }
        if !services_only {
            nodes.extend(plan.servers().into_iter().map(|name| Box {
                name,
                kind: BoxKind::Server,
                version: None,
                wave: None,
            }));
            edges.extend(to_servers(plan));
        }
        Self {
            nodes,
            edges: edges.into_iter().collect(),
        }
    }

    /// As `cargo tree` prints dependencies: each subtree once.
    pub fn tree(&self) -> String {
        let needed: BTreeSet<&str> = self.edges.iter().map(|edge| edge.to.as_str()).collect();
        let mut shown = BTreeSet::new();
        let mut text = String::new();
        let top = self
            .nodes
            .iter()
            .filter(|node| !needed.contains(node.name.as_str()));
        for node in top {
            text += &self.title(&node.name);
            text.push('\n');
            shown.insert(node.name.as_str());
            self.below(&node.name, "", &mut shown, &mut text);
        }
        // Of a ring that nobody outside needs something is shown even so.
        for node in &self.nodes {
            if shown.insert(&node.name) {
                text += &self.title(&node.name);
                text.push('\n');
                self.below(&node.name, "", &mut shown, &mut text);
            }
        }
        text
    }

    fn below<'a>(
        &'a self,
        name: &str,
        indent: &str,
        shown: &mut BTreeSet<&'a str>,
        text: &mut String,
    ) {
        let edges: Vec<&Arrow> = self.edges.iter().filter(|edge| edge.from == name).collect();
        for (index, edge) in edges.iter().enumerate() {
            let is_last = index + 1 == edges.len();
            let (branch, next) = if is_last {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            let loose = if edge.ordered { "" } else { " (sets no order)" };
            let is_new = shown.insert(&edge.to);
            let leads_on = self.edges.iter().any(|other| other.from == edge.to);
            let again = if is_new || !leads_on { "" } else { " (*)" };
            *text += &format!(
                "{indent}{branch}{}{}{again}\n",
                self.title(&edge.to),
                loose.dimmed()
            );
            if is_new {
                self.below(&edge.to, &format!("{indent}{next}"), shown, text);
            }
        }
    }

    fn title(&self, name: &str) -> String {
        let node = self.nodes.iter().find(|node| node.name == name);
        match node.and_then(|node| node.version.as_ref()) {
            Some(version) => format!("{} {version}", name.bold()),
            None => name.cyan().to_string(),
        }
    }

    /// As Mermaid's flowchart.
    pub fn mermaid(&self) -> String {
        let ids = self.ids();
        let mut text = "flowchart LR\n".to_owned();
        for node in &self.nodes {
            let id = &ids[node.name.as_str()];
            text += &match (&node.version, node.kind) {
                (Some(version), _) => format!("  {id}[\"{} {version}\"]\n", node.name),
                (None, _) => format!("  {id}[(\"{}\")]\n", node.name),
            };
        }
        for edge in &self.edges {
            let arrow = if edge.ordered { "-->" } else { "-.->" };
            let (from, to) = (&ids[edge.from.as_str()], &ids[edge.to.as_str()]);
            text += &format!("  {from} {arrow} {to}\n");
        }
        text
    }

    /// Mermaid takes some words, as `end`, for its own, so nodes get numbers.
    fn ids(&self) -> BTreeMap<&str, String> {
        let names = self.nodes.iter().enumerate();
        names
            .map(|(index, node)| (node.name.as_str(), format!("n{index}")))
            .collect()
    }

    /// As Graphviz reads it.
    pub fn dot(&self) -> String {
        let mut text = "digraph application {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
        for node in &self.nodes {
            text += &match &node.version {
                Some(version) => format!("  \"{0}\" [label=\"{0} {version}\"];\n", node.name),
                None => format!("  \"{}\" [shape=cylinder];\n", node.name),
            };
        }
        for edge in &self.edges {
            let style = if edge.ordered { "" } else { " [style=dotted]" };
            text += &format!("  \"{}\" -> \"{}\"{style};\n", edge.from, edge.to);
        }
        text + "}\n"
    }
}

/// Which services are on which server: by the provisioning that both have a part in.
fn to_servers(plan: &Plan) -> BTreeSet<Arrow> {
    let server = |id: &&NodeId| id.kind == NodeKind::Server;
    let mut arrows = BTreeSet::new();
    for node in plan.nodes.values() {
        let Some(service) = &node.service else {
            continue;
        };
        let needs = node.needs.iter().filter(server);
        arrows.extend(needs.map(|id| Arrow {
            from: service.clone(),
            to: id.name.clone(),
            ordered: true,
        }));
    }
    arrows
}
