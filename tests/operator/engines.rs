//! Every engine: what its server and its provisioning are made of is accepted by the API
//! server, with strict validation, in a namespace that admits restricted pods only.

use gravity::engines::Engine;

use crate::support::Space;

#[tokio::test]
async fn a_service_with_a_database_of_every_engine_comes_to_ready() {
    let space = Space::new("engines").await;
    let databases: Vec<String> = Engine::BUILT_IN
        .iter()
        .map(|engine| format!("{{name: {engine}_db, type: {engine}}}"))
        .collect();
    let databases = databases.join(", ");
    space
        .services(&format!(
            "{{name: api, version: 1.0.0, image: 'api:1', databases: [{databases}]}}"
        ))
        .await;
    space.app("app", "{services: [{name: api}]}").await;
    space.ready("app").await;
    assert_eq!(
        space.names("StatefulSet").await.len(),
        Engine::BUILT_IN.len()
    );
    assert_eq!(space.names("Job").await.len(), Engine::BUILT_IN.len());
}
