//! What holds of every app: made of services that call those before them, some of them
//! with a database.

use proptest::prelude::*;

use super::world::{World, edges};
use crate::plan::{NodeId, NodeKind};
use crate::schedule::NodeState;

/// An app of services of which each calls some of those before it.
fn apps() -> impl Strategy<Value = String> {
    let service = (
        proptest::collection::vec(any::<prop::sample::Index>(), 0..3),
        any::<bool>(),
    );
    proptest::collection::vec(service, 1..8).prop_map(|services| {
        let roots: Vec<String> = (0..services.len())
            .map(|index| format!("{{name: s{index}}}"))
            .collect();
        let mut text = format!(
            "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {{name: shop}}\n\
             spec: {{services: [{}]}}\n",
            roots.join(", ")
        );
        for (index, (calls, database)) in services.iter().enumerate() {
            text.push_str(&service_text(index, calls, *database));
        }
        text
    })
}

fn service_text(index: usize, calls: &[prop::sample::Index], database: bool) -> String {
    let mut below: Vec<usize> = if index == 0 {
        Vec::new()
    } else {
        calls.iter().map(|call| call.index(index)).collect()
    };
    below.sort_unstable();
    below.dedup();
    let calls: Vec<String> = below
        .iter()
        .map(|call| format!("{{name: s{call}}}"))
        .collect();
    let databases = if database {
        format!("[{{name: s{index}_db, type: postgresql}}]")
    } else {
        "[]".into()
    };
    format!(
        "---\n{{name: s{index}, version: 1.0.0, image: 's:1', dependencies: [{}], \
         databases: {databases}, api: {{prefix: /s{index}}}}}\n",
        calls.join(", ")
    )
}

/// Nothing is there whose needs are not ready.
fn order_holds(world: &mut World) {
    let states = world.schedule().nodes;
    for (node, needs) in edges(world) {
        for need in needs {
            let (_, state) = states
                .iter()
                .find(|(id, _)| id.to_string() == need)
                .unwrap();
            assert_eq!(
                *state,
                NodeState::Ready,
                "{node} is there before {need} is ready"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every app comes up, nothing of it before its turn, and then there is rest.
    #[test]
    fn every_app_comes_up_in_order(text in apps()) {
        let mut world = World::new(&text);
        for _ in 0..100 {
            order_holds(&mut world);
            if world.step().actions.is_empty() {
                break;
            }
        }
        let schedule = world.schedule();
        prop_assert!(schedule.nodes.values().all(|state| *state == NodeState::Ready));
        prop_assert!(schedule.actions.is_empty());
    }

    /// A restart after any step changes nothing of the end.
    #[test]
    fn a_restart_anywhere_comes_to_the_same_end(text in apps(), steps in 0_usize..12) {
        let mut undisturbed = World::new(&text);
        undisturbed.settle();
        let mut restarted = World::new(&text);
        for _ in 0..steps {
            restarted.step();
            restarted.restart();
        }
        restarted.settle();
        prop_assert_eq!(undisturbed.names().len(), restarted.names().len());
        let made = |world: &World| world.log.iter().filter(|line| line.starts_with("create Secret")).count();
        prop_assert_eq!(made(&undisturbed), made(&restarted), "a password was made twice");
    }

    /// One service that never becomes ready holds back those that need it, and nobody else.
    #[test]
    fn a_sick_service_holds_back_its_dependents_only(text in apps(), sick in any::<prop::sample::Index>()) {
        let mut world = World::new(&text);
        let services: Vec<String> = world.desired.plan.services.keys().cloned().collect();
        let sick = services[sick.index(services.len())].clone();
        world.sick.insert(sick.clone());
        let schedule = world.settle();
        for service in &services {
            let node = &world.desired.plan.nodes[&NodeId::new(NodeKind::Service, service.as_str())];
            let held = depends_on(&world, service, &sick);
            let there = world.names().contains(&format!("Deployment {service}"));
            prop_assert_eq!(there, !held, "{} and the sick {}", service, &sick);
            let ready = schedule.nodes[&node.id] == NodeState::Ready;
            prop_assert_eq!(ready, !held && *service != sick);
        }
    }
}

fn depends_on(world: &World, service: &str, other: &str) -> bool {
    let node = &world.desired.plan.nodes[&NodeId::new(NodeKind::Service, service)];
    let calls = node.needs.iter().filter(|id| id.kind == NodeKind::Service);
    calls
        .into_iter()
        .any(|id| id.name == other || depends_on(world, &id.name, other))
}
