//! The way in of an app: [`api::gateway::Gateway`](crate::api::gateway::Gateway) → [`Gateway`].

use super::authentication::{Access, access};
use super::report::Report;
use super::traffic::{Traffic, traffic};
use super::value::name::{self, NAME_LIMIT};
use crate::api::authentication::DatabaseReference;
use crate::api::gateway::{
    self as stated, AccountReference, GatewayClass, Issuer, IssuerKind, ParentReference,
};
use crate::api::names;

/// The way in, with the environment's host.
#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    /// Which kind of route is made.
    pub class: GatewayClass,
    /// The host; every host when absent.
    pub host: Option<String>,
    /// The certificate.
    pub tls: Option<Tls>,
    /// The IngressClass.
    pub ingress_class_name: Option<String>,
    /// Traefik's entry points; never empty.
    pub entry_points: Vec<String>,
    /// How many proxies stand before Traefik.
    pub proxies: i32,
    /// The GatewayClass of a Gateway that is made for the app.
    pub gateway_class_name: Option<String>,
    /// The Gateway that somebody else makes.
    pub parent: Option<ParentReference>,
    /// What is done with requests where a service says nothing else.
    pub traffic: Traffic,
    /// Who may come in where a service says nothing else.
    pub access: Access,
    /// The Redis in which the gateway's replicas count together.
    pub rate_limit_store: Option<DatabaseReference>,
    /// The path that sums up how the services are.
    pub health_path: Option<String>,
    /// The account of the gateway's pods.
    pub account: AccountReference,
}

impl Gateway {
    /// No way in, of an app that asks for none.
    pub fn none() -> Self {
        Self {
            class: GatewayClass::None,
            host: None,
            tls: None,
            ingress_class_name: None,
            entry_points: with_default(Vec::new(), false),
            proxies: 0,
            gateway_class_name: None,
            parent: None,
            traffic: Traffic::default(),
            access: Access::Everybody,
            rate_limit_store: None,
            health_path: None,
            account: usual_account(GatewayClass::None),
        }
    }
}

/// The certificate of an app's host.
#[derive(Clone, Debug, PartialEq)]
pub struct Tls {
    /// The Secret that it is in.
    pub secret: String,
    /// Who issues it, and where that issuer is; absent where somebody else fills the Secret.
    pub issuer: Option<(String, IssuerKind)>,
    /// Whether a request without TLS is sent to https.
    pub redirect: bool,
}

/// Checks the way in of the app `app`; `host` is that of the environment.
pub(super) fn gateway(
    app: &str,
    stated: Option<&stated::Gateway>,
    host: Option<&String>,
    report: &mut Report,
) -> Gateway {
    let stated = stated.cloned().unwrap_or_default();
    // What this project's users have at their gateway most often.
    let class = stated.class.unwrap_or(GatewayClass::Traefik);
    if let Some(host) = &stated.host {
        report.check("spec.gateway.host", name::host(host));
    }
    of_its_class(&stated, class, report);
    entry_points(&stated.entry_points, report);
    if let Some(store) = &stated.rate_limit_store {
        let at = "spec.gateway.rateLimitStore";
        report.check(
            format!("{at}.service"),
            name::label(&store.service, NAME_LIMIT),
        );
        report.check(format!("{at}.database"), name::database(&store.database));
    }
    if let Some(path) = &stated.health_path {
        report.check("spec.gateway.healthPath", name::prefix(path));
    }
    let host = host.or(stated.host.as_ref()).cloned();
    let tls = tls(app, stated.tls.as_ref(), host.is_some(), report);
    let authentication = stated.authentication.as_ref();
    Gateway {
        class,
        host,
        entry_points: with_default(stated.entry_points, tls.is_some()),
        tls,
        ingress_class_name: stated.ingress_class_name,
        proxies: proxies(stated.proxies, report),
        gateway_class_name: stated.gateway_class_name,
        parent: stated.parent_ref,
        traffic: traffic(stated.traffic.as_ref(), "spec.gateway.traffic", report),
        access: access(authentication, "spec.gateway.authentication", report)
            .unwrap_or(Access::Everybody),
        rate_limit_store: stated.rate_limit_store,
        account: account(stated.service_account, class, report),
        health_path: stated.health_path,
    }
}

/// The account of the gateway's pods.
fn account(
    stated: Option<AccountReference>,
    class: GatewayClass,
    report: &mut Report,
) -> AccountReference {
    if let Some(account) = stated {
        let at = "spec.gateway.serviceAccount";
        report.check(
            format!("{at}.namespace"),
            name::label(&account.namespace, NAME_LIMIT),
        );
        report.check(format!("{at}.name"), name::object(&account.name));
        return account;
    }
    usual_account(class)
}

