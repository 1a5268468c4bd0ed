//! Traefik before services: a route follows its service, and no request is lost on the way.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod kinds;
mod losses;
mod person;
mod protection;
mod shop;

use std::time::{Duration, Instant};

use e2e::{Bed, Desk, Traefik, tell};

/// RabbitMQ alone takes half a minute on a busy machine of two cores.
const LIMIT: Duration = Duration::from_secs(240);

/// One cluster for all of it: its start is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn requests_reach_what_is_ready_through_the_gateway_and_none_is_lost() {
    let bed = Bed::with_gateways().await;
    let started = Instant::now();
    let gateway = Traefik::start(&bed, 1);
    tell("Traefik ready", started);
    let desk = Desk::start(&bed);
    losses::whatever_becomes_of_a_service_no_request_is_lost(&gateway, &desk).await;
    losses::killed_pods_cost_what_was_under_way_at_most(&gateway, &desk).await;
    losses::more_gateways_come_and_go_without_a_loss(&gateway).await;
    kinds::each_kind_of_route_leads_to_the_service(&gateway, &desk);
    losses::a_route_goes_before_its_service(&gateway, &desk).await;
    shop::an_order_goes_through_the_gateway_as_soon_as_there_is_a_way(&bed, &gateway).await;
    person::repositories_become_an_application_that_answers(&bed, &gateway);
    // Another's cluster fetches images, and the companions' is made here.
    if bed.own_cluster().is_some() {
        protection::who_may_not_come_in_is_kept_out(&bed, &gateway);
    }
    gateway.stop();
    bed.stop().await;
}
