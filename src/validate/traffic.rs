//! What a gateway does with requests: [`api::traffic::Traffic`](crate::api::traffic::Traffic)
//! → [`Traffic`].

use std::collections::BTreeMap;
use std::time::Duration;

use super::report::Report;
use super::value::duration::{duration, fine_duration};
use super::value::{cidr, header, name, quantity};
use crate::api::IntOrText;
use crate::api::quantity::{ONE, nanos};
use crate::api::traffic::{self as stated, Headers};

/// What one layer says of requests; what it leaves out, a weaker one says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// How long a service may take to begin its answer.
    pub timeout: Option<Duration>,
    /// How often a request is sent again that cannot have reached a pod.
    pub retries: Option<i32>,
    /// Headers that are set or taken away.
    pub headers: Option<Headers>,
    /// Which pages may call the service.
    pub cors: Option<Cors>,
    /// Whether answers are compressed.
    pub compression: Option<bool>,
    /// The largest body, in bytes.
    pub max_body_size: Option<i64>,
    /// How many requests may be under way at once.
    pub max_in_flight: Option<i32>,
    /// The only networks that may come in.
    pub allowed_networks: Option<Vec<String>>,
    /// How many requests one client may send.
    pub rate_limit: Option<RateLimit>,
    /// When a service is left alone.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// The cookie by which a client comes to the same pod again; its own name when empty.
    pub sticky_session: Option<StickySession>,
    /// Traefik's Middlewares that somebody else makes.
    pub middlewares: Option<Vec<String>>,
}

/// Which pages may call a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The origins.
    pub origins: Vec<String>,
    /// The methods.
    pub methods: Vec<String>,
    /// The headers that a page may send.
    pub headers: Vec<String>,
    /// The headers that a page may read.
    pub expose: Vec<String>,
    /// Whether a page may send cookies.
    pub credentials: bool,
    /// How long a browser may keep the answer.
    pub max_age: Duration,
}

/// How many requests one client may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// In each period.
    pub average: i32,
    /// The period.
    pub period: Duration,
    /// At once.
    pub burst: i32,
    /// The header that names the client; its address when absent.
    pub header: Option<String>,
}

/// When a service is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// The share of failures, in hundredths.
    pub failure_ratio: Option<u8>,
    /// The median time of an answer.
    pub latency: Option<Duration>,
    /// How long it stays open, and again until it takes all requests.
    pub recovery: Duration,
}

/// The cookie of a sticky session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StickySession {
    /// Its name, where one is stated.
    pub cookie: Option<String>,
}

impl Traffic {
    /// What this layer says, and what it leaves out from a weaker one.
    pub fn over(&self, weaker: &Self) -> Self {
        let Self {
            timeout,
            retries,
            headers,
            cors,
            compression,
            max_body_size,
            max_in_flight,
            allowed_networks,
            rate_limit,
            circuit_breaker,
            sticky_session,
            middlewares,
        } = self.clone();
        let weaker = weaker.clone();
        Self {
            timeout: timeout.or(weaker.timeout),
            retries: retries.or(weaker.retries),
            headers: headers.or(weaker.headers),
            cors: cors.or(weaker.cors),
            compression: compression.or(weaker.compression),
            max_body_size: max_body_size.or(weaker.max_body_size),
            max_in_flight: max_in_flight.or(weaker.max_in_flight),
            allowed_networks: allowed_networks.or(weaker.allowed_networks),
            rate_limit: rate_limit.or(weaker.rate_limit),
            circuit_breaker: circuit_breaker.or(weaker.circuit_breaker),
            sticky_session: sticky_session.or(weaker.sticky_session),
            middlewares: middlewares.or(weaker.middlewares),
        }
    }
}

/// How long the answer to a preflight is kept where nothing is said: browsers keep it for two
/// hours at most, and a change should be seen within a coffee break.
const PREFLIGHT: Duration = Duration::from_mins(10);
/// What a page may do without asking (Fetch standard, "CORS-safelisted method").
const SAFE_METHODS: [&str; 3] = ["GET", "HEAD", "POST"];
/// How long an open circuit stays open. Platforms ask for less than a minute, twice this.
const RECOVERY: Duration = Duration::from_secs(10);
/// After which time a circuit counts as broken for good.
const LONGEST_RECOVERY: Duration = Duration::from_mins(10);

