//! Traefik's Middlewares, as far as Gravity writes them (doc.traefik.io, "HTTP Middlewares").

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::validate::{CircuitBreaker, Cors, RateLimit, Traffic};

/// The `spec` of a Middleware: its kind, and what that kind takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Middleware {
    /// Lets only some networks in.
    IpAllowList {
        source_range: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ip_strategy: Option<IpStrategy>,
    },
    /// Sets headers, and answers preflights.
    Headers(Headers),
    /// Lets so many requests of one client in.
    RateLimit {
        average: i32,
        period: String,
        burst: i32,
        #[serde(skip_serializing_if = "Option::is_none")]
        source_criterion: Option<SourceCriterion>,
        #[serde(skip_serializing_if = "Option::is_none")]
        redis: Option<Redis>,
    },
    /// Lets so many requests be under way.
    InFlightReq { amount: i32 },
    /// Reads a body whole, and refuses one that is too large.
    Buffering { max_request_body_bytes: i64 },
    /// Asks another whether a request may come in.
    ForwardAuth {
        address: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        auth_request_headers: Vec<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        auth_response_headers: Vec<String>,
    },
    /// Asks for a name and a password.
    BasicAuth { secret: String, remove_header: bool },
    /// Leaves a service alone that fails.
    CircuitBreaker {
        expression: String,
        check_period: String,
        fallback_duration: String,
        recovery_duration: String,
    },
    /// Sends a request again.
    Retry {
        attempts: i32,
        initial_interval: String,
    },
    /// Compresses answers.
    Compress { encodings: Vec<&'static str> },
    /// Takes the prefix away.
    StripPrefix { prefixes: Vec<String> },
    /// Puts another path in the place of the prefix.
    ReplacePathRegex { regex: String, replacement: String },
    /// Puts another path in the place of the whole.
    ReplacePath { path: String },
    /// Sends a client to https.
    RedirectScheme {
        scheme: &'static str,
        permanent: bool,
    },
}

/// Which address of X-Forwarded-For is the client's, counted from the last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IpStrategy {
    pub depth: i32,
}

/// What tells one client from another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceCriterion {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_header_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_strategy: Option<IpStrategy>,
}

/// The Redis in which the gateway's replicas count together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Redis {
    pub endpoints: Vec<String>,
    pub secret: String,
}

/// Headers that are set, and the answers to preflights.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Headers {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_request_headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_response_headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_control_allow_origin_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_control_allow_methods: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_control_allow_headers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_control_expose_headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_control_allow_credentials: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_control_max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_vary_header: Option<bool>,
}

/// Where a Middleware stands among those of a rule: the first sees a request first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Before all else: nothing is spent on a client that may not come in.
    Networks,
    /// A preflight is answered for everybody, for browsers send no token with it.
    Cors,
    /// Before the token is checked, for that costs more than to count.
    RateLimit,
    InFlight,
    BodySize,
    /// Before the one that sets them.
    Identity,
    Authentication,
    Headers,
    /// Somebody else's see who came in.
    Others,
    Compression,
    /// Around the retries: one request that fails thrice fails once.
    CircuitBreaker,
    Retries,
    /// The last: all others see the path that was asked for.
    Rewrite,
}

impl Place {
    /// The word in the names of objects.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Networks => "networks",
            Self::Cors => "cors",
            Self::RateLimit => "rate-limit",
            Self::InFlight => "in-flight",
            Self::BodySize => "body-size",
            Self::Identity => "identity",
            Self::Authentication => "authentication",
            Self::Headers => "headers",
            Self::Others => "others",
            Self::Compression => "compression",
            Self::CircuitBreaker => "circuit-breaker",
            Self::Retries => "retries",
            Self::Rewrite => "rewrite",
        }
    }
}

/// The first wait before a request is sent again; each further one is longer by half.
const FIRST_WAIT: &str = "100ms";
/// How often the state of a circuit is looked at.
const CHECK_PERIOD: &str = "100ms";

