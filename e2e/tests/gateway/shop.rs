//! The shop of ten services behind the gateway.

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, Load, Reply, Request, Sent, Traefik, tell};
use serde_json::json;

use crate::LIMIT;

const HOST: &str = "shop.example.com";

/// Until the page's service is ready, the gateway says that there is none; from then on it is
/// served.
pub(crate) async fn an_order_goes_through_the_gateway_as_soon_as_there_is_a_way(
    bed: &Bed,
    gateway: &Traefik,
) {
    let kubectl = bed.namespace("shop");
    let page = Request::get(HOST, "/health");
    assert!(gateway.send(&page).unwrap().has_no_route());
    let load = Load::start(gateway, &page, 1, Duration::from_millis(100));
    let started = Instant::now();
    let sent = load.during(|| comes_up(&kubectl)).await;
    tell("the shop from nothing to Ready behind a gateway", started);
    let is_served = |one: &Sent| one.status() == Some(200);
    let first = sent.iter().position(is_served).unwrap();
    let (before, after) = sent.split_at(first);
    let has_no_route = |one: &&Sent| one.answer.as_ref().is_ok_and(Reply::has_no_route);
    assert!(before.len() > 10, "{before:#?}");
    let wrong: Vec<_> = before.iter().filter(|one| !has_no_route(one)).collect();
    assert!(wrong.is_empty(), "before the page was ready: {wrong:#?}");
    let wrong: Vec<_> = after.iter().filter(|one| !is_served(one)).collect();
    assert!(wrong.is_empty(), "after it was: {wrong:#?}");
    an_order_is_made(gateway);
}

fn comes_up(kubectl: &Kubectl) {
    let objects = Bed::app_of_folder("shop");
    assert_eq!(objects.matches("class: None").count(), 1);
    let objects = objects.replace("class: None", &format!("class: Traefik, host: {HOST}"));
    kubectl.answer(&["apply", "--filename=-"], &objects);
    let ready = [
        "wait",
        "gravityapp/shop",
        "--for=condition=Ready",
        "--timeout=1s",
    ];
    kubectl.wait(LIMIT, &ready);
}

/// Each prefix leads to its own service.
fn an_order_is_made(gateway: &Traefik) {
    let is_there = |reply: &Reply| reply.status == 200;
    let stock = Request::get(HOST, "/api/inventory/tea");
    gateway.wait(LIMIT, &stock, is_there);
    let cart = json!({"product": "tea", "quantity": 3});
    let cart = Request::new("PUT", HOST, "/api/carts/first").json(&cart);
    gateway.wait(LIMIT, &cart, is_there);
    let order =
        json!({"id": "first", "customer": "ann", "cart": "first", "card": "4242424242424242"});
    let order = Request::new("POST", HOST, "/api/orders").json(&order);
    gateway.wait(LIMIT, &order, |reply| reply.status == 202);
    let order = Request::get(HOST, "/api/orders/first");
    gateway.wait(LIMIT, &order, |reply| reply.body["state"] == "CONFIRMED");
    let elsewhere = gateway.get("elsewhere.example.com", "/health");
    assert!(elsewhere.unwrap().has_no_route());
}
