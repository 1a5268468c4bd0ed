//! The files under /etc/gravity of a server.

use k8s_openapi::api::core::v1::ConfigMap;

use super::fill::fill;
use super::places::Server;
use crate::api::names;
use crate::api::objects::Kind;
use crate::engines::File;
use crate::plan::graph::PlannedObject;
use crate::plan::meta;
use crate::validate::ValidApp;

/// The files of the server: those of a cache where it is one.
pub(super) fn files(server: &Server<'_>) -> &'static [File] {
    let profile = server.profile();
    match &profile.cache {
        Some(cache) if server.cache => cache.files,
        _ => profile.files,
    }
}

/// The ConfigMap, if there are files. Its digest is not in the pod's template: a newer
/// Gravity with a better script must restart no database.
pub(super) fn config_map(app: &ValidApp, server: &Server<'_>) -> Option<PlannedObject> {
    let files = files(server);
    let text = |file: &File| (file.name.to_owned(), fill(app, server, file.text));
    let labels = names::labels(&app.name, &server.name, "database");
    let config = ConfigMap {
        metadata: meta::owned(app, &server.name, labels),
        data: Some(files.iter().map(text).collect()),
        ..ConfigMap::default()
    };
    let planned = meta::planned(app, Kind::ConfigMap, &server.name, &config);
    (!files.is_empty()).then_some(planned)
}