/// Checks one layer.
pub(super) fn traffic(stated: Option<&stated::Traffic>, at: &str, report: &mut Report) -> Traffic {
    let Some(stated) = stated else {
        return Traffic::default();
    };
    let list = |items: &[String]| (!items.is_empty()).then(|| items.to_vec());
    for (index, each) in stated.allowed_networks.iter().enumerate() {
        report.check(
            format!("{at}.allowedNetworks[{index}]"),
            cidr::network(each),
        );
    }
    for (index, each) in stated.middlewares.iter().enumerate() {
        report.check(format!("{at}.middlewares[{index}]"), name::object(each));
    }
    let timeout = stated.timeout.as_deref().map(duration).transpose();
    Traffic {
        timeout: report.check(format!("{at}.timeout"), timeout).flatten(),
        retries: within(stated.retries, 0, 10, &format!("{at}.retries"), report),
        headers: headers(stated.headers.as_ref(), at, report),
        cors: stated.cors.as_ref().map(|each| cors(each, at, report)),
        compression: stated.compression,
        max_body_size: body_size(stated.max_body_size.as_ref(), at, report),
        max_in_flight: within(
            stated.max_in_flight,
            1,
            10_000,
            &format!("{at}.maxInFlight"),
            report,
        ),
        allowed_networks: list(&stated.allowed_networks),
        rate_limit: stated
            .rate_limit
            .as_ref()
            .map(|each| rate_limit(each, at, report)),
        circuit_breaker: stated
            .circuit_breaker
            .as_ref()
            .map(|each| circuit_breaker(each, at, report)),
        sticky_session: stated
            .sticky_session
            .as_ref()
            .map(|each| sticky_session(each, at, report)),
        middlewares: list(&stated.middlewares),
    }
}

fn within(
    number: Option<i32>,
    least: i32,
    most: i32,
    at: &str,
    report: &mut Report,
) -> Option<i32> {
    if let Some(number) = number.filter(|number| !(least..=most).contains(number)) {
        report.add(
            at,
            format!("{number} is out of range: write {least} to {most}"),
        );
    }
    number
}

fn headers(stated: Option<&Headers>, at: &str, report: &mut Report) -> Option<Headers> {
    let stated = stated?;
    for (side, headers) in [("request", &stated.request), ("response", &stated.response)] {
        for (name, value) in headers {
            let at = format!("{at}.headers.{side}.{name}");
            report.check(&at, header::header(name));
            report.check(&at, header::value(value));
        }
    }
    Some(stated.clone())
}

/// Names of headers, each at its place.
pub(super) fn header_names(names: &[String], at: &str, report: &mut Report) {
    for (index, each) in names.iter().enumerate() {
        report.check(format!("{at}[{index}]"), header::header(each));
    }
}

/// Headers by the names of claims.
pub(super) fn headers_by_claim(headers: &BTreeMap<String, String>, at: &str, report: &mut Report) {
    for (claim, name) in headers {
        report.check(format!("{at}.{claim}"), header::header(name));
    }
}

/// Methods of HTTP, each at its place.
pub(super) fn methods(methods: &[String], at: &str, report: &mut Report) {
    const ALL: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    for (index, each) in methods.iter().enumerate() {
        if !ALL.contains(&each.as_str()) {
            let at = format!("{at}[{index}]");
            report.add(
                at,
                format!("{each:?} is no method: write one of {}", ALL.join(", ")),
            );
        }
    }
}

