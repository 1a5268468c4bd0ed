//! Services that are written to without a pause, while whatever can end or change does.
//!
//! Two promises are tried: what was acknowledged is there, and nobody was ever turned away
//! for the password. A request may fail when its server has just gone. Where nothing goes
//! but the operator, one of a service's two pods, an old password or an old version, none may.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

mod application;
mod disturbances;
mod keepers;
mod passwords;
mod run;
mod writers;

use std::sync::Arc;
use std::time::Instant;

use application::Application;
use e2e::{Bed, tell};
use keepers::APP;
use passwords::Logs;
use run::Run;

/// The cluster, the app in it, and what its logs say.
pub(crate) struct Stand {
    bed: Bed,
    app: Arc<Application>,
    logs: Logs,
}

impl Stand {
    async fn start() -> Self {
        let mut bed = Bed::start().await;
        bed.work_alone().await;
        let kubectl = bed.namespace(APP);
        let way = bed.way(&kubectl);
        let logs = Logs::follow(bed.cluster().client().await.unwrap(), APP);
        let app = Arc::new(Application { kubectl, way });
        let started = Instant::now();
        app.begin();
        tell("five servers, provisioned, and their services", started);
        Self { bed, app, logs }
    }
}

/// One cluster for all of it: its start is most of the time.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nobody_turned_away_whatever_ends_or_changes() {
    let mut stand = Stand::start().await;
    passwords::wrong_ones_are_noticed(&stand);
    let old = passwords::Old::of(&stand.app);
    let started = Instant::now();
    let mut run = Run::begin(&stand);
    disturbances::all(&mut stand, &mut run).await;
    tell("the load", started);
    old.open_nothing(&stand.app);
    run.end();
    stand.bed.stop().await;
}
