//! A cache keeps nothing, not even its administrator's password.

use super::world::{World, key};
use crate::api::objects::Kind;

const APP: &str = "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {name: shop}
spec: {services: [{name: users}]}
---
{name: users, version: 1.0.0, image: 'users:1', databases: [{name: sessions, type: redis, mode: cache}]}
";

#[test]
fn a_new_password_of_its_administrator_is_one_start_and_then_one_provisioning() {
    let mut world = World::new(APP);
    world.settle();
    let server = "shop-users-redis-7-cache";
    world.take(&key(Kind::Secret, &format!("{server}-admin")));
    world.log.clear();
    world.restart();
    world.settle();
    let log: Vec<&str> = world.log.iter().map(String::as_str).collect();
    let places = |what: &str| -> Vec<usize> {
        let lines = log.iter().enumerate();
        lines
            .filter(|(_, line)| line.starts_with(what))
            .map(|(place, _)| place)
            .collect()
    };
    let start = places(&format!("apply StatefulSet {server}"));
    let made = places(&format!("create Secret {server}-admin"));
    let jobs = places("create Job");
    assert_eq!((start.len(), made.len(), jobs.len()), (1, 1, 1), "{log:#?}");
    assert!(made < start && start < jobs, "{log:#?}");
    assert_eq!(places("apply Deployment"), Vec::<usize>::new(), "{log:#?}");
    world.restart();
    assert_eq!(world.schedule().actions, []);
}
