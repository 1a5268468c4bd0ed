//! A shop of ten services on real databases: it comes up, takes orders, and loses nothing,
//! whoever is killed meanwhile.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod commands;
mod migrations;
mod orders;
mod saga;
mod servers;
mod walls;

use std::time::{Duration, Instant};

use e2e::{Bed, Kubectl, Way, tell};

/// RabbitMQ alone takes half a minute on a busy machine of two cores.
const LIMIT: Duration = Duration::from_secs(240);

const READY: [&str; 4] = [
    "wait",
    "gravityapp/shop",
    "--for=condition=Ready",
    "--timeout=1s",
];

/// The shop, and the way to it.
struct Shop {
    bed: Bed,
    kubectl: Kubectl,
    way: Way,
}

impl Shop {
    async fn start() -> Self {
        let bed = Bed::start().await;
        let kubectl = bed.namespace("shop");
        let way = bed.way(&kubectl);
        let shop = Self { bed, kubectl, way };
        let started = Instant::now();
        shop.apply(&Bed::app_of_folder("shop"));
        shop.ready();
        tell("the shop from nothing to Ready", started);
        shop
    }

    fn apply(&self, objects: &str) {
        self.kubectl.answer(&["apply", "--filename=-"], objects);
    }

    fn ready(&self) {
        self.kubectl.wait(LIMIT, &READY);
    }
}

/// One cluster for all of it: its start and the shop's are most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn the_shop_keeps_its_promises_whoever_is_killed() {
    let mut shop = Shop::start().await;
    orders::seeds_are_there(&shop);
    orders::an_order_goes_through_all_services(&shop);
    orders::what_cannot_be_is_refused(&shop);
    commands::services_say_what_they_did(&shop);
    commands::a_port_is_brought_to_this_machine(&shop);
    walls::nobody_reaches_anothers_database(&shop);
    walls::charset_and_collation_are_as_asked(&shop);
    saga::refused_payments_release_the_stock_though_operator_and_broker_are_killed(&mut shop).await;
    servers::killed_servers_have_all_that_was_acknowledged(&shop);
    migrations::a_version_whose_migration_fails_changes_nothing(&shop);
    migrations::a_migration_that_never_ends_is_ended(&shop);
    migrations::a_version_whose_migration_is_done_takes_over(&shop);
    servers::a_shop_that_was_stopped_goes_on_where_it_was(&shop);
    servers::a_shop_that_was_deleted_finds_its_data_again(&shop);
    shop.bed.stop().await;
}
