//! Orders, as a customer makes them.

use std::time::Instant;

use e2e::{Answer, tell};
use serde_json::{Value, json};

use crate::{LIMIT, Shop};

/// A card that the payment's sandbox declines, and one that it takes.
pub(crate) const DECLINED: &str = "4000000000000002";
pub(crate) const GOOD: &str = "4242424242424242";

impl Shop {
    /// Makes so much of a product available.
    pub(crate) fn stock(&self, product: &str, available: u64) {
        let body = json!({"available": available});
        self.put(
            "inventory-service",
            &format!("/api/inventory/{product}"),
            &body,
        );
    }

    /// How much of a product can be ordered.
    pub(crate) fn available(&self, product: &str) -> Value {
        let path = format!("/api/inventory/{product}");
        self.way.get("inventory-service", &path)["available"].clone()
    }

    /// A cart of that name.
    pub(crate) fn cart(&self, id: &str, product: &str, quantity: u64) {
        let body = json!({"product": product, "quantity": quantity});
        self.put("cart-service", &format!("/api/carts/{id}"), &body);
    }

    /// Orders a cart; the answer comes when the order is written down.
    pub(crate) fn order(&self, id: &str, cart: &str, card: &str) {
        let order = json!({"id": id, "customer": "ann", "cart": cart, "card": card});
        let answer = self
            .way
            .send("POST", "order-service", "/api/orders", &order);
        assert_eq!(answer.unwrap().status, 202, "{id}");
    }

    /// Waits until the order has ended so.
    pub(crate) fn ends(&self, id: &str, state: &str) -> Value {
        let path = format!("/api/orders/{id}");
        let ended = |order: &Value| order["state"] == state;
        self.way.wait(LIMIT, "order-service", &path, ended)
    }

    fn put(&self, service: &str, path: &str, body: &Value) {
        let answer = self.way.send("PUT", service, path, body);
        assert_eq!(answer.unwrap().status, 200, "{service}{path}");
    }
}

/// `migrations.seed` runs where the environment is not production, once for each service.
pub(crate) fn seeds_are_there(shop: &Shop) {
    for service in crate::servers::KEEPERS {
        let found = shop.way.get(service, "/writes");
        for (database, ids) in found["databases"].as_object().unwrap() {
            assert_eq!(*ids, json!(["seed"]), "{service}: {database}");
        }
    }
    assert_eq!(shop.available("tea"), 1000);
}

/// PostgreSQL, MariaDB, Redis, RabbitMQ and S3 have a part in it.
pub(crate) fn an_order_goes_through_all_services(shop: &Shop) {
    let started = Instant::now();
    shop.cart("first", "tea", 3);
    shop.order("first", "first", GOOD);
    let order = shop.ends("first", "CONFIRMED");
    tell("an order", started);
    let expected = json!({
        "id": "first", "customer": "ann", "cart": "first", "product": "tea", "quantity": 3,
        "state": "CONFIRMED",
    });
    assert_eq!(order, expected);
    assert_eq!(shop.available("tea"), 997);
    let payment = shop.way.get("payment-service", "/api/payments/first");
    assert_eq!(payment["state"], "payment.completed");
    let letter = "/mails/first/order.confirmed";
    shop.way
        .wait(LIMIT, "notification-service", letter, |letter| {
            letter["letter"] == "Your order first: order.confirmed\n"
        });
}

pub(crate) fn what_cannot_be_is_refused(shop: &Shop) {
    let order = json!({"id": "second", "customer": "ann", "cart": "nobodys", "card": GOOD});
    let answer = shop
        .way
        .send("POST", "order-service", "/api/orders", &order);
    let Answer { status, body } = answer.unwrap();
    assert_eq!(
        (status, &body["error"]),
        (
            422,
            &json!("cart-service says 404: {\"error\":\"there is no such cart\"}")
        )
    );

    shop.cart("greedy", "tea", 5000);
    shop.order("greedy", "greedy", GOOD);
    let order = shop.ends("greedy", "CANCELLED");
    assert_eq!(order["reason"], "there is not enough of it");
    assert_eq!(shop.available("tea"), 997);
}
