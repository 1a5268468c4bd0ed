//! Who reaches whom, judged by a program that others wrote: cyclonus reads the policies of a
//! plan and says of each pair whether it lets a packet through. What it says is compared with
//! the manifests and the plan's own edges, which know nothing of policies: each pair that the
//! graph has must be let through, and each other one must not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tells what is wrong by failing"
)]

mod cyclonus;
mod graph;
mod peers;

use std::collections::BTreeMap;
use std::io::Write;

use cyclonus::{Question, judge};
use graph::Graph;
use peers::outsiders;

/// A port that nobody is asked at.
const ANOTHER_PORT: u16 = 22;

/// Every pair of pods of the shop, each at the port that the second one answers at and at
/// another one, and every pair with whoever is not of the app.
#[test]
fn the_walls_of_the_shop_are_its_graph() {
    let graph = Graph::of("shop");
    let pairs = compare("shop", &graph, &[None, Some(ANOTHER_PORT)]);
    assert!(pairs > 1_500, "{pairs}");
}

/// The same for fifty-one services, at the port alone.
#[test]
fn the_walls_of_the_platform_are_its_graph() {
    let graph = Graph::of("platform");
    let pairs = compare("platform", &graph, &[None]);
    assert!(pairs > 10_000, "{pairs}");
}

/// Whoever comes by the way in, and whom the companions ask: these edges no manifest names.
#[test]
fn the_walls_of_a_way_in_let_through_what_it_needs() {
    let more = BTreeMap::from([
        // Forward: the gateway itself asks.
        ("guard", vec!["gateway"]),
        // TokenCheck, and keys at a service of the app.
        ("tokens", vec!["way-in-authenticator"]),
        ("accounts", vec!["way-in-authenticator"]),
        ("way-in-authenticator", vec!["gateway", "scraper"]),
        ("way-in-health", vec!["gateway", "scraper"]),
        ("way-in-accounts-redis-7", vec!["way-in-authenticator"]),
        ("way-in-limits-redis-7", vec!["gateway"]),
    ]);
    let graph = Graph::of("../tests/network/way-in").with(more, "way-in-health");
    let pairs = compare("a way in", &graph, &[None, Some(ANOTHER_PORT)]);
    assert!(pairs > 500, "{pairs}");
}

/// The judge lets everything through where nothing forbids it, so it is the policies that it
/// goes by.
#[test]
fn without_walls_everybody_reaches_everybody() {
    let graph = Graph::of("hello");
    let questions = questions(&graph, &[None]);
    let asked: Vec<&Question> = questions.iter().map(|(question, _)| question).collect();
    assert!(judge(&[], &asked).into_iter().all(|allowed| allowed));
}

/// Asks about all pairs, and tells every one of which the walls say another thing than the
/// graph; how many there are comes back.
fn compare(name: &str, graph: &Graph, ports: &[Option<u16>]) -> usize {
    let questions = questions(graph, ports);
    let asked: Vec<&Question> = questions.iter().map(|(question, _)| question).collect();
    let answers = judge(&graph.policies, &asked);
    assert_eq!(answers.len(), questions.len());
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::from([(true, 0), (false, 0)]);
    for ((question, expected), allowed) in questions.iter().zip(answers) {
        *counts.get_mut(expected).unwrap() += 1;
        if allowed != *expected {
            let says = if allowed { "let through" } else { "refused" };
            wrong.push(format!("{question} is {says}"));
        }
    }
    assert!(wrong.is_empty(), "{} pairs: {wrong:#?}", wrong.len());
    // A captured test prints nothing by println.
    let told = format!(
        "network walls of {name}: {} pairs, {} let through and {} refused, as the graph says\n",
        questions.len(),
        counts[&true],
        counts[&false]
    );
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    questions.len()
}

/// All questions, each with the answer that the graph has.
fn questions(graph: &Graph, ports: &[Option<u16>]) -> Vec<(Question, bool)> {
    let outsiders = outsiders(&graph.app);
    let inside = &graph.pods;
    let mut questions = Vec::new();
    let sources = || inside.iter().chain(&outsiders);
    for destination in inside {
        for source in sources() {
            questions.extend(ports.iter().filter_map(|port| {
                let port = port.or(destination.port)?;
                let question = Question::new(source, destination, port, "TCP");
                Some((question, graph.allows(source, destination, port)))
            }));
        }
    }
    for source in inside {
        for destination in &outsiders {
            let protocol = if destination.is_dns() { "UDP" } else { "TCP" };
            let port = destination.port.unwrap();
            let question = Question::new(source, destination, port, protocol);
            questions.push((question, graph.lets_out(source, destination)));
        }
    }
    questions
}
