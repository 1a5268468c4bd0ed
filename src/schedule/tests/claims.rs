//! The claims of a server or a service: one write lets one grow, and what cannot be is told.

use serde_json::json;

use super::world::{World, key};
use crate::api::objects::{Kind, ObjectKey};
use crate::api::reason::Reason;
use crate::observe::FailureKind;
use crate::plan::{NodeId, NodeKind};
use crate::schedule::{Action, NodeState};

fn app(policy: &str) -> String {
    format!(
        "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop}}
spec: {{services: [{{name: users}}], databases: {{mongodb: {{replicas: 3, {policy}}}}}}}
---
{{name: users, version: 1.0.0, image: 'users:1', databases: [{{name: users_db, type: mongodb}}]}}
"
    )
}

fn claims(world: &World) -> Vec<ObjectKey> {
    let keys = world.observed.live.keys();
    keys.filter(|key| key.kind == Kind::PersistentVolumeClaim)
        .cloned()
        .collect()
}

fn size(world: &World, claim: &ObjectKey) -> String {
    let body = world.body(claim);
    let size = body.pointer("/spec/resources/requests/storage").unwrap();
    size.as_str().unwrap().to_owned()
}

fn told(world: &mut World) -> (Reason, String) {
    let id = NodeId::new(NodeKind::Storage, "shop-mongodb-8-0");
    match world.schedule().nodes[&id].clone() {
        NodeState::Failed { reason, message } => (reason, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_claim_grows_and_nothing_else_is_touched() {
    let mut world = World::new(&app("storage: 10Gi"));
    world.settle();
    assert_eq!(claims(&world).len(), 3);
    let set = key(Kind::StatefulSet, "shop-mongodb-8-0");
    let before = world.body(&set)["spec"].clone();
    world.ask(&app("storage: 20Gi"));
    let asked = world.schedule().actions;
    let keys = asked.iter().map(|action| match action {
        Action::Apply { key, .. } => key.clone(),
        other => panic!("{other:?}"),
    });
    let keys: Vec<ObjectKey> = keys.filter(|key| *key != set).collect();
    assert_eq!(keys, claims(&world));
    // A kill after any of the writes: the others follow.
    for action in &asked {
        world.carry_out(action);
        world.restart();
    }
    for claim in claims(&world) {
        assert_eq!(size(&world, &claim), "20Gi");
    }
    assert_eq!(world.schedule().actions, []);
    assert_eq!(world.body(&set)["spec"], before);
}

#[test]
fn a_claim_that_is_larger_or_of_another_class_is_kept_and_told() {
    let mut world = World::new(&app("storage: 20Gi, storageClassName: fast"));
    world.settle();
    world.ask(&app("storage: 10Gi"));
    world.settle();
    let (reason, message) = told(&mut world);
    assert_eq!(reason, Reason::StorageRefused);
    insta::assert_snapshot!(message, @"PersistentVolumeClaim shop/data-shop-mongodb-8-0-0 is left as it is: it has 20Gi and cannot shrink to 10Gi: write 20Gi or more as the storage of databases.<engine>, or move the data to a new server");
    assert_eq!(size(&world, &claims(&world)[0]), "20Gi");
    world.ask(&app("storage: 20Gi, storageClassName: slow"));
    world.settle();
    insta::assert_snapshot!(told(&mut world).1, @"PersistentVolumeClaim shop/data-shop-mongodb-8-0-0 is left as it is: it is of the StorageClass fast and cannot move to slow: write fast as the storageClassName of databases.<engine>, or move the data to a new server");
    // Without a word about the class, its own is what is wanted.
    world.ask(&app("storage: 20480Mi"));
    world.settle();
    assert!(
        world
            .schedule()
            .nodes
            .values()
            .all(|state| *state == NodeState::Ready)
    );
}

#[test]
fn a_new_service_waits_for_no_size() {
    let mut world = World::new(&app("storage: 20Gi"));
    world.settle();
    let more = "---\n{name: orders, version: 1.0.0, image: 'orders:1', databases: [{name: orders_db, type: mongodb}]}\n";
    let both = app("storage: 10Gi").replace("[{name: users}]", "[{name: users}, {name: orders}]");
    world.ask(&format!("{both}{more}"));
    world.settle();
    assert!(world.names().contains(&"Deployment orders".to_owned()));
    assert_eq!(told(&mut world).0, Reason::StorageRefused);
}

#[test]
fn a_class_that_expands_nothing_is_named() {
    let mut world = World::new(&app("storage: 10Gi, storageClassName: fixed"));
    world.settle();
    world.ask(&app("storage: 20Gi, storageClassName: fixed"));
    let claim = key(Kind::PersistentVolumeClaim, "data-shop-mongodb-8-0-0");
    let digest = world.desired.digest(&claim).to_owned();
    let says = "only dynamically provisioned pvc can be resized";
    world.fail(&claim, &digest, (FailureKind::Refused, 1, says));
    insta::assert_snapshot!(told(&mut world).1, @"PersistentVolumeClaim shop/data-shop-mongodb-8-0-0 cannot be as wanted: only dynamically provisioned pvc can be resized; a claim grows if its StorageClass (fixed) has allowVolumeExpansion: true");
}

#[test]
fn a_claim_that_grows_is_told_until_its_volume_has() {
    let mut world = World::new(&app("storage: 10Gi"));
    world.settle();
    let claim = key(Kind::PersistentVolumeClaim, "data-shop-mongodb-8-0-1");
    let with = |has: &str| {
        let mut body = world.body(&claim);
        body["status"] = json!({"capacity": {"storage": has}, "conditions": [{
            "type": "FileSystemResizePending", "status": "True", "message": "Waiting for a pod",
        }]});
        let object = serde_json::from_value(body).unwrap();
        crate::observe::Live::new(claim.kind, object)
            .unwrap()
            .health
    };
    let crate::observe::Health::Progressing(says) = with("9Gi") else {
        panic!("its volume is too small");
    };
    insta::assert_snapshot!(says, @"grows from 9Gi to 10Gi: Waiting for a pod");
    assert_eq!(with("10240Mi"), crate::observe::Health::Ready);
    assert_eq!(with("11Gi"), crate::observe::Health::Ready);
}

fn keeper(storage: &str) -> String {
    format!(
        "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop}}
spec: {{services: [{{name: registry}}]}}
---
{{name: registry, version: 1.0.0, image: 'registry:1', storage: [{{name: data, mountPath: /data, {storage}}}], scaling: {{minReplicas: 2, maxReplicas: 5}}}}
"
    )
}

#[test]
fn those_of_a_service_grow_as_those_of_a_server_do() {
    let mut world = World::new(&keeper("size: 10Gi, storageClassName: fast"));
    world.settle();
    let names = |world: &World| {
        let claims = claims(world).into_iter();
        claims.map(|key| key.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&world), ["data-registry-0", "data-registry-1"]);
    let set = key(Kind::StatefulSet, "registry");
    // Its autoscaler asks for one more.
    world.edit(&set, |set| set["spec"]["replicas"] = json!(3));
    world.settle();
    assert_eq!(names(&world).len(), 3);
    let template = |world: &World| world.body(&set)["spec"]["volumeClaimTemplates"].clone();
    let before = template(&world);
    world.ask(&keeper("size: 20Gi, storageClassName: fast"));
    world.settle();
    for claim in claims(&world) {
        assert_eq!(size(&world, &claim), "20Gi");
    }
    assert_eq!(template(&world), before);
    let told = |world: &mut World| {
        let schedule = world.schedule();
        let failed = |(id, state): (&NodeId, &NodeState)| match state {
            NodeState::Failed { reason, message } => {
                assert_eq!(*reason, Reason::StorageRefused);
                Some(format!("{id}: {message}"))
            }
            _ => None,
        };
        schedule.nodes.iter().filter_map(failed).collect::<String>()
    };
    world.ask(&keeper("size: 5Gi, storageClassName: fast"));
    world.settle();
    insta::assert_snapshot!(told(&mut world), @"storage/registry: PersistentVolumeClaim shop/data-registry-0 is left as it is: it has 20Gi and cannot shrink to 5Gi: write 20Gi or more as the size of its storage in the service's manifest, or copy what is on it elsewhere, and delete the StatefulSet and then this claim; both are made anew");
    world.ask(&keeper("size: 20Gi, storageClassName: slow"));
    world.settle();
    insta::assert_snapshot!(told(&mut world), @"storage/registry: PersistentVolumeClaim shop/data-registry-0 is left as it is: it is of the StorageClass fast and cannot move to slow: write fast as its storageClassName in the service's manifest, or copy what is on it elsewhere, and delete the StatefulSet and then this claim; both are made anew");
}

/// The claim of backups is kept when there are to be none any more.
#[test]
fn a_claim_of_backups_keeps_no_server() {
    let app = |services: &str, backup: &str| {
        format!(
            "
apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: shop}}
spec: {{services: [{services}], databases: {{postgresql: {{{backup}}}}}}}
---
{{name: users, version: 1.0.0, image: 'users:1', databases: [{{name: users_db, type: postgresql}}]}}
---
{{name: web, version: 1.0.0, image: 'web:1'}}
"
        )
    };
    let backup = "backup: {schedule: '0 2 * * *', to: {claim: {storage: 1Gi}}}";
    let mut world = World::new(&app("{name: users}, {name: web}", backup));
    world.settle();
    world.ask(&app("{name: users}, {name: web}", ""));
    world.settle();
    world.ask(&app("{name: web}", ""));
    world.settle();
    assert_eq!(
        world.workloads().last(),
        Some(&"delete StatefulSet shop-postgresql-17")
    );
}
