//! The whole way of a check, with keys that are made here.

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A pair of keys of ECDSA, as PEM.
fn pair() -> (String, String) {
    let pair = rcgen::KeyPair::generate().unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

fn good() -> Value {
    json!({"sub": "ann", "role": "clerk", "iss": "https://id", "aud": "shop", "exp": now() + 60, "jti": "1"})
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = good();
    claims[field] = value;
    claims
}

fn signed(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

/// An authenticator that checks by one policy, of which these lines say more.
struct Bed {
    authenticator: Authenticator,
    _folder: tempfile::TempDir,
}

fn bed(key: &str, more: Value) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, key).unwrap();
    let mut policy = json!({
        "type": "jwt", "key": {"file": file}, "algorithms": ["RS256", "ES256", "HS256"],
        "issuer": "https://id", "audiences": ["shop"], "headers": {"sub": "X-User-ID"},
    });
    for (name, value) in more.as_object().unwrap() {
        policy[name] = value.clone();
    }
    let settings = serde_json::from_value(json!({"policies": {"app": policy}})).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    Bed {
        authenticator: Authenticator::new(settings, |_| None).unwrap(),
        _folder: folder,
    }
}

impl Bed {
    async fn ask(&self, token: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        self.authenticator.check("app", &headers).await
    }
}

#[tokio::test]
async fn a_good_token_comes_in_and_says_who_it_is() {
    let (private, public) = pair();
    let bed = bed(&public, json!({}));
    let key = EncodingKey::from_ec_pem(private.as_bytes()).unwrap();
    let Answer::Allowed(headers) = bed.ask(&signed(Algorithm::ES256, &key, &good())).await else {
        panic!("the token is good")
    };
    assert_eq!(headers["x-user-id"], "ann");
}

#[tokio::test]
async fn what_is_wrong_with_a_token_keeps_it_out() {
    let (private, public) = pair();
    let bed = bed(&public, json!({"required": {"role": ["admin", "clerk"]}}));
    let key = EncodingKey::from_ec_pem(private.as_bytes()).unwrap();
    let stranger = EncodingKey::from_ec_pem(pair().0.as_bytes()).unwrap();
    let of = async |claims: Value| bed.ask(&signed(Algorithm::ES256, &key, &claims)).await;
    let why = async |claims: Value| match of(claims).await {
        Answer::Unknown("invalid_token", why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(with("exp", json!(now() - 31))).await,
        "the token has expired"
    );
    assert_eq!(
        why(with("nbf", json!(now() + 60))).await,
        "the token is not valid yet"
    );
    assert_eq!(
        why(with("aud", json!("bank"))).await,
        "the token is for somebody else"
    );
    assert_eq!(
        why(with("iss", json!("https://evil"))).await,
        "the token is of somebody else"
    );
    let mut lacking = good();
    lacking.as_object_mut().unwrap().remove("exp");
    assert_eq!(why(lacking).await, "the token lacks a claim");
    assert_eq!(of(with("role", json!("guest"))).await, Answer::Forbidden);
    assert_eq!(of(with("sub", json!("a\nb"))).await, Answer::Forbidden);
    // Within the leeway of two clocks.
    assert_eq!(of(with("exp", json!(now() - 20))).await.word(), "allowed");
    let forged = signed(Algorithm::ES256, &stranger, &good());
    assert_eq!(bed.ask(&forged).await.word(), "unauthorized");
    assert_eq!(bed.ask("no.token").await.word(), "unauthorized");
}

/// Two old tricks: to sign with the public key as if it were a shared secret, and not to sign.
#[tokio::test]
async fn a_public_key_is_no_secret_and_none_is_no_signature() {
    let (_, public) = pair();
    let bed = bed(&public, json!({}));
    let trick = EncodingKey::from_secret(public.as_bytes());
    assert_eq!(
        bed.ask(&signed(Algorithm::HS256, &trick, &good()))
            .await
            .word(),
        "unauthorized"
    );
    // {"alg":"none"} and {"sub":"ann"}, without a signature.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.";
    assert_eq!(bed.ask(unsigned).await.word(), "unauthorized");
}

#[tokio::test]
async fn a_shared_secret_checks_its_own_signatures_and_a_short_one_none() {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = signed(Algorithm::HS256, &key, &good());
    assert_eq!(bed(SECRET, json!({})).ask(&token).await.word(), "allowed");
    assert_eq!(
        bed(SECRET, json!({"algorithms": ["RS256"]}))
            .ask(&token)
            .await
            .word(),
        "unauthorized"
    );
    // A public key that lost its PEM lines is no secret that everybody knows.
    let bare: String = pair()
        .1
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let trick = signed(
        Algorithm::HS256,
        &EncodingKey::from_secret(bare.as_bytes()),
        &good(),
    );
    assert_eq!(
        bed(&bare, json!({})).ask(&trick).await.word(),
        "unavailable"
    );
    let short = EncodingKey::from_secret(b"guess");
    let token = signed(Algorithm::HS256, &short, &good());
    assert_eq!(
        bed("guess", json!({})).ask(&token).await.word(),
        "unavailable"
    );
}

#[tokio::test]
async fn a_key_that_is_replaced_in_its_file_is_the_next_one() {
    let bed = bed(SECRET, json!({}));
    let next = "fedcba9876543210fedcba9876543210";
    let token = signed(
        Algorithm::HS256,
        &EncodingKey::from_secret(next.as_bytes()),
        &good(),
    );
    assert_eq!(bed.ask(&token).await.word(), "unauthorized");
    let file = bed._folder.path().join("key");
    std::fs::write(&file, next).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(2);
    std::fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert_eq!(bed.ask(&token).await.word(), "allowed");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(bed.ask(&token).await.word(), "unavailable");
}

#[test]
fn a_set_of_keys_is_read_key_by_key_and_has_no_secret() {
    let set = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
        {"kty": "future", "kid": "b"},
        {"kty": "oct", "kid": "c", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"},
    ]});
    assert_eq!(jwt::names_of(&set), ["a"]);
}