/// The Middlewares that one layer asks for, by their place.
pub fn of_traffic(
    traffic: &Traffic,
    proxies: i32,
    store: Option<&Redis>,
) -> BTreeMap<Place, Middleware> {
    let Traffic {
        timeout: _,
        retries,
        headers,
        cors,
        compression,
        max_body_size,
        max_in_flight,
        allowed_networks,
        rate_limit,
        circuit_breaker,
        sticky_session: _,
        middlewares: _,
    } = traffic;
    let strategy = (proxies > 0).then_some(IpStrategy { depth: proxies });
    let all = [
        (
            Place::Networks,
            allowed_networks
                .clone()
                .map(|source_range| Middleware::IpAllowList {
                    source_range,
                    ip_strategy: strategy.clone(),
                }),
        ),
        (Place::Cors, cors.as_ref().map(self::cors)),
        (
            Place::RateLimit,
            rate_limit
                .as_ref()
                .map(|limit| self::rate_limit(limit, strategy, store)),
        ),
        (
            Place::InFlight,
            max_in_flight.map(|amount| Middleware::InFlightReq { amount }),
        ),
        (
            Place::BodySize,
            max_body_size.map(|max_request_body_bytes| Middleware::Buffering {
                max_request_body_bytes,
            }),
        ),
        (
            Place::Headers,
            headers.clone().map(|headers| {
                Middleware::Headers(Headers {
                    custom_request_headers: headers.request,
                    custom_response_headers: headers.response,
                    ..Headers::default()
                })
            }),
        ),
        (
            Place::Compression,
            // What every browser of the last ten years takes, the best first.
            (*compression == Some(true)).then(|| Middleware::Compress {
                encodings: vec!["zstd", "br", "gzip"],
            }),
        ),
        (
            Place::CircuitBreaker,
            circuit_breaker.as_ref().map(self::circuit_breaker),
        ),
        (
            Place::Retries,
            retries.filter(|retries| *retries > 0).map(self::retries),
        ),
    ];
    all.into_iter()
        .filter_map(|(place, middleware)| Some((place, middleware?)))
        .collect()
}

fn cors(cors: &Cors) -> Middleware {
    Middleware::Headers(Headers {
        access_control_allow_origin_list: cors.origins.clone(),
        access_control_allow_methods: cors.methods.clone(),
        access_control_allow_headers: cors.headers.clone(),
        access_control_expose_headers: cors.expose.clone(),
        access_control_allow_credentials: cors.credentials.then_some(true),
        access_control_max_age: Some(cors.max_age.as_secs()),
        add_vary_header: Some(true),
        ..Headers::default()
    })
}

fn rate_limit(
    limit: &RateLimit,
    ip_strategy: Option<IpStrategy>,
    store: Option<&Redis>,
) -> Middleware {
    let by_header = limit.header.clone().map(|name| SourceCriterion {
        request_header_name: Some(name),
        ip_strategy: None,
    });
    let by_address = ip_strategy.map(|strategy| SourceCriterion {
        request_header_name: None,
        ip_strategy: Some(strategy),
    });
    Middleware::RateLimit {
        average: limit.average,
        period: text(limit.period),
        burst: limit.burst,
        source_criterion: by_header.or(by_address),
        redis: store.cloned(),
    }
}

/// A request without an answer is a failure as one that is answered by 5xx.
fn circuit_breaker(breaker: &CircuitBreaker) -> Middleware {
    let failures = breaker.failure_ratio.map(|hundredths| {
        let share = f64::from(hundredths) / 100.0;
        format!(
            "NetworkErrorRatio() > {share:.2} || ResponseCodeRatio(500, 600, 0, 600) > {share:.2}"
        )
    });
    let latency = breaker
        .latency
        .map(|latency| format!("LatencyAtQuantileMS(50.0) > {}", latency.as_millis()));
    let parts: Vec<String> = failures.into_iter().chain(latency).collect();
    Middleware::CircuitBreaker {
        expression: parts.join(" || "),
        check_period: CHECK_PERIOD.to_owned(),
        fallback_duration: text(breaker.recovery),
        recovery_duration: text(breaker.recovery),
    }
}

/// Traefik counts the first attempt, too, and tries again only what it has not sent: that may
/// be done with any method.
fn retries(retries: i32) -> Middleware {
    Middleware::Retry {
        attempts: retries + 1,
        initial_interval: FIRST_WAIT.to_owned(),
    }
}

/// A duration, as Go reads it.
pub fn text(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

/// The Middleware that puts `rewrite` in the place of `prefix`.
pub fn rewrite(prefix: &str, rewrite: &str) -> Middleware {
    if rewrite.is_empty() {
        return Middleware::StripPrefix {
            prefixes: vec![prefix.to_owned()],
        };
    }
    let prefix = prefix.trim_end_matches('/');
    Middleware::ReplacePathRegex {
        regex: format!("^{}(/.*)?$", literal(prefix)),
        replacement: format!("{}$1", rewrite.replace('$', "$$")),
    }
}

/// A text as a regular expression that fits nothing else (RE2's syntax).
pub fn literal(text: &str) -> String {
    let special = |letter: char| r"\.+*?()|[]{}^$".contains(letter);
    text.chars()
        .flat_map(|letter| special(letter).then_some('\\').into_iter().chain([letter]))
        .collect()
}
