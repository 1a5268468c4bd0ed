//! What Gravity writes keeps out who may not come in, tells services who came, and limits what
//! comes: by the real gateway, a real authenticator and a real Redis.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{Bed, Kubectl, Reply, Request, Traefik, tell};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::LIMIT;

const NAME: &str = "guarded";
const HOST: &str = "guarded.example.com";

/// How long a good answer of an authenticator counts, and the time to hear of another.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// Who signs tokens, and by which key of a set everybody knows it.
struct Issuer {
    key: EncodingKey,
    set: String,
}

impl Issuer {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        // A point of P-256 that is not compressed: 4, x, y (SEC 1; RFC 7518, section 6.2.1).
        let (x, y) = pair.public_key_raw()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        let key = json!({"kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "use": "sig", "x": x, "y": y});
        Self {
            key: EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).unwrap(),
            set: json!({"keys": [key]}).to_string(),
        }
    }

    /// A token of a clerk, with these claims instead.
    fn token(&self, other: &Value) -> String {
        let mut claims = json!({
            "sub": "ann", "role": "clerk", "iss": "accounts", "aud": NAME, "jti": "1",
            "exp": std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() + 600,
        });
        let other = other.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(other);
        let header = Header {
            kid: Some("one".to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        encode(&header, &claims, &self.key).unwrap()
    }
}

/// Brings the app up and asks it in every way.
pub(crate) fn who_may_not_come_in_is_kept_out(bed: &Bed, gateway: &Traefik) {
    let kubectl = bed.namespace(NAME);
    let issuer = Issuer::new();
    let objects = Bed::app("guarded.yaml").replace("$JWKS", &issuer.set);
    let started = Instant::now();
    kubectl.answer(&["apply", "--filename=-"], &objects);
    kubectl.wait(
        LIMIT,
        &[
            "wait",
            "gravityapp",
            NAME,
            "--for=condition=Ready",
            "--timeout=5s",
        ],
    );
    tell("the guarded app ready", started);
    let open = Request::get(HOST, "/answers/201");
    gateway.wait(LIMIT, &open, |reply| reply.status == 201);

    tokens_are_checked(gateway, &issuer);
    a_revoked_token_is_kept_out(&kubectl, bed, gateway, &issuer);
    others_are_asked(gateway);
    a_service_is_told_who_came_by_nobody_else(gateway, &issuer);
    what_a_page_may_do_is_said(gateway);
    a_limit_is_one_over_several_gateways(gateway);
    the_circuit_opens_and_closes(gateway);
    // Its answer would come after eight seconds, and nobody has said that five are too few.
    let slow = Request::get(HOST, "/answers/201?after=8s");
    assert_eq!(status(gateway, &slow), 504);
    let health = gateway.get(HOST, "/health").unwrap();
    assert_eq!(
        (health.status, &health.body["status"]),
        (200, &json!("Ready"))
    );
    nobody_comes_in_while_nobody_can_be_asked(&kubectl, gateway);
    kubectl.answer(&["delete", "gravityapp", NAME, "--timeout=90s"], "");
}

fn bearer(path: &str, token: &str) -> Request {
    Request::get(HOST, path).header("Authorization", &format!("Bearer {token}"))
}

fn status(gateway: &Traefik, request: &Request) -> u16 {
    gateway.send(request).unwrap().status
}

fn tokens_are_checked(gateway: &Traefik, issuer: &Issuer) {
    let asked = |other: Value| status(gateway, &bearer("/answers/200", &issuer.token(&other)));
    assert_eq!(asked(json!({})), 200);
    assert_eq!(status(gateway, &Request::get(HOST, "/answers/200")), 401);
    assert_eq!(asked(json!({"exp": 1})), 401);
    assert_eq!(asked(json!({"iss": "somebody"})), 401);
    assert_eq!(asked(json!({"aud": "else"})), 401);
    assert_eq!(asked(json!({"role": "guest"})), 403);
    let stranger = Issuer::new().token(&json!({}));
    assert_eq!(status(gateway, &bearer("/answers/200", &stranger)), 401);
    let shop = Request::get(HOST, "/answers/200").header("Cookie", "token=1");
    let refused = gateway.send(&shop).unwrap();
    assert!(
        refused
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
}

fn a_revoked_token_is_kept_out(kubectl: &Kubectl, bed: &Bed, gateway: &Traefik, issuer: &Issuer) {
    let request = bearer("/answers/200", &issuer.token(&json!({"jti": "stolen"})));
    assert_eq!(status(gateway, &request), 200);
    let way = bed.way(kubectl);
    let revoked = way.send("PUT", "accounts", "/revoked/stolen", &Value::Null);
    assert_eq!(revoked.unwrap().status, 201);
    let started = Instant::now();
    gateway.wait(FORGOTTEN, &request, |reply| reply.status == 401);
    tell("a revoked token kept out", started);
    let other = bearer("/answers/200", &issuer.token(&json!({"jti": "other"})));
    assert_eq!(status(gateway, &other), 200);
}

/// A check of the token by a service, a service as the door, keys of callers, and passwords.
fn others_are_asked(gateway: &Traefik) {
    let seen = |reply: &Reply| reply.body["headers"]["X-User-Id"].clone();
    let good = gateway.send(&bearer("/answers/202", "good-bob")).unwrap();
    assert_eq!((good.status, seen(&good)), (202, json!(["bob"])));
    assert_eq!(status(gateway, &bearer("/answers/202", "bad-bob")), 401);

    let knock = |who: &str| Request::get(HOST, "/answers/203").header("X-Knock", who);
    let friend = gateway.send(&knock("friend-eve")).unwrap();
    assert_eq!((friend.status, seen(&friend)), (203, json!(["eve"])));
    assert_eq!(status(gateway, &knock("stranger")), 403);

    let with = |key: &str| Request::get(HOST, "/answers/205").header("X-API-Key", key);
    let partner = gateway.send(&with("0123456789abcdef0123456789abcdef"));
    assert_eq!(partner.unwrap().status, 205);
    assert_eq!(
        status(gateway, &with("0123456789abcdef0123456789abcdee")),
        401
    );

    let says = |word: &str| {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("ann:{word}"));
        Request::get(HOST, "/answers/207").header("Authorization", &format!("Basic {pair}"))
    };
    assert_eq!(status(gateway, &says("open sesame")), 207);
    assert_eq!(status(gateway, &says("open barley")), 401);
}

fn a_service_is_told_who_came_by_nobody_else(gateway: &Traefik, issuer: &Issuer) {
    let seen = |request: Request| {
        let reply = gateway.send(&request.header("X-User-ID", "root")).unwrap();
        reply.body["headers"]["X-User-Id"].clone()
    };
    let mine = issuer.token(&json!({}));
    assert_eq!(seen(bearer("/answers/200", &mine)), json!(["ann"]));
    assert_eq!(seen(Request::get(HOST, "/answers/201")), Value::Null);
}

fn what_a_page_may_do_is_said(gateway: &Traefik) {
    let preflight = |origin: &str| {
        let request = Request::new("OPTIONS", HOST, "/fragile/answers/200")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "PUT");
        let reply = gateway.send(&request).unwrap();
        let header = reply.header("access-control-allow-origin");
        header.map(str::to_owned)
    };
    let shop = "https://shop.example.com";
    assert_eq!(preflight(shop).as_deref(), Some(shop));
    assert_eq!(preflight("https://evil.example.com"), None);
    let reply = gateway.get(HOST, "/fragile/answers/200").unwrap();
    assert_eq!(reply.body["path"], "/answers/200");
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
    let large =
        Request::new("POST", HOST, "/fragile/answers/200").json(&Value::from("x".repeat(2_000)));
    assert_eq!(status(gateway, &large), 413);
}

/// Five a minute, at whichever of three gateways: each for itself would let fifteen in.
fn a_limit_is_one_over_several_gateways(gateway: &Traefik) {
    gateway.scale(3);
    let request = Request::get(HOST, "/answers/208");
    let started = Instant::now();
    let statuses: Vec<u16> = (0..40).map(|_| status(gateway, &request)).collect();
    let came = statuses.iter().filter(|status| **status == 208).count();
    // One more for each twelve seconds that it took.
    let more = usize::try_from(started.elapsed().as_secs() / 12).unwrap();
    assert!((5..=5 + more).contains(&came), "{statuses:?}");
    let limited = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!(came + limited, 40, "{statuses:?}");
    gateway.scale(1);
}

fn the_circuit_opens_and_closes(gateway: &Traefik) {
    let ask = |path: &str| status(gateway, &Request::get(HOST, path));
    let started = Instant::now();
    while ask("/fragile/answers/500") != 503 {
        assert!(started.elapsed() < LIMIT, "the circuit does not open");
    }
    // What is well is not asked either.
    assert_eq!(ask("/fragile/answers/200"), 503);
    tell("the circuit open", started);
    let opened = Instant::now();
    while ask("/fragile/answers/200") != 200 {
        assert!(opened.elapsed() < LIMIT, "the circuit does not close");
        std::thread::sleep(Duration::from_millis(200));
    }
    tell("the first through it again", opened);
    assert!(
        opened.elapsed() > Duration::from_secs(5),
        "it was never open"
    );
}

/// The authenticator is gone: a token that was good a moment ago does not come in, and what is
/// open stays open.
fn nobody_comes_in_while_nobody_can_be_asked(kubectl: &Kubectl, gateway: &Traefik) {
    let suspended = json!({"spec": {"suspend": true}}).to_string();
    let patch = [
        "patch",
        "gravityapp",
        NAME,
        "--type=merge",
        "--patch",
        &suspended,
    ];
    kubectl.answer(&patch, "");
    let gone = [
        "scale",
        "deployment",
        "guarded-authenticator",
        "--replicas=0",
    ];
    kubectl.answer(&gone, "");
    let checked = bearer("/answers/202", "good-bob");
    gateway.wait(LIMIT, &checked, |reply| reply.status >= 500);
    assert_eq!(status(gateway, &Request::get(HOST, "/answers/201")), 201);
}
