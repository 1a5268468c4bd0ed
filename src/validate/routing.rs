//! How requests come to a service: [`ApiSpec`] → [`Routing`].

use semver::Version;

use super::authentication::{Access, access};
use super::report::Report;
use super::traffic::{Traffic, methods, traffic};
use super::value::name;
use super::value::version::version;
use crate::api::routing::{ApiPath, ApiSpec, Protocol};

/// How requests come to a service from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// The path under which it answers.
    pub prefix: String,
    /// What the service sees in the place of the prefix; the prefix itself when absent, and
    /// an empty text where it sees nothing of it.
    pub rewrite: Option<String>,
    /// The hosts that lead to it; the app's when empty.
    pub hosts: Vec<String>,
    /// The methods that are let in; all when empty.
    pub methods: Vec<String>,
    /// What it speaks.
    pub protocol: Protocol,
    /// What is done with requests.
    pub traffic: Traffic,
    /// Who may come in; whom the app lets in when absent.
    pub access: Option<Access>,
    /// Paths that are treated otherwise, in the order of the manifest.
    pub paths: Vec<PathRule>,
}

/// A path below the prefix that is treated otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct PathRule {
    /// The path below the prefix.
    pub path: String,
    /// The methods that are let in; those of the service when empty.
    pub methods: Vec<String>,
    /// What is done with requests, over what is done for the service.
    pub traffic: Traffic,
    /// Who may come in, over whom the service lets in.
    pub access: Option<Access>,
}

/// The way in to a service, and the version of its API.
pub(super) fn routing(
    api: Option<&ApiSpec>,
    report: &mut Report,
) -> (Option<Routing>, Option<Version>) {
    let Some(api) = api else {
        return (None, None);
    };
    let contract = api.contract.as_deref().map(version).transpose();
    let contract = report.check("spec.api.contract", contract).flatten();
    let Some(prefix) = &api.prefix else {
        without_prefix(api, report);
        return (None, contract);
    };
    report.check("spec.api.prefix", name::prefix(prefix));
    for (index, each) in api.hosts.iter().enumerate() {
        report.check(format!("spec.api.hosts[{index}]"), name::host(each));
    }
    methods(&api.methods, "spec.api.methods", report);
    let routing = Routing {
        prefix: prefix.clone(),
        rewrite: rewrite(api, report),
        hosts: api.hosts.clone(),
        methods: api.methods.clone(),
        protocol: api.protocol.unwrap_or(Protocol::HTTP),
        traffic: traffic(api.traffic.as_ref(), "spec.api.traffic", report),
        access: access(
            api.authentication.as_ref(),
            "spec.api.authentication",
            report,
        ),
        paths: paths(&api.paths, report),
    };
    (Some(routing), contract)
}

fn without_prefix(api: &ApiSpec, report: &mut Report) {
    let ApiSpec {
        prefix: _,
        contract: _,
        strip_prefix,
        rewrite,
        hosts,
        methods,
        protocol,
        traffic,
        authentication,
        paths,
    } = api;
    let says_more = strip_prefix.is_some()
        || rewrite.is_some()
        || !hosts.is_empty()
        || !methods.is_empty()
        || protocol.is_some()
        || traffic.is_some()
        || authentication.is_some()
        || !paths.is_empty();
    if says_more {
        report.add(
            "spec.api.prefix",
            "is missing, and without it there is no way in to the service: add one, as /api/auth",
        );
    }
}

fn rewrite(api: &ApiSpec, report: &mut Report) -> Option<String> {
    let strip = api.strip_prefix.unwrap_or(false);
    match &api.rewrite {
        Some(rewrite) => {
            report.check("spec.api.rewrite", name::prefix(rewrite));
            if strip {
                report.add(
                    "spec.api.rewrite",
                    "puts another path in the place of the prefix, and stripPrefix none: take one of the two out",
                );
            }
            // The root in the place of the prefix is no prefix.
            Some(rewrite.trim_end_matches('/').to_owned())
        }
        None => strip.then(String::new),
    }
}

fn paths(stated: &[ApiPath], report: &mut Report) -> Vec<PathRule> {
    report.unique(
        "spec.api.paths",
        "path",
        "one",
        stated.iter().map(|each| each.path.as_str()),
    );
    let rules = stated.iter().enumerate().map(|(index, each)| {
        let at = format!("spec.api.paths[{index}]");
        report.check(format!("{at}.path"), below(&each.path));
        methods(&each.methods, &format!("{at}.methods"), report);
        PathRule {
            path: each.path.clone(),
            methods: each.methods.clone(),
            traffic: traffic(each.traffic.as_ref(), &format!("{at}.traffic"), report),
            access: access(
                each.authentication.as_ref(),
                &format!("{at}.authentication"),
                report,
            ),
        }
    });
    rules.collect()
}

fn below(path: &str) -> Result<(), String> {
    name::prefix(path)?;
    if path == "/" {
        return Err(
            "\"/\" is the prefix itself: say it of the service, or write a path as /login"
                .to_owned(),
        );
    }
    Ok(())
}