/// The account that the project of the gateway itself has for it, in the namespace of its
/// instructions.
fn usual_account(class: GatewayClass) -> AccountReference {
    let usual = match class {
        GatewayClass::Traefik | GatewayClass::GatewayAPI | GatewayClass::None => "traefik",
        GatewayClass::Ingress => "ingress-nginx",
    };
    AccountReference {
        namespace: usual.to_owned(),
        name: usual.to_owned(),
    }
}

/// What is one class's only.
fn of_its_class(stated: &stated::Gateway, class: GatewayClass, report: &mut Report) {
    let mut only = |field: &str, is_there: bool, of: GatewayClass, says: &str| {
        if is_there && class != of {
            report.add(format!("spec.gateway.{field}"), says.to_owned());
        }
    };
    let ingress = "is for class: Ingress: write that class, or take the line out";
    only(
        "ingressClassName",
        stated.ingress_class_name.is_some(),
        GatewayClass::Ingress,
        ingress,
    );
    let traefik = "are Traefik's: write class: Traefik, or take them out";
    only(
        "entryPoints",
        !stated.entry_points.is_empty(),
        GatewayClass::Traefik,
        traefik,
    );
    let traefik = "is Traefik's: write class: Traefik, or take it out";
    only(
        "rateLimitStore",
        stated.rate_limit_store.is_some(),
        GatewayClass::Traefik,
        traefik,
    );
    only(
        "proxies",
        stated.proxies.is_some(),
        GatewayClass::Traefik,
        traefik,
    );
    let gateway = "is for class: GatewayAPI: write that class, or take it out";
    only(
        "gatewayClassName",
        stated.gateway_class_name.is_some(),
        GatewayClass::GatewayAPI,
        gateway,
    );
    only(
        "parentRef",
        stated.parent_ref.is_some(),
        GatewayClass::GatewayAPI,
        gateway,
    );
    if let Some(name) = &stated.ingress_class_name {
        report.check("spec.gateway.ingressClassName", name::object(name));
    }
    if let Some(name) = &stated.gateway_class_name {
        report.check("spec.gateway.gatewayClassName", name::object(name));
    }
    if let Some(parent) = &stated.parent_ref {
        report.check("spec.gateway.parentRef.name", name::object(&parent.name));
        if stated.gateway_class_name.is_some() {
            report.add(
                "spec.gateway.parentRef",
                "names a Gateway that is there, and gatewayClassName has Gravity make one: take one of the two out",
            );
        }
    }
}

fn proxies(stated: Option<i32>, report: &mut Report) -> i32 {
    let proxies = stated.unwrap_or(0);
    if !(0..=10).contains(&proxies) {
        report.add(
            "spec.gateway.proxies",
            format!("{proxies} is out of range: write 0 to 10"),
        );
    }
    proxies
}

fn entry_points(stated: &[String], report: &mut Report) {
    for (index, point) in stated.iter().enumerate() {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if point.is_empty() || !point.bytes().all(fine) {
            report.add(
                format!("spec.gateway.entryPoints[{index}]"),
                format!("{point:?} is no entry point: write a name as web or websecure"),
            );
        }
    }
}

/// The names that Traefik's own chart gives to ports 80 and 443.
fn with_default(stated: Vec<String>, has_tls: bool) -> Vec<String> {
    if !stated.is_empty() {
        return stated;
    }
    let point = if has_tls { "websecure" } else { "web" };
    vec![point.to_owned()]
}

fn tls(
    app: &str,
    stated: Option<&stated::Tls>,
    has_host: bool,
    report: &mut Report,
) -> Option<Tls> {
    let stated = stated?;
    if let Some(secret) = &stated.secret_name {
        report.check("spec.gateway.tls.secretName", name::object(secret));
    }
    if stated.secret_name.is_none() && stated.issuer.is_none() {
        report.add(
            "spec.gateway.tls",
            "names neither a certificate nor who issues one: write secretName: shop-tls, or issuer: {name: letsencrypt}",
        );
    }
    if let Some(Issuer { name, .. }) = &stated.issuer {
        report.check("spec.gateway.tls.issuer.name", name::object(name));
        if !has_host {
            report.add(
                "spec.gateway.tls.issuer",
                "needs spec.gateway.host: a certificate is issued for a name",
            );
        }
    }
    let secret = stated.secret_name.clone();
    let issuer = stated.issuer.as_ref().map(|issuer| {
        let kind = issuer.kind.unwrap_or(IssuerKind::ClusterIssuer);
        (issuer.name.clone(), kind)
    });
    Some(Tls {
        secret: secret.unwrap_or_else(|| names::derived(&[app, "tls"], names::LABEL_LIMIT)),
        issuer,
        // Who asks for a certificate wants no password to go without it.
        redirect: stated.redirect.unwrap_or(true),
    })
}
