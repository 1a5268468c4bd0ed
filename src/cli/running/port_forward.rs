//! `gravity port-forward`: a service's port on this machine, by way of the API server.

use std::process::ExitCode;

use clap::Args;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ApiResource, ListParams};
use kube::{Api, ResourceExt};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::RunningError;
use super::target::{Found, Target};
use crate::api::names;
use crate::cli::{Error, cluster, output};

/// The arguments of `gravity port-forward`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "It ends with Ctrl-C. Each connection goes to a pod that is ready then, so it outlives an update.

Examples:
  gravity port-forward auth-service
  gravity port-forward auth-service 8080"
)]
pub struct Arguments {
    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,
    /// The port of this machine; the service's own, or any that is free, when absent
    #[arg(value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    #[command(flatten)]
    target: Target,
}

/// Forwards the port until Ctrl-C.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    cluster::block_on(forward(arguments))?;
    Ok(ExitCode::SUCCESS)
}

async fn forward(arguments: &Arguments) -> Result<(), Error> {
    let found = arguments.target.find().await?;
    let service = &arguments.service;
    found.services(std::slice::from_ref(service))?;
    let (_, port) = pod(&found, service).await?;
    let listener = listen(arguments.port, port).await?;
    // A connection may be silent for longer than an answer may take.
    let cluster = arguments.target.connection.patient().await?;
    let address = listener.local_addr().map_err(Error::Output)?;
    output::plain(&format!(
        "http://{address} is {service}, port {port} of a pod. Ctrl-C ends it.\n"
    ))?;
    loop {
        tokio::select! {
            connection = listener.accept() => match connection {
                Ok((stream, _)) => {
                    let api: Api<Pod> = Api::namespaced(cluster.client.clone(), &found.namespace);
                    match pod(&found, service).await {
                        Ok((pod, port)) => drop(tokio::spawn(carry(api, pod, port, stream))),
                        Err(error) => output::warnings(&[error.to_string()]),
                    }
                }
                Err(error) => return Err(Error::Output(error)),
            },
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

async fn listen(asked: Option<u16>, own: u16) -> Result<TcpListener, Error> {
    let bind = |port| TcpListener::bind(("127.0.0.1", port));
    let taken = |port, error| RunningError::PortTaken { port, error };
    match asked {
        Some(port) => Ok(bind(port).await.map_err(|error| taken(port, error))?),
        None => match bind(own).await {
            Ok(listener) => Ok(listener),
            Err(_) => Ok(bind(0).await.map_err(|error| taken(0, error))?),
        },
    }
}

/// A pod of the service that is ready, and the port that its container listens on.
async fn pod(found: &Found, service: &str) -> Result<(String, u16), Error> {
    let api: Api<Pod> = Api::namespaced(found.cluster.client.clone(), &found.namespace);
    let of = ApiResource::erase::<Pod>(&());
    let selector = format!(
        "{}={},{}={service}",
        names::INSTANCE_LABEL,
        found.app.name_any(),
        names::NAME_LABEL
    );
    let params = ListParams::default().labels(&selector);
    let pods = found
        .cluster
        .request(&of, || api.list(&params))
        .await?
        .items;
    let ready = pods.iter().find(|pod| {
        let conditions = pod
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        let mut ready = conditions.filter(|it| it.type_ == "Ready");
        ready.any(|it| it.status == "True")
    });
    let not_ready = || RunningError::NoPod {
        service: service.to_owned(),
    };
    let pod = ready.ok_or_else(not_ready)?;
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let port = ports
        .next()
        .and_then(|port| u16::try_from(port.container_port).ok());
    let port = port.ok_or_else(|| RunningError::NoPort {
        service: service.to_owned(),
    })?;
    Ok((pod.name_any(), port))
}

/// Carries what one connection says, until one side ends it.
async fn carry(api: Api<Pod>, pod: String, port: u16, mut stream: TcpStream) {
    let carried = async {
        let mut forwarder = api
            .portforward(&pod, &[port])
            .await
            .map_err(|error| error.to_string())?;
        let mut there = forwarder
            .take_stream(port)
            .ok_or("the API server gave no stream")?;
        copy_bidirectional(&mut stream, &mut there)
            .await
            .map_err(|error| error.to_string())?;
        drop(there);
        forwarder.join().await.map_err(|error| error.to_string())
    };
    let carried: Result<(), String> = carried.await;
    if let Err(error) = carried {
        output::warnings(&[format!("{pod}: {error}")]);
    }
}
