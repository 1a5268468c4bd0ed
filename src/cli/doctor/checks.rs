//! The checks, each by itself: what nobody may look at is not known, and no other check fails
//! for it.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{ApiResource, ListParams, PostParams};
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::Finding;
use super::definitions::{Difference, difference};
use crate::api::crds;
use crate::cli::Error;
use crate::cli::cluster::{Cluster, ClusterError, Verb};

/// The oldest API server that Gravity supports, as its minor version.
const OLDEST: u32 = 33;
/// What the name of an operator's Lease has in it, by the chart and without it.
const LEASE: &str = "gravity";
/// How old the renewal of a Lease may be.
const RENEWED: SignedDuration = SignedDuration::from_secs(60);
/// How the definitions are brought.
const BRING_DEFINITIONS: &str = "gravity crds | kubectl apply --server-side -f -";
/// How the operator is brought.
const BRING_OPERATOR: &str = "helm install gravity charts/gravity --namespace gravity-system --create-namespace --set image.repository=registry.example.com/gravity";

/// All checks, in the order in which they are told. Without a cluster there is nothing to
/// check.
pub async fn all(cluster: &Cluster, home: &str) -> Result<Vec<Finding>, Error> {
    let mut findings = vec![server(cluster).await?];
    let definitions = definitions(cluster).await;
    let installed = definitions.state != super::State::Missing;
    findings.push(definitions);
    findings.push(operator(cluster).await);
    if installed {
        findings.push(rights(cluster, home).await);
    }
    findings.push(storage(cluster).await);
    findings.push(gateway(cluster).await);
    findings.push(metrics(cluster).await);
    findings.push(git());
    Ok(findings)
}

async fn server(cluster: &Cluster) -> Result<Finding, Error> {
    let of = ApiResource::erase::<Deployment>(&());
    let version = cluster
        .ask(Verb::Get, &of, || cluster.client.apiserver_version())
        .await?;
    let minor: String = version
        .minor
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let told = format!("Kubernetes {}", version.git_version);
    Ok(match minor.parse::<u32>() {
        Ok(minor) if minor < OLDEST => Finding::warning(
            "cluster",
            format!("{told}, and 1.{OLDEST} is the oldest that Gravity is tried with"),
            "",
        ),
        _ => Finding::fine("cluster", told),
    })
}

async fn definitions(cluster: &Cluster) -> Finding {
    let check = "definitions";
    let api: Api<CustomResourceDefinition> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<CustomResourceDefinition>(&());
    for own in crds::crds() {
        let name = own.name_any();
        let there = match cluster.ask(Verb::Get, &of, || api.get_opt(&name)).await {
            Ok(there) => there,
            Err(error) => return unknown(check, &error),
        };
        let Some(there) = there else {
            let message = format!("there is no {name}: Gravity is not installed");
            return Finding::missing(check, message, BRING_DEFINITIONS);
        };
        match difference(&there, &own) {
            Difference::None => {}
            Difference::Older(field) => {
                let message = format!("{name} is older than this tool: it has no {field}");
                return Finding::missing(check, message, BRING_DEFINITIONS);
            }
            Difference::Newer(field) => {
                let message = format!(
                    "{name} is newer than this tool, which does not know {field}: take a newer gravity"
                );
                return Finding::warning(check, message, "");
            }
        }
    }
    Finding::fine(check, "as this tool has them")
}

/// Who leads renews a Lease, wherever it runs. Where there is none, the Deployment of the chart
/// tells why.
async fn operator(cluster: &Cluster) -> Finding {
    let check = "operator";
    let leases: Vec<Lease> = match list(cluster, &ListParams::default()).await {
        Ok(leases) => leases,
        Err(error) => return unknown(check, &error),
    };
    let now = Timestamp::now();
    let holder = leases.iter().find_map(|lease| {
        let spec = lease
            .spec
            .as_ref()
            .filter(|_| lease.name_any().contains(LEASE))?;
        let renewed = spec.renew_time.as_ref()?;
        let holder = spec.holder_identity.clone()?;
        (now.duration_since(renewed.0) < RENEWED).then_some(holder)
    });
    if let Some(holder) = holder {
        return Finding::fine(check, format!("{holder} leads"));
    }
    let selector = ListParams::default().labels("app.kubernetes.io/name=gravity");
    let deployments: Vec<Deployment> = match list(cluster, &selector).await {
        Ok(deployments) => deployments,
        Err(error) => return unknown(check, &error),
    };
    let Some(deployment) = deployments.first() else {
        return Finding::missing(check, "there is none", BRING_OPERATOR);
    };
    let namespace = deployment.namespace().unwrap_or_default();
    let name = deployment.name_any();
    Finding::missing(
        check,
        format!("{namespace}/{name} is there, and none of its pods leads"),
        &format!("kubectl -n {namespace} describe pods"),
    )
}

/// What `gravity start` and the verbs that look need.
async fn rights(cluster: &Cluster, home: &str) -> Finding {
    let check = "rights";
    let needed = [
        ("gravity.dev", "gravityapps", "patch"),
        ("gravity.dev", "gravityapps", "watch"),
        ("gravity.dev", "gravityapps", "delete"),
        ("gravity.dev", "gravityservices", "patch"),
        ("gravity.dev", "gravityservices", "delete"),
        ("", "pods", "list"),
        ("", "pods/log", "get"),
    ];
    let mut missing = Vec::new();
    for (group, resource, verb) in needed {
        match may(cluster, home, group, resource, verb).await {
            Ok(true) => {}
            Ok(false) => missing.push(format!("{verb} {resource}")),
            Err(error) => return unknown(check, &error),
        }
    }
    if missing.is_empty() {
        return Finding::fine(check, format!("to start and see applications in {home}"));
    }
    Finding::missing(
        check,
        format!("in {home} you may not {}", missing.join(", ")),
        &format!(
            "ask for: kubectl create rolebinding gravity-admin -n {home} --clusterrole=admin --user=YOU"
        ),
    )
}

