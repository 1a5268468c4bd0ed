//! What every server of Gravity's own promises, whatever its engine.

use serde_json::{Value, json};

use super::*;
use crate::engines::Engine;

/// The objects of a server with one database on it.
fn objects(engine: Engine, members: i32) -> Vec<Value> {
    let mut app = app();
    app.databases = build::policies(&format!("{{{engine}: {{replicas: {members}}}}}"));
    let services = [service(
        "order",
        &format!("[{{name: order_db, engine: {engine}}}]"),
    )];
    let plan = plan(&app, &services, &facts());
    applied(&plan).into_iter().cloned().collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Option<&'a Value> {
    objects.iter().find(|object| object["kind"] == kind)
}

/// For each engine, alone and in as many members as it can have.
fn every_set() -> impl Iterator<Item = (Engine, Value)> {
    let both = Engine::BUILT_IN
        .into_iter()
        .flat_map(|engine| [(engine, 1), (engine, 3)]);
    both.map(|(engine, members)| {
        let objects = objects(engine, members);
        (engine, of_kind(&objects, "StatefulSet").unwrap().clone())
    })
}

#[test]
fn a_server_has_an_hour_to_start_and_is_killed_only_if_its_process_is_gone() {
    for (engine, set) in every_set() {
        let container = &set["spec"]["template"]["spec"]["containers"][0];
        let number = |probe: &str, field: &str| container[probe][field].as_i64().unwrap();
        let patience =
            number("startupProbe", "periodSeconds") * number("startupProbe", "failureThreshold");
        assert!((3_590..=3_600).contains(&patience), "{engine}: {patience}");
        for probe in ["startupProbe", "readinessProbe"] {
            assert!(container[probe]["exec"]["command"].is_array(), "{engine}");
        }
        let liveness = &container["livenessProbe"];
        assert_eq!(
            liveness["tcpSocket"]["port"],
            engine.profile().ports[0].name
        );
        assert_eq!(liveness.get("exec"), None, "{engine}");
    }
}

#[test]
fn a_server_has_time_for_a_clean_stop_and_a_root_that_it_cannot_write_to() {
    for (engine, set) in every_set() {
        let pod = &set["spec"]["template"]["spec"];
        assert_eq!(pod["terminationGracePeriodSeconds"], 300, "{engine}");
        let read_only = &pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"];
        assert_eq!(*read_only, !engine.profile().writable_root, "{engine}");
    }
}

#[test]
fn claims_outlive_the_server_and_have_no_owner() {
    for (engine, set) in every_set() {
        let policy = &set["spec"]["persistentVolumeClaimRetentionPolicy"];
        let retain = json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
        assert_eq!(*policy, retain, "{engine}");
        let template = &set["spec"]["volumeClaimTemplates"][0];
        assert_eq!(template["metadata"].get("ownerReferences"), None);
        let objects = objects(engine, 1);
        let claim = of_kind(&objects, "PersistentVolumeClaim").unwrap();
        assert_eq!(claim["metadata"].get("ownerReferences"), None, "{engine}");
        assert_eq!(claim["metadata"]["annotations"]["gravity.dev/app"], "shop");
    }
}

#[test]
fn members_start_together_on_different_nodes_and_go_one_at_a_time() {
    for engine in Engine::BUILT_IN {
        let objects = objects(engine, 3);
        let set = of_kind(&objects, "StatefulSet").unwrap();
        let spread = set["spec"]["template"]["spec"].get("topologySpreadConstraints");
        let budget = of_kind(&objects, "PodDisruptionBudget");
        let together = set["spec"]["podManagementPolicy"] == "Parallel";
        let members = engine.profile().replica_set;
        assert_eq!(together, members, "{engine}");
        assert_eq!(spread.is_some(), members, "{engine}");
        let allowed = budget.map(|budget| budget["spec"]["maxUnavailable"].clone());
        assert_eq!(allowed, members.then(|| json!(1)), "{engine}");
    }
}

/// What may change with Gravity's version is no part of what a restart follows from.
#[test]
fn no_script_and_no_configuration_is_in_the_template() {
    for (engine, set) in every_set() {
        let template = set["spec"]["template"].to_string();
        let texts = engine.profile().files.iter().map(|file| file.text);
        for text in texts.chain([engine.profile().provisioning.script]) {
            let longest = text.lines().max_by_key(|line| line.len()).unwrap();
            let quoted = json!(longest).to_string();
            assert!(!template.contains(quoted.trim_matches('"')), "{engine}");
        }
    }
}

/// Data lies below the claim's root, which has a folder of the file system's own; and where
/// the image of version 18 has it.
#[test]
fn the_folders_of_postgresql_are_those_of_its_image() {
    for series in ["14", "15", "16", "17", "18"] {
        let services = [service(
            "order",
            &format!("[{{name: order_db, engine: postgresql, series: '{series}'}}]"),
        )];
        let plan = plan(&app(), &services, &facts());
        let set = applied(&plan)
            .into_iter()
            .find(|object| object["kind"] == "StatefulSet")
            .unwrap();
        let container = &set["spec"]["template"]["spec"]["containers"][0];
        let mount = &container["volumeMounts"][0];
        assert_eq!(mount["mountPath"], "/var/lib/postgresql");
        let folder = json!({
            "name": "PGDATA", "value": format!("/var/lib/postgresql/{series}/docker"),
        });
        assert_eq!(container["env"][0], folder);
    }
}
