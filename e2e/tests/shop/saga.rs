//! Orders whose payment is refused, while the operator and the broker are killed.

use std::time::Instant;

use e2e::{kill_containers, tell};
use serde_json::{Map, Value};

use crate::orders::{DECLINED, GOOD};
use crate::{LIMIT, Shop};

/// Payments take a fifth of a second each, so there is time to kill in.
const ORDERS: usize = 30;
const STOCK: u64 = 100;
const BROKER: &str = "shop-rabbitmq-3-0";

pub(crate) async fn refused_payments_release_the_stock_though_operator_and_broker_are_killed(
    shop: &mut Shop,
) {
    let started = Instant::now();
    shop.stock("kettle", STOCK);
    shop.cart("kettles", "kettle", 2);
    for number in 0..ORDERS {
        shop.order(&name(number), "kettles", card(number));
    }
    some_have_begun_to_pay(shop);

    shop.kill(BROKER);
    shop.bed.operator().kill().await.unwrap();
    let states = states(shop);
    let open = states.values().filter(|state| *state == "PAYING").count();
    assert!(open > ORDERS / 3, "too few were on their way: {states:?}");
    shop.order("late", "kettles", DECLINED);

    shop.bed.operator().restart().await.unwrap();
    for number in 0..ORDERS {
        let state = if card(number) == DECLINED {
            "CANCELLED"
        } else {
            "CONFIRMED"
        };
        shop.ends(&name(number), state);
    }
    let late = shop.ends("late", "CANCELLED");
    assert_eq!(late["reason"], "the payment was refused");
    // Half of the orders were paid, each for two kettles.
    assert_eq!(shop.available("kettle"), STOCK - ORDERS as u64);
    shop.ready();
    tell(
        "thirty orders, the operator and the broker killed in between",
        started,
    );
}

impl Shop {
    /// Ends all processes of a server at once, as a crash does.
    pub(crate) fn kill(&self, pod: &str) {
        if self.bed.own_cluster().is_none() {
            // Nobody reaches another machine's processes; this is the nearest to it.
            let now = ["delete", "pod", pod, "--grace-period=0", "--force"];
            self.kubectl.answer(&now, "");
            return;
        }
        let pod = self.kubectl.get("pod", pod);
        kill_containers(pod["metadata"]["uid"].as_str().unwrap());
    }
}

fn name(number: usize) -> String {
    format!("saga-{number}")
}

fn card(number: usize) -> &'static str {
    if number % 2 == 0 { DECLINED } else { GOOD }
}

/// So that some payments are done, some are being made, and some are in a queue.
fn some_have_begun_to_pay(shop: &Shop) {
    shop.way
        .wait(LIMIT, "order-service", "/api/orders", |states| {
            states["saga-0"] == "CANCELLED" || states["saga-1"] == "CONFIRMED"
        });
}

fn states(shop: &Shop) -> Map<String, Value> {
    let states = shop.way.get("order-service", "/api/orders");
    states.as_object().unwrap().clone()
}
