//! Tokens that were revoked: a key of Redis for each.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::answer::Answer;
use super::settings;
use super::token::{digest, hex};

/// How long Redis may take: a gateway waits, and behind it a person.
const LIMIT: Duration = Duration::from_secs(1);

/// Asks one Redis.
pub struct Blacklist {
    key: String,
    client: redis::Client,
    connection: OnceCell<ConnectionManager>,
}

impl Blacklist {
    /// Asks the Redis of that URL.
    ///
    /// # Errors
    /// It is no URL of a Redis; the URL itself is never told, for it has a password in it.
    pub fn new(settings: &settings::Blacklist, url: &str) -> Result<Self, String> {
        let client = redis::Client::open(url).map_err(|_| {
            format!(
                "the variable {} holds no URL of a Redis, as redis://user:password@host:6379",
                settings.variable
            )
        })?;
        Ok(Self {
            key: settings.key.clone(),
            client,
            connection: OnceCell::new(),
        })
    }

    /// A no where the token was revoked, or where that cannot be known.
    pub async fn refuses(&self, token: &str, claims: &Value) -> Option<Answer> {
        let Some(key) = key(&self.key, token, claims) else {
            return Some(Answer::Unknown(
                "invalid_token",
                "the token lacks a claim by which it could be revoked",
            ));
        };
        let asked = tokio::time::timeout(LIMIT, self.exists(&key)).await;
        match asked {
            Ok(Ok(false)) => None,
            Ok(Ok(true)) => Some(Answer::Unknown("invalid_token", "the token was revoked")),
            // What the driver says can hold an address, and no password.
            Ok(Err(error)) => Some(Answer::Unavailable(format!(
                "the blacklist cannot be asked: {error}"
            ))),
            Err(_) => Some(Answer::Unavailable(format!(
                "the blacklist has not answered in {LIMIT:?}"
            ))),
        }
    }

    async fn exists(&self, key: &str) -> redis::RedisResult<bool> {
        let connect = || {
            let config = ConnectionManagerConfig::new();
            ConnectionManager::new_with_config(self.client.clone(), config)
        };
        let mut connection = self.connection.get_or_try_init(connect).await?.clone();
        redis::cmd("EXISTS")
            .arg(key)
            .query_async(&mut connection)
            .await
    }
}

/// The key of a token; `None` where it lacks a claim that stands in it.
fn key(template: &str, token: &str, claims: &Value) -> Option<String> {
    let mut key = template.to_owned();
    for (place, claim) in [("{jti}", "jti"), ("{sub}", "sub")] {
        if key.contains(place) {
            let value = claims.get(claim)?;
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            key = key.replace(place, &text);
        }
    }
    Some(key.replace("{sha256}", &hex(&digest(token))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_of_a_token_has_what_is_its_own() {
        let claims = json!({"jti": "a1", "sub": 7});
        let of = |template: &str| key(template, "t", &claims);
        assert_eq!(of("blacklist:{jti}"), Some("blacklist:a1".to_owned()));
        assert_eq!(of("user:{sub}:{jti}"), Some("user:7:a1".to_owned()));
        let digest = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8";
        assert_eq!(of("{sha256}"), Some(digest.to_owned()));
        assert_eq!(key("blacklist:{jti}", "t", &json!({})), None);
    }
}
