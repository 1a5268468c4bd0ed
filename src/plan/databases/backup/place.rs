//! Where backups are kept: a claim, or a bucket.

use k8s_openapi::api::core::v1::{
    Container, EnvVar, PersistentVolumeClaimVolumeSource, ResourceRequirements, Volume, VolumeMount,
};

use super::{Backup, PlannedObject, Server, ValidApp, pod};
use crate::api::backup::{BackupBucket, BackupClaim};
use crate::api::names;
use crate::plan::claim::Claim;

/// Its program is one file that needs no library, so it runs in every engine's image.
const RCLONE: &str = "rclone/rclone:1.69.1";

/// What a place adds to the pod.
pub(super) struct Place {
    /// Functions of bash that keep a file, get it, delete it and list all.
    pub script: &'static str,
    /// Further variables of the script.
    pub variables: Vec<EnvVar>,
    /// What the script works in.
    pub volume: Volume,
    /// Where that is.
    pub mount: VolumeMount,
    /// A container that brings what the engine's image lacks.
    pub tools: Option<Container>,
    /// The claim, which is data.
    pub claim: Option<PlannedObject>,
}

impl Place {
    /// The place that the app names; `name` is that of the CronJob.
    pub fn new(app: &ValidApp, server: &Server<'_>, backup: &Backup, name: &str) -> Self {
        match (&backup.to.claim, &backup.to.s3) {
            (_, Some(bucket)) => in_bucket(app, server, bucket),
            (Some(claim), None) => on_claim(app, claim, name),
            // Validate lets no such app come here; without a claim the pod would not start,
            // and say so.
            (None, None) => volume(name),
        }
    }
}

fn volume(name: &str) -> Place {
    Place {
        script: include_str!("claim.sh"),
        variables: Vec::new(),
        volume: Volume {
            name: "backup".to_owned(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: name.to_owned(),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        },
        mount: pod::mount("backup", "/backup"),
        tools: None,
        claim: None,
    }
}

fn on_claim(app: &ValidApp, stated: &BackupClaim, name: &str) -> Place {
    let labels = names::labels(&app.name, name, "backup");
    let claim = Claim {
        app,
        labels,
        size: stated.storage.to_string(),
        class: stated.storage_class_name.clone(),
    };
    Place {
        claim: Some(claim.planned(name)),
        ..volume(name)
    }
}

fn in_bucket(app: &ValidApp, server: &Server<'_>, stated: &BackupBucket) -> Place {
    Place {
        script: include_str!("s3.sh"),
        variables: variables(app, server, stated),
        volume: pod::scratch("tools", "/tools"),
        mount: pod::mount_read_only("tools", "/tools"),
        tools: Some(tools(stated)),
        claim: None,
    }
}

/// Where the bucket's server answers: Amazon's own where none is named.
pub(super) fn address(stated: &BackupBucket) -> (String, i32) {
    let endpoint = stated
        .endpoint
        .as_deref()
        .unwrap_or("https://amazonaws.com");
    let (port, host) = match endpoint.strip_prefix("http://") {
        Some(host) => (80, host),
        None => (443, endpoint.trim_start_matches("https://")),
    };
    let (host, stated) = host.split_once(':').unwrap_or((host, ""));
    (host.to_owned(), stated.parse().unwrap_or(port))
}

/// rclone's configuration (rclone.org, "Environment Variables"). Two namespaces can have
/// servers of one name, and neither may delete the other's backups.
fn variables(app: &ValidApp, server: &Server<'_>, stated: &BackupBucket) -> Vec<EnvVar> {
    let BackupBucket {
        endpoint,
        region,
        bucket,
        prefix,
        secret_name,
        image: _,
    } = stated;
    let path = [
        Some(bucket),
        prefix.as_ref(),
        Some(&app.namespace),
        Some(&server.name),
    ];
    let path: Vec<_> = path.into_iter().flatten().map(String::as_str).collect();
    let provider = endpoint.as_ref().map_or("AWS", |_| "Other");
    let mut variables = vec![
        pod::variable("STORE_PATH", path.join("/")),
        pod::variable("SSL_CERT_FILE", "/tools/ca-certificates.crt"),
        pod::variable("RCLONE_CONFIG_STORE_TYPE", "s3"),
        pod::variable("RCLONE_CONFIG_STORE_PROVIDER", provider),
        // The key may write to the bucket, and need not be able to make one.
        pod::variable("RCLONE_CONFIG_STORE_NO_CHECK_BUCKET", "true"),
        pod::from_secret("RCLONE_CONFIG_STORE_ACCESS_KEY_ID", secret_name, "username"),
        pod::from_secret(
            "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY",
            secret_name,
            "password",
        ),
    ];
    let endpoint = endpoint.as_ref();
    variables.extend(endpoint.map(|it| pod::variable("RCLONE_CONFIG_STORE_ENDPOINT", it)));
    let region = region.as_ref();
    variables.extend(region.map(|it| pod::variable("RCLONE_CONFIG_STORE_REGION", it)));
    variables
}

/// Brings rclone, and the certificates by which it knows a server.
fn tools(stated: &BackupBucket) -> Container {
    let script = "cp \"$(command -v rclone)\" /tools/rclone\n\
                  cp /etc/ssl/certs/ca-certificates.crt /tools/";
    let image = stated.image.as_deref().unwrap_or(RCLONE);
    Container {
        name: "tools".to_owned(),
        image: Some(image.to_owned()),
        command: Some(["sh", "-euc"].map(str::to_owned).to_vec()),
        args: Some(vec![super::provisioning::literal(script)]),
        resources: Some(ResourceRequirements {
            requests: Some(pod::quantities(&[("cpu", "20m"), ("memory", "16Mi")])),
            limits: Some(pod::quantities(&[("memory", "64Mi")])),
            ..ResourceRequirements::default()
        }),
        security_context: Some(pod::container_security(false)),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![pod::mount("tools", "/tools")]),
        ..Container::default()
    }
}
