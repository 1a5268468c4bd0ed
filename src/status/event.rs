//! Events: the steps that a person would want to read afterwards.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::api::GravityAppStatus;
use crate::api::app::{Phase, ServiceStatus};
use crate::api::reason::Reason;
use crate::plan::{NodeId, NodeKind};

/// An event about an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Whether somebody should look.
    pub warning: bool,
    /// A CamelCase word.
    pub reason: String,
    /// One sentence.
    pub message: String,
}

/// What has happened from one status to the next.
pub fn notes(previous: &GravityAppStatus, next: &GravityAppStatus) -> Vec<Note> {
    let services = next.services.iter().filter_map(|service| {
        let before = previous
            .services
            .iter()
            .find(|other| other.name == service.name);
        service_note(before, service, next)
    });
    let gone = previous
        .services
        .iter()
        .filter(|service| next.services.iter().all(|other| other.name != service.name))
        .map(removed);
    let parts = ["Resolved", "Ready", "Stalled"]
        .into_iter()
        .filter_map(|kind| condition_note(find(previous, kind), find(next, kind)?));
    let rotation = database_note(previous, next, Reason::CredentialsRotating, false);
    let backup = database_note(previous, next, Reason::BackupFailed, true);
    let databases = rotation.into_iter().chain(backup);
    services.chain(gone).chain(databases).chain(parts).collect()
}

fn service_note(
    before: Option<&ServiceStatus>,
    service: &ServiceStatus,
    next: &GravityAppStatus,
) -> Option<Note> {
    let same = before
        .is_some_and(|other| other.phase == service.phase && other.version == service.version);
    let ServiceStatus { name, version, .. } = service;
    let says = || {
        let itself = NodeId::new(NodeKind::Service, name.clone()).to_string();
        let cause = format!("{}: ", service.waits_for.as_ref().unwrap_or(&itself));
        let failed = next
            .conditions
            .iter()
            .filter(|condition| condition.status == "False");
        let own = failed
            .map(|condition| &condition.message)
            .find(|text| text.starts_with(&cause));
        own.map(|text| format!(": {text}")).unwrap_or_default()
    };
    let (warning, reason, message) = match service.phase {
        _ if same => return None,
        Phase::Running => (
            false,
            Reason::ServiceReady,
            format!("{name} {version} is ready"),
        ),
        Phase::Updating => (
            false,
            Reason::ServiceUpdating,
            if before.is_some_and(|before| ran(before, version)) {
                format!("{name} {version} rolls a change out")
            } else {
                format!("{name} is moving to {version}")
            },
        ),
        Phase::Migrating => (
            false,
            Reason::ServiceMigrating,
            format!("{name} {version} migrates"),
        ),
        Phase::Degraded => (
            true,
            Reason::ServiceDegraded,
            format!("{name} {version} has lost pods"),
        ),
        Phase::Failed => (
            true,
            Reason::ServiceFailed,
            format!("{name} {version} cannot go on{}", says()),
        ),
        Phase::Stopped => (
            false,
            Reason::ServiceStopped,
            format!("{name} is stopped; its data stays"),
        ),
        Phase::Pending | Phase::Provisioning | Phase::Starting => return None,
    };
    Some(Note {
        warning,
        reason: reason.to_string(),
        message,
    })
}

/// Whether it ran in this version already.
fn ran(service: &ServiceStatus, version: &str) -> bool {
    let ran = matches!(service.phase, Phase::Running | Phase::Degraded);
    ran && service.version == version
}

fn removed(service: &ServiceStatus) -> Note {
    Note {
        warning: false,
        reason: Reason::ServiceRemoved.to_string(),
        message: format!(
            "{} is no longer part of the app; its data stays",
            service.name
        ),
    }
}

/// Each step of a rotation is told once, and so is each backup that fails.
fn database_note(
    previous: &GravityAppStatus,
    next: &GravityAppStatus,
    reason: Reason,
    warning: bool,
) -> Option<Note> {
    let reason = reason.to_string();
    let now = find(next, "DatabasesReady").filter(|now| now.reason == reason)?;
    let same = find(previous, "DatabasesReady").is_some_and(|old| old.message == now.message);
    (!same).then(|| Note {
        warning,
        reason,
        message: now.message.clone(),
    })
}

fn condition_note(before: Option<&Condition>, now: &Condition) -> Option<Note> {
    let same = before.is_some_and(|before| {
        before.status == now.status
            && (now.status == "True") == (before.status == "True")
            && (now.reason == before.reason || now.type_ == "Ready")
    });
    let bad = match now.type_.as_str() {
        "Stalled" => now.status == "True",
        "Resolved" => now.status == "False",
        _ => false,
    };
    let good = now.type_ == "Ready" && now.status == "True";
    let tell = !same && (bad || good);
    tell.then(|| Note {
        warning: bad,
        reason: now.reason.clone(),
        message: now.message.clone(),
    })
}

fn find<'a>(status: &'a GravityAppStatus, kind: &str) -> Option<&'a Condition> {
    status
        .conditions
        .iter()
        .find(|condition| condition.type_ == kind)
}
