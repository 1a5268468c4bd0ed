//! From "the service is ready" to its first answer through the gateway.

use std::time::{Duration, Instant};

use e2e::{Load, Request};
use futures::future::try_join;
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::wait::await_condition;
use kube::{Api, Client};
use serde_json::json;

use super::{LIMIT, Stand};
use crate::Error;
use crate::bed::within;
use crate::statistics::Sample;
use crate::table::{Line, times};

/// The app, and its service.
const APP: &str = "opening";
const SERVICE: &str = "door";

/// How often is asked: the figure is as exact as that.
const PACE: Duration = Duration::from_millis(5);

/// The moments of one round, in seconds after the service was ready.
struct Opening {
    route: f64,
    served: f64,
}

/// Brings up a service some times, each time with another host.
pub(super) async fn measure(stand: &Stand, rounds: usize) -> Result<Line, Error> {
    let client = stand.bed.cluster().client().await?;
    let mut openings = Vec::new();
    for round in 0..rounds.max(1) {
        openings.push(open(stand, &client, round).await?);
    }
    let sample = |of: fn(&Opening) -> f64| openings.iter().map(of).collect::<Sample>();
    let served = sample(|opening| opening.served);
    let route = sample(|opening| opening.route);
    Ok(Line::new(
        "from a service's Ready to the first 200",
        times(&served),
        format!(
            "its route is there after {}; Traefik takes changes up every 2 s",
            times(&route)
        ),
    ))
}

async fn open(stand: &Stand, client: &Client, round: usize) -> Result<Opening, Error> {
    let namespace = format!("{APP}-{round}");
    let kubectl = stand.bed.namespace(&namespace);
    let host = format!("door-{round}.example.com");
    let load = Load::start(&stand.gateway, &Request::get(&host, "/health"), 1, PACE);
    let moments = tokio::spawn(moments(client.clone(), namespace));
    tokio::task::block_in_place(|| {
        kubectl.answer(&["apply", "--filename=-"], &objects(&host));
        stand.serves(&Request::get(&host, "/health"));
    });
    let moments = within("a service and its route", moments).await?;
    let (ready, route) = moments.map_err(|error| Error::Unrecorded(error.to_string()))??;
    let sent = load.end().await;
    let first = sent.iter().find(|one| one.status() == Some(200));
    let first = first.ok_or_else(|| Error::Unrecorded(format!("an answer of {host}")))?;
    // The clock has begun before it, where the watch is late.
    let after = |moment: Instant| {
        let late = moment.saturating_duration_since(ready).as_secs_f64();
        late - ready.saturating_duration_since(moment).as_secs_f64()
    };
    Ok(Opening {
        route: after(route),
        served: after(first.at + first.took),
    })
}

/// When the service was ready, and when its route was there.
async fn moments(client: Client, namespace: String) -> Result<(Instant, Instant), Error> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let ready = |deployment: Option<&Deployment>| {
        let status = deployment.and_then(|deployment| deployment.status.as_ref());
        status.is_some_and(|status| status.ready_replicas == Some(1))
    };
    let kind = GroupVersionKind::gvk("traefik.io", "v1alpha1", "IngressRoute");
    let resource = ApiResource::from_gvk(&kind);
    let routes: Api<DynamicObject> = Api::namespaced_with(client, &namespace, &resource);
    let there = |route: Option<&DynamicObject>| route.is_some();
    let moments = try_join(
        async {
            await_condition(deployments, SERVICE, ready).await?;
            Ok(Instant::now())
        },
        async {
            await_condition(routes, SERVICE, there).await?;
            Ok(Instant::now())
        },
    );
    let moments = tokio::time::timeout(LIMIT, moments).await;
    let moments = moments.map_err(|_| Error::TimedOut {
        what: format!("the route of {SERVICE}"),
        limit: LIMIT,
    })?;
    moments.map_err(|error: kube::runtime::wait::Error| Error::Unrecorded(error.to_string()))
}

fn objects(host: &str) -> String {
    let service = json!({
        "apiVersion": "gravity.dev/v1alpha1", "kind": "GravityService",
        "metadata": {"name": format!("{SERVICE}-1.0.0")},
        "spec": {
            "name": SERVICE, "version": "1.0.0", "port": 8000,
            "image": "local-cluster.gravity.dev/sample-service:1",
            "api": {"prefix": "/"}, "env": {"SERVICE": SERVICE},
            "health": {"liveness": "/health", "readiness": "/health"},
            "resources": {"requests": {"cpu": "20m", "memory": "24Mi"}},
        },
    });
    let app = json!({
        "apiVersion": "gravity.dev/v1alpha1", "kind": "GravityApp",
        "metadata": {"name": APP},
        "spec": {
            "services": [{"name": SERVICE}],
            "gateway": {"class": "Traefik", "host": host},
        },
    });
    json!({"apiVersion": "v1", "kind": "List", "items": [service, app]}).to_string()
}
