//! The platform from apply to all ready: by the operator, by the oracle, and by those who
//! know no order, each on a fresh cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use local_cluster::Readiness;

use crate::audit::{Request, seconds};
use crate::bed::{Bed, NAMESPACE};
use crate::gates::{Course, course};
use crate::operator::{Operator, Used, asked};
use crate::platform::{Objects, Platform};
use crate::statistics::Sample;
use crate::table::{Line, time, times};
use crate::{Error, oracle, rivals, say};

/// The first lists of what was just installed, and their status, are no part of a bring-up.
const SETTLING: Duration = Duration::from_secs(3);

/// Who brings the platform up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// `gravity operator`.
    Operator,
    /// A client that holds the plan.
    Oracle,
    /// All at once.
    Unordered,
    /// `kubectl apply --server-side`.
    Kubectl,
    /// `helm install --wait`.
    Helm,
}

impl Contender {
    const OTHERS: [Self; 3] = [Self::Unordered, Self::Kubectl, Self::Helm];

    const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Oracle => "oracle",
            Self::Unordered => "unordered concurrent apply",
            Self::Kubectl => "kubectl apply --server-side",
            Self::Helm => "helm install --wait",
        }
    }
}

/// One bring-up.
pub struct Run {
    /// Its course, by the audit log.
    pub course: Course,
    /// From the first request until the last Deployment was ready; of the operator, from
    /// the app's creation.
    pub total: f64,
    /// What only the operator has.
    pub own: Option<Own>,
}

/// What is measured of the operator only.
pub struct Own {
    /// From the app's creation until its status said Ready.
    pub told: f64,
    /// What the bring-up used of the machine.
    pub used: Used,
    /// The operator's requests by verb.
    pub requests: BTreeMap<String, usize>,
    /// The seconds in reconciles, and their number.
    pub reconciles: (f64, f64),
}

/// Measures with one readiness, the operator and the oracle in turn.
pub async fn measure(readiness: Readiness, rounds: usize) -> Result<Vec<Line>, Error> {
    let (mut operator, mut oracle) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        say(&format!(
            "bring-up, {}: round {round} of {rounds}",
            words(readiness)
        ));
        operator.push(run(Contender::Operator, readiness).await?);
        oracle.push(run(Contender::Oracle, readiness).await?);
    }
    let mut lines = compared(readiness, &operator, &oracle);
    for contender in Contender::OTHERS {
        let mut totals = Vec::new();
        for _ in 0..rounds {
            totals.push(run(contender, readiness).await?.total);
        }
        let figure = format!("the same by {}, {}", contender.word(), words(readiness));
        lines.push(Line::new(figure, times(&Sample::new(totals)), ""));
    }
    if readiness == Readiness::Instant {
        lines.extend(gates(&operator, &oracle));
        lines.extend(cost(&operator));
    }
    Ok(lines)
}

fn words(readiness: Readiness) -> String {
    match readiness {
        Readiness::Instant => "ready at once".to_owned(),
        Readiness::After(delay) => format!("{} s to be ready", delay.as_secs_f64()),
    }
}

/// One bring-up on a fresh cluster.
pub async fn run(contender: Contender, readiness: Readiness) -> Result<Run, Error> {
    let bed = Bed::start(readiness).await?;
    let platform = Platform::read(NAMESPACE)?;
    let run = match contender {
        Contender::Operator => by_operator(&bed, platform).await,
        _ => by_other(&bed, platform, contender).await,
    };
    if let Ok(run) = &run {
        let gates = run.course.times();
        say(&format!(
            "  {}: {}, gates {} / {}, path {}",
            contender.word(),
            time(run.total),
            time(gates.median()),
            time(gates.percentile(99)),
            time(run.course.path.0),
        ));
    }
    bed.cluster.stop().await;
    run
}

/// The operator and the catalogue, with nothing left to do before the app comes.
pub async fn started(bed: &Bed, platform: &Platform) -> Result<Operator, Error> {
    let operator = Operator::start(bed).await?;
    bed.warm(&platform.objects()?.all()).await?;
    bed.fill(platform).await?;
    tokio::time::sleep(SETTLING).await;
    Ok(operator)
}

async fn by_operator(bed: &Bed, platform: Platform) -> Result<Run, Error> {
    let operator = started(bed, &platform).await?;
    let before = (operator.used()?, operator.reconciles().await?);
    let app = bed.apply(&platform).await?;
    bed.wait_until_ready(&app.name_any()).await?;
    let after = (operator.used()?, operator.reconciles().await?);
    let requests = bed.requests().await?;
    let objects = Platform { app, ..platform }.objects_with(bed.credentials().await?)?;
    operator.stop().await?;
    let (created, told) = (created(&requests)?, told(&requests)?);
    let course = course_of(requests.clone(), &objects)?;
    Ok(Run {
        total: seconds(created, course.ended),
        course,
        own: Some(Own {
            told: seconds(created, told),
            used: Used {
                cpu: after.0.cpu - before.0.cpu,
                ..after.0
            },
            requests: by_verb(&requests, created, told),
            reconciles: (after.1.0 - before.1.0, after.1.1 - before.1.1),
        }),
    })
}

