//! What is done with the requests of a rule: Middlewares, in the order in which they see one.

use std::collections::BTreeMap;

use super::Made;
use super::middleware::{self, Headers, Middleware, Place};
use super::objects::Reference;
use crate::api::objects::Kind;
use crate::plan::companion;
use crate::plan::route::front::{Front, name_of};
use crate::plan::route::policy_name;
use crate::plan::route::rule::{Layer, Rule, Rules};
use crate::plan::wanted::Wanted;
use crate::validate::{Access, Traffic};

/// The Middlewares of a rule, the first of which sees a request first.
pub(super) fn chain(
    wanted: &Wanted,
    rules: &Rules,
    rule: &Rule,
    front: &mut Front,
    made: &mut Made,
) -> Vec<Reference> {
    let proxies = wanted.app.gateway.proxies;
    let of = |traffic: &Traffic, front: &Front| {
        middleware::of_traffic(traffic, proxies, front.store.as_ref())
    };
    let weaker = [
        (Layer::App, of(&rules.app, front)),
        (Layer::Service, of(&rules.service, front)),
    ];
    let stated = of(&rule.traffic, front)
        .into_iter()
        .map(|(place, middleware)| {
            let same = |(_, weaker): &&(Layer, BTreeMap<Place, Middleware>)| {
                weaker.get(&place) == Some(&middleware)
            };
            let layer = weaker
                .iter()
                .find(same)
                .map_or(Layer::Path, |(layer, _)| *layer);
            (place, layer, middleware)
        });
    let mut all: Vec<(Place, Layer, Middleware)> = stated.collect();
    all.extend(identity(front));
    let (access, layer) = rule.access;
    let asks = authentication(access, layer, wanted, rule, front);
    all.extend(asks.map(|middleware| (Place::Authentication, layer, middleware)));
    let rewrite = rule
        .rewrite
        .map(|(prefix, path)| middleware::rewrite(prefix, path));
    all.extend(rewrite.map(|middleware| (Place::Rewrite, Layer::Service, middleware)));
    all.sort_by_key(|(place, ..)| *place);
    let mut references: Vec<(Place, Reference)> = Vec::new();
    for (place, layer, middleware) in all {
        let name = name_of(&wanted.app.name, wanted.name(), rule, layer, place.word());
        made.add((Kind::Middleware, layer, &name), &middleware, wanted, front);
        references.push((place, Reference { name }));
    }
    let others = rule.traffic.middlewares.iter().flatten();
    references.extend(others.map(|name| (Place::Others, Reference { name: name.clone() })));
    references.sort_by_key(|(place, _)| *place);
    references
        .into_iter()
        .map(|(_, reference)| reference)
        .collect()
}

/// Takes away what only who checks may say: a client could else call itself whom it likes,
/// on a path that is open to all. An empty text takes a header away.
fn identity(front: &Front) -> Option<(Place, Layer, Middleware)> {
    if front.identity.is_empty() {
        return None;
    }
    let spellings = front.identity_spellings().into_iter();
    let taken = spellings.map(|name| (name, String::new()));
    let headers = Headers {
        custom_request_headers: taken.collect(),
        ..Headers::default()
    };
    Some((Place::Identity, Layer::App, Middleware::Headers(headers)))
}

fn authentication(
    access: &Access,
    layer: Layer,
    wanted: &Wanted,
    rule: &Rule,
    front: &Front,
) -> Option<Middleware> {
    let address = match access {
        Access::Everybody => return None,
        // A password is for the gateway, and no service should come to know it.
        Access::Basic(secret) => {
            return Some(Middleware::BasicAuth {
                secret: secret.clone(),
                remove_header: true,
            });
        }
        Access::Forward(forward) => front.url(&forward.service, &forward.path),
        Access::Jwt(_) | Access::TokenCheck(_) | Access::ApiKey(_) => {
            companion::check_url(wanted.app, &policy(wanted, rule, layer))
        }
    };
    Some(Middleware::ForwardAuth {
        address,
        auth_request_headers: companion::asked_headers(access),
        auth_response_headers: access.identity_headers(),
    })
}

/// The name of the policy by which the authenticator checks.
fn policy(wanted: &Wanted, rule: &Rule, layer: Layer) -> String {
    policy_name(wanted.name(), &rule.name, layer)
}
