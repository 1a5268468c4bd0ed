//! What happens to a service, and to the gateway, while it is asked through that.

use std::time::{Duration, Instant};

use e2e::{Desk, Load, Request, Sent, Traefik, lost, tell};

use crate::LIMIT;

/// How many ask, and how often each of them.
const CLIENTS: usize = 8;
const PACE: Duration = Duration::from_millis(40);

fn load(gateway: &Traefik, host: &str) -> Load {
    let request = Request::get(host, "/answers/200");
    Load::start(gateway, &request, CLIENTS, PACE)
}

/// Many requests, and how many of them were lost.
fn told(what: &str, started: Instant, sent: &[Sent]) {
    let lost = lost(sent).len();
    tell(&format!("{what}: {lost} of {} lost", sent.len()), started);
    assert!(
        sent.len() > 100,
        "{what}: {} requests are no load",
        sent.len()
    );
}

/// What happens to a service, and its name.
type Disturbance = (&'static str, fn(&Desk));

/// A pod answers until the gateway has heard that it goes.
pub(crate) async fn whatever_becomes_of_a_service_no_request_is_lost(
    gateway: &Traefik,
    desk: &Desk,
) {
    let is_served = |reply: &e2e::Reply| reply.status == 200;
    gateway.wait(LIMIT, &Request::get(Desk::HOST, "/answers/200"), is_served);
    let disturbances: [Disturbance; 5] = [
        ("a new version", |desk| desk.rolls_out("1.1.0")),
        ("three replicas become one", |desk| desk.scales("1.1.0", 1)),
        ("one replica becomes three", |desk| desk.scales("1.1.0", 3)),
        ("a pod is deleted", Desk::loses_a_pod),
        ("all pods are evicted", Desk::is_drained),
    ];
    for (what, disturb) in disturbances {
        let started = Instant::now();
        let sent = load(gateway, Desk::HOST).during(|| disturb(desk)).await;
        told(what, started, &sent);
        assert_eq!(lost(&sent), Vec::<String>::new(), "{what}");
    }
}

/// What never reached the pod is sent to another one. What the pod had begun to answer cannot be
/// had again, for nobody but its client knows whether it may be done twice.
pub(crate) async fn killed_pods_cost_what_was_under_way_at_most(gateway: &Traefik, desk: &Desk) {
    let started = Instant::now();
    let sent = load(gateway, Desk::HOST).during(|| desk.is_killed()).await;
    told("a pod is killed", started, &sent);
    assert!(lost(&sent).len() <= CLIENTS, "{:#?}", lost(&sent));
}

/// Replicas that come know all routes before they are asked, and those that go still answer.
pub(crate) async fn more_gateways_come_and_go_without_a_loss(gateway: &Traefik) {
    for replicas in [3, 1] {
        let started = Instant::now();
        let sent = load(gateway, Desk::HOST)
            .during(|| gateway.scale(replicas))
            .await;
        told(&format!("{replicas} gateways"), started, &sent);
        assert_eq!(lost(&sent), Vec::<String>::new(), "{replicas} gateways");
    }
}

/// Whoever asks for an app that is deleted is told that there is no such way, and nothing else.
pub(crate) async fn a_route_goes_before_its_service(gateway: &Traefik, desk: &Desk) {
    let started = Instant::now();
    let sent = load(gateway, Desk::HOST).during(|| desk.goes()).await;
    tell("an app is deleted", started);
    let is_gone = |one: &&Sent| {
        let reply = one.answer.as_ref();
        reply.is_ok_and(e2e::Reply::has_no_route)
    };
    let (gone, served): (Vec<&Sent>, Vec<&Sent>) = sent.iter().partition(is_gone);
    assert!(!gone.is_empty(), "the route did not go");
    let lost: Vec<_> = served
        .iter()
        .filter(|one| one.status() != Some(200))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
}
