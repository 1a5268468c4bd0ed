//! The shop's servers: what they were told is there, whatever happened to them.

use std::time::Instant;

use e2e::{Bed, keys, tell};
use serde_json::{Value, json};

use crate::{LIMIT, Shop};

/// Who keeps something.
pub(crate) const KEEPERS: [&str; 8] = [
    "auth-service",
    "cart-service",
    "inventory-service",
    "notification-service",
    "order-service",
    "payment-service",
    "product-service",
    "user-service",
];

const SERVERS: [&str; 5] = [
    "shop-mariadb-10-11-0",
    "shop-postgresql-15-0",
    "shop-rabbitmq-3-0",
    "shop-redis-7-0",
    "shop-s3-1-0",
];

pub(crate) fn killed_servers_have_all_that_was_acknowledged(shop: &Shop) {
    let started = Instant::now();
    shop.write("before-the-kill");
    let before = SERVERS.map(|pod| restarts(shop, pod));
    for pod in SERVERS {
        shop.kill(pod);
    }
    shop.everybody_has("before-the-kill");
    shop.ready();
    tell(
        "all servers killed, and back with all that they had",
        started,
    );
    if shop.bed.own_cluster().is_some() {
        assert_eq!(
            SERVERS.map(|pod| restarts(shop, pod)),
            before.map(|count| count + 1)
        );
    }
}

/// Nobody runs any more, not even the servers, and nothing is lost.
pub(crate) fn a_shop_that_was_stopped_goes_on_where_it_was(shop: &Shop) {
    let orders = shop.way.get("order-service", "/api/orders");
    shop.write("before-the-stop");
    let gravity = shop.bed.gravity("shop");
    let started = Instant::now();
    gravity.answer(&["stop", "--app", "shop"]);
    let running = [
        "get",
        "pods",
        "--field-selector=status.phase=Running",
        "--output=name",
    ];
    assert_eq!(shop.kubectl.answer(&running, ""), "");
    tell("the shop stopped", started);

    let started = Instant::now();
    gravity.answer(&["start", "--app", "shop"]);
    tell("the shop started again", started);
    shop.everybody_has("before-the-stop");
    assert_eq!(shop.way.get("order-service", "/api/orders"), orders);
}

/// Claims and credentials stay without an app, and one of the same name takes them up.
pub(crate) fn a_shop_that_was_deleted_finds_its_data_again(shop: &Shop) {
    let orders = shop.way.get("order-service", "/api/orders");
    shop.write("before-the-deletion");
    let started = Instant::now();
    shop.kubectl
        .answer(&["delete", "gravityapp", "shop", "--timeout=60s"], "");
    let gone = ["wait", "pods", "--all", "--for=delete", "--timeout=1s"];
    shop.kubectl.wait(LIMIT, &gone);
    tell("the shop deleted", started);

    let started = Instant::now();
    shop.apply(&Bed::app_of_folder("shop"));
    shop.ready();
    tell("the shop once more, with its data", started);
    shop.everybody_has("before-the-deletion");
    assert_eq!(shop.way.get("order-service", "/api/orders"), orders);
}

impl Shop {
    /// Writes to every database of every service.
    fn write(&self, id: &str) {
        for service in KEEPERS {
            let answer = self
                .way
                .send("POST", service, "/writes", &json!({"id": id}));
            assert_eq!(answer.unwrap().status, 201, "{service}");
        }
    }

    /// Waits until every database that keeps anything has it.
    fn everybody_has(&self, id: &str) {
        for service in KEEPERS {
            self.way.wait(LIMIT, service, "/writes", |found| {
                let databases = &found["databases"];
                let has = |name: &str| {
                    databases[name]
                        .as_array()
                        .is_some_and(|ids| ids.contains(&json!(id)))
                };
                !keys(databases).is_empty() && keys(databases).into_iter().all(has)
            });
        }
    }
}

fn restarts(shop: &Shop, pod: &str) -> u64 {
    let pod = shop.kubectl.get("pod", pod);
    let count = &pod["status"]["containerStatuses"][0]["restartCount"];
    count.as_u64().unwrap()
}

/// The version that a service's pods are of.
pub(crate) fn version(shop: &Shop, service: &str) -> Value {
    let deployment = shop.kubectl.get("deployment", service);
    deployment["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"].clone()
}
