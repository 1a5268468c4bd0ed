//! The Job that makes a pooler's login on its server.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;

use super::super::provisioning::{self, Run};
use super::super::{credential, pod};
use super::Pool;
use crate::api::names;
use crate::plan::{Facts, meta};

/// The Job, and how long it may take.
pub(super) fn job(pool: Pool<'_>, facts: &Facts) -> (Job, Duration) {
    let Pool {
        app,
        server,
        program,
        ..
    } = pool;
    let (pooler, admin) = (server.pooler_name(), server.admin_secret());
    let credentials = [&pooler, &admin].map(|secret| (secret, credential(facts, secret)));
    let inputs = (
        &server.name,
        &server.series,
        program.provisioning.revision,
        BTreeMap::from(credentials),
    );
    let digest = names::digest8(meta::value(&inputs).to_string().as_bytes());
    let name = names::derived(&[&pooler, &digest], names::LABEL_LIMIT);
    let run = Run {
        name: "login".to_owned(),
        provisioning: &program.provisioning,
        variables: vec![
            pod::variable("HOME", "/tmp"),
            pod::variable("SERVER_HOST", server.host()),
            pod::variable("SERVER_PORT", server.port().to_string()),
            pod::from_secret("ADMIN_USERNAME", &admin, "username"),
            pod::from_secret("ADMIN_PASSWORD", &admin, "password"),
            pod::from_secret("POOLER_USERNAME", &pooler, "username"),
            pod::from_secret("POOLER_PASSWORD", &pooler, "password"),
        ],
    };
    // Its pods must not have the pooler's own name: its Service would lead to them.
    let id = super::login_job(server).unwrap_or_default();
    let job = provisioning::job(app, server, &id, &name, vec![run]);
    (job, provisioning::DEADLINE)
}
