//! What runs but is gone from the catalogue: nothing that runs may change because a
//! GravityService was deleted.

use semver::{Version, VersionReq};

use super::candidates::{APP, APP_VERSION, Candidates, Id};
use super::clash::Asked;
use super::error::{Cause, Loss, Mend, Problem};
use super::explain::asker;
use super::facts::{rejected_text, versions_text};
use super::solve::{Chosen, Relaxed, solve};

/// What was chosen although it is not in the catalogue any more. It is kept, so nothing
/// that runs changes, but there is nothing to plan from.
pub(super) fn gone(candidates: &Candidates<'_>, chosen: &Chosen) -> Vec<Problem> {
    chosen
        .iter()
        .filter(|(id, number)| candidates.valid(**id, **number).is_none())
        .filter_map(|(id, number)| {
            let version = candidates.version(*id, *number)?;
            Some(gone_problem(candidates, chosen, *id, version))
        })
        .collect()
}

fn gone_problem(
    candidates: &Candidates<'_>,
    chosen: &Chosen,
    id: Id,
    version: &Version,
) -> Problem {
    let service = candidates.name(id).to_owned();
    let mut facts = gone_askers(candidates, chosen, id);
    facts.push(match versions_text(candidates, id, false) {
        others if others.is_empty() => format!("no other version of {service} can be used"),
        others => format!("{service} exists as {others}"),
    });
    let written = version.to_string();
    let rejected = candidates
        .rejected_of(id)
        .find(|rejected| rejected.version == written);
    facts.extend(rejected.map(rejected_text));
    let (loss, mend) = match rejected {
        Some(rejected) => (
            Loss::Rejected,
            format!(
                "correct the GravityService {}/{}",
                rejected.namespace, rejected.object
            ),
        ),
        None => (
            Loss::Gone,
            format!("apply the GravityService of {service} {version} again"),
        ),
    };
    let mut mends = vec![mend];
    mends.extend(instead_of_gone(candidates, id, version));
    Problem {
        cause: Cause::LockedGone {
            service,
            version: version.clone(),
            loss,
        },
        facts,
        mends: mends.into_iter().map(Mend::from).collect(),
    }
}

fn gone_askers(candidates: &Candidates<'_>, chosen: &Chosen, id: Id) -> Vec<String> {
    let app = (&APP, &APP_VERSION);
    std::iter::once(app)
        .chain(chosen)
        .flat_map(|(by, number)| {
            let asks = candidates.asks(*by, *number).into_iter();
            asks.filter(|ask| ask.target == id).map(|ask| {
                let admitted = candidates.admitted(ask);
                let asked = Asked {
                    by: *by,
                    number: *number,
                    ask,
                    admitted,
                };
                let who = asker(candidates, &asked);
                format!("{who} {} {}", candidates.name(id), ask.range())
            })
        })
        .collect()
}

/// A range for the app that leaves behind what runs but is gone, so that one of the
/// versions that exist is chosen.
fn instead_of_gone(candidates: &Candidates<'_>, id: Id, gone: &Version) -> Option<String> {
    let relaxed = Relaxed {
        existing_only: true,
        ..Relaxed::default()
    };
    let chosen = solve(candidates, &relaxed).0.ok()?;
    let version = candidates.version(id, *chosen.get(&id)?)?;
    let wide = VersionReq::parse(&format!("^{version}")).ok()?;
    // The range must not admit what is gone, or nothing would change.
    let sign = if wide.matches(gone) { "=" } else { "^" };
    let app = candidates.app;
    let name = candidates.name(id);
    Some(format!(
        "let GravityApp {}/{} ask for {name} {sign}{version}, which gives {name} {version}",
        app.namespace, app.name
    ))
}