#[test]
fn keys_for_something_else_check_no_signature() {
    let key = |name: &str, more: Value| {
        let mut key = json!({"kty": "EC", "crv": "P-256", "kid": name, "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        let more = more.as_object().unwrap().clone();
        key.as_object_mut().unwrap().extend(more);
        key
    };
    let set = json!({"keys": [
        key("encrypts", json!({"use": "enc"})),
        key("signs", json!({"key_ops": ["sign"]})),
        key("checks", json!({"use": "sig", "key_ops": ["verify"]})),
    ]});
    assert_eq!(jwt::names_of(&set), ["checks"]);
}

/// What a header says that must be understood, and a beginning that is no moment.
#[tokio::test]
async fn what_is_not_understood_keeps_a_token_out() {
    let bed = bed(SECRET, json!({"algorithms": ["HS256"]}));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let claims = with("nbf", json!("tomorrow"));
    let answer = bed.ask(&signed(Algorithm::HS256, &key, &claims)).await;
    assert_eq!(answer.word(), "unauthorized");

    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": "HS256", "crit": ["exp"], "exp": now() + 60});
    let message = format!("{}.{}", part(&header), part(&good()));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    let answer = bed.ask(&format!("{message}.{signature}")).await;
    assert_eq!(
        answer,
        Answer::Unknown("invalid_token", "it asks for what is not known here")
    );
}

#[tokio::test]
async fn a_policy_that_is_not_there_lets_nobody_in() {
    let bed = bed(SECRET, json!({}));
    let answer = bed.authenticator.check("other", &HeaderMap::new()).await;
    assert_eq!(answer.word(), "unavailable");
    assert_eq!(
        bed.authenticator.check("app", &HeaderMap::new()).await,
        Answer::MISSING
    );
}