async fn by_other(bed: &Bed, platform: Platform, contender: Contender) -> Result<Run, Error> {
    bed.install().await?;
    bed.fill(&platform).await?;
    // Owner references must name an app that is there, or all is collected as garbage.
    let app = bed.apply(&platform).await?;
    let objects = Platform { app, ..platform }.objects()?;
    bed.warm(&objects.all()).await?;
    tokio::time::sleep(SETTLING).await;
    match contender {
        Contender::Unordered => rivals::unordered(bed, &objects.all()).await?,
        Contender::Kubectl => rivals::kubectl(bed, &objects.all()).await?,
        Contender::Helm => rivals::helm(bed, &objects.all()).await?,
        Contender::Oracle | Contender::Operator => {
            oracle::bring_up(&bed.client, &objects).await?;
        }
    }
    let course = course_of(bed.requests().await?, &objects)?;
    Ok(Run {
        total: course.total(),
        course,
        own: None,
    })
}

fn course_of(mut requests: Vec<Request>, objects: &Objects) -> Result<Course, Error> {
    // The warm-up had no effect.
    requests.retain(|request| !request.is_dry_run());
    course(&requests, &objects.plan, &objects.all())
        .ok_or_else(|| Error::Unrecorded("the readiness of every Deployment".to_owned()))
}

fn created(requests: &[Request]) -> Result<Timestamp, Error> {
    let creates = |request: &&Request| {
        request.verb == "create" && request.is_on("gravity.dev", "gravityapps", "")
    };
    let found = requests.iter().find(creates);
    found
        .map(|request| request.received)
        .ok_or_else(|| Error::Unrecorded("the creation of the app".to_owned()))
}

fn told(requests: &[Request]) -> Result<Timestamp, Error> {
    let ready = |request: &&Request| {
        let conditions = request.request_object.as_ref();
        let conditions = conditions.and_then(|body| body.pointer("/status/conditions")?.as_array());
        let is_ready = |condition: &serde_json::Value| {
            condition["type"] == "Ready" && condition["status"] == "True"
        };
        request.writes_status("gravity.dev", "gravityapps")
            && conditions.is_some_and(|conditions| conditions.iter().any(is_ready))
    };
    let found = requests.iter().find(ready);
    found
        .map(|request| request.answered)
        .ok_or_else(|| Error::Unrecorded("the app's Ready".to_owned()))
}

/// The operator's requests between two moments, by verb; applies are told from patches.
pub fn by_verb(requests: &[Request], from: Timestamp, to: Timestamp) -> BTreeMap<String, usize> {
    let mut numbers = BTreeMap::new();
    let own = |request: &&Request| asked(request) && request.stage == "ResponseComplete";
    for request in requests.iter().filter(own) {
        if request.received >= from && request.received <= to {
            *numbers.entry(request.verb.clone()).or_default() += 1;
        }
    }
    numbers
}

fn compared(readiness: Readiness, operator: &[Run], oracle: &[Run]) -> Vec<Line> {
    let sample = |runs: &[Run]| runs.iter().map(|run| run.total).collect::<Sample>();
    let (own, best) = (sample(operator), sample(oracle));
    let ratio = own.median() / best.median();
    let told: Sample = operator
        .iter()
        .filter_map(|run| Some(run.own.as_ref()?.told))
        .collect();
    let words = words(readiness);
    vec![
        Line::new(
            format!("52 services, apply to all Ready, {words}"),
            times(&own),
            format!("oracle {}", times(&best)),
        ),
        Line::new(
            format!("operator / oracle, {words}"),
            format!("{ratio:.2}"),
            "oracle = 1",
        )
        .goal("<= 1.15", ratio <= 1.15),
        Line::new(
            format!("until the app's status says Ready, {words}"),
            times(&told),
            "",
        ),
    ]
}

fn gates(operator: &[Run], oracle: &[Run]) -> Vec<Line> {
    let all = |runs: &[Run]| {
        runs.iter()
            .flat_map(|run| run.course.gates.values().copied())
            .collect::<Sample>()
    };
    let paths = |runs: &[Run]| runs.iter().map(|run| run.course.path.0).collect::<Sample>();
    let (own, best) = (all(operator), all(oracle));
    let (path, best_path) = (paths(operator), paths(oracle));
    let beside = |value: f64| format!("oracle {}", time(value));
    let p99 = own.percentile(99);
    vec![
        Line::new(
            "dependency ready to dependent created, p50",
            time(own.median()),
            beside(best.median()),
        ),
        Line::new(
            "dependency ready to dependent created, p99",
            time(p99),
            beside(best.percentile(99)),
        )
        .goal("< 50 ms", p99 < 0.05),
        Line::new(
            "summed over the critical path",
            times(&path),
            beside(best_path.median()),
        )
        .goal("< 200 ms", path.median() < 0.2),
    ]
}

/// What the bring-up cost, of the round in the middle.
fn cost(operator: &[Run]) -> Vec<Line> {
    let own = || operator.iter().filter_map(|run| run.own.as_ref());
    let cpu: Sample = own().map(|own| own.used.cpu).collect();
    let peak: Sample = own().map(|own| own.used.peak).collect();
    let Some(one) = own().next_back() else {
        return Vec::new();
    };
    let requests: Vec<String> = one
        .requests
        .iter()
        .map(|(verb, number)| format!("{number} {verb}"))
        .collect();
    let sum: usize = one.requests.values().sum();
    let (time_in, number) = one.reconciles;
    vec![
        Line::new("bring-up: processor time of the operator", times(&cpu), ""),
        Line::new(
            "bring-up: peak memory",
            format!("{:.1} MiB", peak.median()),
            "",
        ),
        Line::new("bring-up: requests", sum.to_string(), requests.join(", ")),
        Line::new(
            "bring-up: reconciles",
            format!("{number:.0}"),
            format!("{} each, {} in all", time(time_in / number), time(time_in)),
        ),
    ]
}