async fn may(
    cluster: &Cluster,
    namespace: &str,
    group: &str,
    resource: &str,
    verb: &str,
) -> Result<bool, ClusterError> {
    let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(ResourceAttributes {
                namespace: Some(namespace.to_owned()),
                group: Some(group.to_owned()),
                resource: Some(resource.to_owned()),
                subresource: Some(part.to_owned()).filter(|part| !part.is_empty()),
                verb: Some(verb.to_owned()),
                ..ResourceAttributes::default()
            }),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let api: Api<SelfSubjectAccessReview> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<SelfSubjectAccessReview>(&());
    let params = PostParams::default();
    let answer = cluster
        .ask(Verb::Create, &of, || api.create(&params, &review))
        .await?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}

async fn storage(cluster: &Cluster) -> Finding {
    let check = "storage";
    let classes: Vec<StorageClass> = match list(cluster, &ListParams::default()).await {
        Ok(classes) => classes,
        Err(error) => return unknown(check, &error),
    };
    let is_default = |class: &&StorageClass| {
        let value = class
            .annotations()
            .get("storageclass.kubernetes.io/is-default-class");
        value.is_some_and(|value| value == "true")
    };
    if let Some(class) = classes.iter().find(is_default) {
        return Finding::fine(check, format!("{} is the default class", class.name_any()));
    }
    let why = "there is no default StorageClass: databases find no volume unless storageClassName names one";
    match classes.first() {
        Some(class) => Finding::warning(
            check,
            why,
            &format!(
                "kubectl annotate storageclass {} storageclass.kubernetes.io/is-default-class=true",
                class.name_any()
            ),
        ),
        None => Finding::warning(
            check,
            format!("{why}; there is no class at all: install a provisioner of volumes"),
            "",
        ),
    }
}

/// What can open the way in: Traefik's kinds, classes of Ingress, the Gateway API.
async fn gateway(cluster: &Cluster) -> Finding {
    let check = "gateway";
    let api: Api<CustomResourceDefinition> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<CustomResourceDefinition>(&());
    let kinds = [
        ("Traefik", "ingressroutes.traefik.io"),
        ("GatewayAPI", "httproutes.gateway.networking.k8s.io"),
    ];
    let mut there = Vec::new();
    for (class, name) in kinds {
        match cluster.ask(Verb::Get, &of, || api.get_opt(name)).await {
            Ok(Some(_)) => there.push(class.to_owned()),
            Ok(None) => {}
            Err(error) => return unknown(check, &error),
        }
    }
    let classes: Vec<IngressClass> = list(cluster, &ListParams::default())
        .await
        .unwrap_or_default();
    let names: Vec<String> = classes.iter().map(ResourceExt::name_any).collect();
    if !names.is_empty() {
        there.push(format!("Ingress ({})", names.join(", ")));
    }
    if there.is_empty() {
        return Finding::warning(
            check,
            "no gateway: services are reached from inside only",
            "install Traefik by its Helm chart, or another gateway that serves Ingress or the Gateway API",
        );
    }
    Finding::fine(check, format!("gateway.class can be {}", there.join(", ")))
}

async fn metrics(cluster: &Cluster) -> Finding {
    let check = "metrics";
    let api: Api<APIService> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<APIService>(&());
    let there = match cluster
        .ask(Verb::Get, &of, || api.get_opt("v1beta1.metrics.k8s.io"))
        .await
    {
        Ok(there) => there,
        Err(error) => return unknown(check, &error),
    };
    let why = "autoscalers keep their last number of pods without it";
    let Some(there) = there else {
        return Finding::warning(check, format!("there is no metrics-server: {why}"), "");
    };
    let conditions = there
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    let mut available = conditions.filter(|condition| condition.type_ == "Available");
    match available.next() {
        Some(condition) if condition.status == "True" => {
            Finding::fine(check, "metrics-server answers")
        }
        condition => {
            let message = condition.and_then(|condition| condition.message.clone());
            let message = message.unwrap_or_default();
            Finding::warning(
                check,
                format!("metrics-server does not answer: {message}: {why}"),
                "",
            )
        }
    }
}

/// `gravity add` calls it.
fn git() -> Finding {
    let check = "git";
    match std::process::Command::new("git").arg("--version").output() {
        Ok(answer) if answer.status.success() => Finding::fine(
            check,
            String::from_utf8_lossy(&answer.stdout).trim().to_owned(),
        ),
        _ => Finding::warning(
            check,
            "git cannot be run: `gravity add` takes folders only",
            "install git",
        ),
    }
}

async fn list<K>(cluster: &Cluster, params: &ListParams) -> Result<Vec<K>, ClusterError>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned,
{
    let api: Api<K> = Api::all(cluster.client.clone());
    let of = ApiResource::erase::<K>(&());
    Ok(cluster.request(&of, || api.list(params)).await?.items)
}

/// What could not be looked at.
fn unknown(check: &'static str, error: &ClusterError) -> Finding {
    Finding::warning(check, format!("not known: {error}"), "")
}
