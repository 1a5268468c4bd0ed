//! Volumes for claims: what a storage provisioner does in a real cluster.
//!
//! Nothing is ever mounted, for no pod really runs; a claim only has to become bound.

use std::thread;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, ObjectReference, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ObjectMeta, PostParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Config, ResourceExt as _};
use tokio::sync::oneshot;

use crate::Error;

/// The name of the default storage class.
pub(crate) const CLASS: &str = "standard";

/// The volume controller leaves claims of a class alone whose provisioner is not its own.
const PROVISIONER: &str = "local-cluster.gravity.dev/host-path";

/// Makes the default storage class. In a folder that is taken up again it is already there.
pub(crate) async fn make_class(client: &Client) -> Result<(), Error> {
    let default = (
        "storageclass.kubernetes.io/is-default-class".into(),
        "true".into(),
    );
    let class = StorageClass {
        metadata: ObjectMeta {
            name: Some(CLASS.into()),
            annotations: Some([default].into()),
            ..ObjectMeta::default()
        },
        provisioner: PROVISIONER.into(),
        reclaim_policy: Some("Delete".into()),
        volume_binding_mode: Some("Immediate".into()),
        ..StorageClass::default()
    };
    match Api::all(client.clone())
        .create(&PostParams::default(), &class)
        .await
    {
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        result => result
            .map(drop)
            .map_err(Error::api("the default storage class was not made")),
    }
}

/// Gives volumes to claims until it is dropped.
#[derive(Debug)]
pub(crate) struct Provisioner {
    /// Only its end matters: the thread waits for it.
    _alive: oneshot::Sender<()>,
}

impl Provisioner {
    /// Runs on a thread and runtime of its own: a cluster that tests share outlives the
    /// runtime of the test that happened to start it.
    pub(crate) fn start(config: Config) -> Result<Self, Error> {
        let (alive, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::file("the provisioner's thread", "started"))?;
        thread::spawn(move || runtime.block_on(provision(config, ended)));
        Ok(Self { _alive: alive })
    }
}

async fn provision(config: Config, ended: oneshot::Receiver<()>) {
    let Ok(client) = Client::try_from(config) else {
        return;
    };
    tokio::select! {
        () = give_volumes(&client) => {}
        () = take_volumes_back(&client) => {}
        _ = ended => {}
    }
}

async fn give_volumes(client: &Client) {
    let claims = Api::<PersistentVolumeClaim>::all(client.clone());
    let volumes = Api::<PersistentVolume>::all(client.clone());
    each(claims, async |claim| {
        let Some(volume) = volume_for(&claim) else {
            return Ok(());
        };
        match volumes.create(&PostParams::default(), &volume).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
            result => result.map(drop),
        }
    })
    .await;
}

/// The class says `Delete`: a volume goes when its claim is gone.
async fn take_volumes_back(client: &Client) {
    let volumes = Api::<PersistentVolume>::all(client.clone());
    each(volumes.clone(), async |volume| {
        if !is_released(&volume) {
            return Ok(());
        }
        volumes
            .delete(&volume.name_any(), &DeleteParams::default())
            .await
            .map(drop)
    })
    .await;
}

/// Calls `act` for each object that is there or changes; what fails is only told, for
/// the object's next change, or the cluster's end, comes anyway.
async fn each<K>(api: Api<K>, act: impl AsyncFn(K) -> Result<(), kube::Error>)
where
    K: kube::Resource + Clone + serde::de::DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    let changes = watcher(api, watcher::Config::default())
        .default_backoff()
        .applied_objects();
    let mut changes = changes.boxed();
    while let Some(change) = changes.next().await {
        let Ok(object) = change else { continue };
        if let Err(error) = act(object).await {
            tracing::warn!(%error, "a simulated volume could not be changed");
        }
    }
}

/// None for a claim that has its volume, or that wants another class's.
fn volume_for(claim: &PersistentVolumeClaim) -> Option<PersistentVolume> {
    let spec = claim.spec.as_ref()?;
    let bound = spec
        .volume_name
        .as_ref()
        .is_some_and(|name| !name.is_empty());
    if bound || spec.storage_class_name.as_deref() != Some(CLASS) {
        return None;
    }
    let name = format!("pvc-{}", claim.uid()?);
    Some(PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: spec.access_modes.clone(),
            capacity: spec
                .resources
                .as_ref()
                .and_then(|resources| resources.requests.clone()),
            claim_ref: Some(reference(claim)),
            host_path: Some(HostPathVolumeSource {
                path: format!("/var/lib/local-cluster/{name}"),
                type_: None,
            }),
            // We delete it ourselves; Kubernetes would look for the path.
            persistent_volume_reclaim_policy: Some("Retain".into()),
            storage_class_name: Some(CLASS.into()),
            volume_mode: spec.volume_mode.clone(),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    })
}

fn reference(claim: &PersistentVolumeClaim) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".into()),
        kind: Some("PersistentVolumeClaim".into()),
        namespace: claim.namespace(),
        name: Some(claim.name_any()),
        uid: claim.uid(),
        ..ObjectReference::default()
    }
}

fn is_released(volume: &PersistentVolume) -> bool {
    let class = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.storage_class_name.as_deref());
    let phase = volume
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    class == Some(CLASS) && phase == Some("Released")
}
