//! What a person sees and reaches by `gravity`, of pods that run.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use e2e::curl;
use serde_json::Value;

use crate::Shop;

/// The lines of several services, in the order of their time, and those that fit a pattern.
pub(crate) fn services_say_what_they_did(shop: &Shop) {
    let gravity = shop.bed.gravity("shop");
    let flags = ["--tail", "50", "--timestamps"];
    let lines =
        gravity.answer(&[&["logs", "order-service", "inventory-service"], &flags[..]].concat());
    let times: Vec<&str> = lines
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    let names = ["order-service ", "inventory-service "];
    for name in names {
        assert!(
            lines.lines().any(|line| line.starts_with(name)),
            "{name} in\n{lines}"
        );
    }
    assert!(times.is_sorted() && times.len() > 2, "{lines}");
    let none = gravity.answer(&["logs", "order-service", "--grep", "no line has this"]);
    assert_eq!(none, "");
    let wrong = gravity.try_answer(&["logs", "--grep", "("]).unwrap_err();
    assert!(wrong.contains("is no regular expression"), "{wrong}");
}

/// A port of this machine leads to a pod, for more than one connection.
pub(crate) fn a_port_is_brought_to_this_machine(shop: &Shop) {
    let mut command: Command = shop
        .bed
        .gravity("shop")
        .command(&["port-forward", "product-service"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let url = line.split(' ').next().unwrap();
    for _ in 0..3 {
        let answer = curl("GET", &format!("{url}/health"), &Value::Null).unwrap();
        assert_eq!(answer.status, 200, "{line}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