fn cors(stated: &stated::Cors, at: &str, report: &mut Report) -> Cors {
    let at = format!("{at}.cors");
    if stated.allow_origins.is_empty() {
        report.add(
            format!("{at}.allowOrigins"),
            "is empty: name the origins of the pages, as https://shop.example.com",
        );
    }
    for (index, each) in stated.allow_origins.iter().enumerate() {
        report.check(format!("{at}.allowOrigins[{index}]"), header::origin(each));
    }
    let credentials = stated.allow_credentials.unwrap_or(false);
    if credentials && stated.allow_origins.iter().any(|origin| origin == "*") {
        report.add(
            format!("{at}.allowCredentials"),
            "goes with named origins only, for browsers refuse it with *: name the origins, or take allowCredentials out",
        );
    }
    methods(&stated.allow_methods, &format!("{at}.allowMethods"), report);
    header_names(&stated.allow_headers, &format!("{at}.allowHeaders"), report);
    header_names(
        &stated.expose_headers,
        &format!("{at}.exposeHeaders"),
        report,
    );
    let max_age = stated.max_age.as_deref().map(duration).transpose();
    let methods = match stated.allow_methods.as_slice() {
        [] => SAFE_METHODS.map(str::to_owned).to_vec(),
        stated => stated.to_vec(),
    };
    Cors {
        origins: stated.allow_origins.clone(),
        methods,
        headers: stated.allow_headers.clone(),
        expose: stated.expose_headers.clone(),
        credentials,
        max_age: report
            .check(format!("{at}.maxAge"), max_age)
            .flatten()
            .unwrap_or(PREFLIGHT),
    }
}

fn body_size(stated: Option<&IntOrText>, at: &str, report: &mut Report) -> Option<i64> {
    let text = stated?.to_string();
    let at = format!("{at}.maxBodySize");
    let amount = report.check(&at, quantity::amount("memory", &text))?;
    if amount.is_zero() {
        report.add(
            at,
            "0 lets no body in: write a size as 10Mi, or take it out",
        );
    }
    nanos(&text).and_then(|nanos| i64::try_from(nanos / ONE).ok())
}

fn rate_limit(stated: &stated::RateLimit, at: &str, report: &mut Report) -> RateLimit {
    let at = format!("{at}.rateLimit");
    let most = 1_000_000;
    for (field, number) in [("average", Some(stated.average)), ("burst", stated.burst)] {
        let field = format!("{at}.{field}");
        if number == Some(0) {
            report.add(
                field,
                "0 lets nobody in: write 1 or more, or take rateLimit out",
            );
        } else {
            within(number, 1, most, &field, report);
        }
    }
    let period = stated.period.as_deref().map(duration).transpose();
    if let Some(name) = &stated.header {
        report.check(format!("{at}.header"), header::header(name));
    }
    RateLimit {
        average: stated.average,
        period: report
            .check(format!("{at}.period"), period)
            .flatten()
            .unwrap_or(Duration::from_secs(1)),
        burst: stated.burst.unwrap_or(stated.average),
        header: stated.header.clone(),
    }
}

fn circuit_breaker(
    stated: &stated::CircuitBreaker,
    at: &str,
    report: &mut Report,
) -> CircuitBreaker {
    let at = format!("{at}.circuitBreaker");
    if stated.failure_ratio.is_none() && stated.latency.is_none() {
        report.add(
            &at,
            "says not what opens the circuit: write failureRatio, as 30%, or latency, as 1s",
        );
    }
    let ratio = stated.failure_ratio.as_deref().map(percentage).transpose();
    let latency = stated.latency.as_deref().map(fine_duration).transpose();
    let recovery = stated.recovery.as_deref().map(duration).transpose();
    let recovery = report.check(format!("{at}.recovery"), recovery).flatten();
    if recovery.is_some_and(|recovery| recovery > LONGEST_RECOVERY) {
        report.add(
            format!("{at}.recovery"),
            "is longer than ten minutes, in which a service that is well again gets no request: write less, as 10s",
        );
    }
    CircuitBreaker {
        failure_ratio: report.check(format!("{at}.failureRatio"), ratio).flatten(),
        latency: report.check(format!("{at}.latency"), latency).flatten(),
        recovery: recovery.unwrap_or(RECOVERY),
    }
}

fn percentage(text: &str) -> Result<u8, String> {
    text.strip_suffix('%')
        .and_then(|number| number.parse().ok())
        .filter(|number| (1..=100).contains(number))
        .ok_or_else(|| format!("{text:?} is no share: write 1% to 100%, as 30%"))
}

fn sticky_session(stated: &stated::StickySession, at: &str, report: &mut Report) -> StickySession {
    if let Some(cookie) = &stated.cookie {
        report.check(format!("{at}.stickySession.cookie"), header::header(cookie));
    }
    StickySession {
        cookie: stated.cookie.clone(),
    }
}
