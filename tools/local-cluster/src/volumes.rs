//! Volumes for claims: what a storage provisioner does in a real cluster.
//!
//! On a simulated node nothing is ever mounted, for no pod really runs; a claim only has to
//! become bound. On a real one a volume is a folder of the cluster's.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, LocalVolumeSource, NodeSelector, NodeSelectorRequirement,
    NodeSelectorTerm, ObjectReference, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeSpec, VolumeNodeAffinity,
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

/// Which node has the volume that a claim asks for; the scheduler says so.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Makes the default storage class. In a folder that is taken up again it is already there.
///
/// On a real node a claim gets its volume when its pod has its node, as where volumes
/// belong to nodes or zones.
pub(crate) async fn make_class(client: &Client, real: bool) -> Result<(), Error> {
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
        volume_binding_mode: Some(
            if real {
                "WaitForFirstConsumer"
            } else {
                "Immediate"
            }
            .into(),
        ),
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
    ///
    /// With a folder each volume is a folder in it, for a real node.
    pub(crate) fn start(config: Config, folder: Option<PathBuf>) -> Result<Self, Error> {
        let (alive, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::file("the provisioner's thread", "started"))?;
        thread::spawn(move || runtime.block_on(provision(config, folder, ended)));
        Ok(Self { _alive: alive })
    }
}

async fn provision(config: Config, folder: Option<PathBuf>, ended: oneshot::Receiver<()>) {
    let Ok(client) = Client::try_from(config) else {
        return;
    };
    tokio::select! {
        () = give_volumes(&client, folder.as_deref()) => {}
        () = take_volumes_back(&client, folder.as_deref()) => {}
        _ = ended => {}
    }
}

async fn give_volumes(client: &Client, folder: Option<&Path>) {
    let claims = Api::<PersistentVolumeClaim>::all(client.clone());
    let volumes = Api::<PersistentVolume>::all(client.clone());
    each(claims, async |claim| {
        let Some(volume) = volume_for(&claim, folder) else {
            return Ok(());
        };
        if let Some(folder) = folder {
            make_folder(&folder.join(volume.name_any()))?;
        }
        match volumes.create(&PostParams::default(), &volume).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
            result => Ok(result.map(drop)?),
        }
    })
    .await;
}

/// The class says `Delete`: a volume goes when its claim is gone.
async fn take_volumes_back(client: &Client, folder: Option<&Path>) {
    let volumes = Api::<PersistentVolume>::all(client.clone());
    each(volumes.clone(), async |volume| {
        if !is_released(&volume) {
            return Ok(());
        }
        let name = volume.name_any();
        volumes.delete(&name, &DeleteParams::default()).await?;
        if let Some(folder) = folder {
            fs::remove_dir_all(folder.join(name))?;
        }
        Ok(())
    })
    .await;
}

/// Calls `act` for each object that is there or changes; what fails is only told, for
/// the object's next change, or the cluster's end, comes anyway.
async fn each<K>(api: Api<K>, act: impl AsyncFn(K) -> Result<(), Untaken>)
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
            tracing::warn!(%error, "a volume could not be changed");
        }
    }
}

/// Why a volume was not made or taken back.
#[derive(Debug, thiserror::Error)]
enum Untaken {
    #[error(transparent)]
    Request(#[from] kube::Error),
    #[error(transparent)]
    Folder(#[from] std::io::Error),
}

/// A folder that is empty, and open to every user: which one the pod will have is not known
/// here, and what asks for a group gets it from the kubelet.
fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o777))
}

/// None for a claim that has its volume, or that wants another class's; on a real node also
/// for one whose pod has no node yet.
fn volume_for(claim: &PersistentVolumeClaim, folder: Option<&Path>) -> Option<PersistentVolume> {
    let spec = claim.spec.as_ref()?;
    let bound = spec
        .volume_name
        .as_ref()
        .is_some_and(|name| !name.is_empty());
    if bound || spec.storage_class_name.as_deref() != Some(CLASS) {
        return None;
    }
    let name = format!("pvc-{}", claim.uid()?);
    let node = claim.annotations().get(SELECTED_NODE);
    let local = match folder {
        Some(folder) => Some((folder.join(&name), node?)),
        None => None,
    };
    let host_path = local.is_none().then(|| HostPathVolumeSource {
        path: format!("/var/lib/local-cluster/{name}"),
        type_: None,
    });
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
            host_path,
            node_affinity: local.as_ref().map(|(_, node)| only_on(node)),
            local: local.map(|(path, _)| LocalVolumeSource {
                path: path.display().to_string(),
                fs_type: None,
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

fn only_on(node: &str) -> VolumeNodeAffinity {
    let name = NodeSelectorRequirement {
        key: "kubernetes.io/hostname".into(),
        operator: "In".into(),
        values: Some(vec![node.into()]),
    };
    VolumeNodeAffinity {
        required: Some(NodeSelector {
            node_selector_terms: vec![NodeSelectorTerm {
                match_expressions: Some(vec![name]),
                match_fields: None,
            }],
        }),
    }
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
