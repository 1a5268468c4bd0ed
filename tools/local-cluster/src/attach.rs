//! Using a given cluster instead of starting one.

use std::path::Path;

use crate::cluster::{LocalCluster, client, config};
use crate::folder::Folder;
use crate::start::joined;
use crate::tools::Tools;
use crate::{Error, Options, crds};

/// Connects to the cluster of a kubeconfig. Its nodes and storage are its own matter;
/// custom resources that the options ask for are installed where they are missing.
pub(crate) async fn attach(kubeconfig: &Path, options: &Options) -> Result<LocalCluster, Error> {
    let config = config(kubeconfig).await?;
    let server = config.cluster_url.to_string();
    let client = client(config)?;
    if crds::are_wanted(options) {
        let options = options.clone();
        let read = move || crds::read(&Tools::find(&["crds"])?, &options);
        let definitions = joined(tokio::task::spawn_blocking(read)).await?;
        crds::install(&client, &definitions).await?;
    }
    let folder = Folder::open(options.folder.as_deref())?;
    // A command may run in another folder than we do.
    let kubeconfig = kubeconfig
        .canonicalize()
        .map_err(Error::file(kubeconfig, "found"))?;
    Ok(LocalCluster {
        own: None,
        kubeconfig,
        server,
        folder,
    })
}
