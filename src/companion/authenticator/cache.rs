//! Answers of others, kept for some seconds: a page asks for twenty things at once with one
//! token, and whoever is asked about it is asked once.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use super::answer::Answer;

/// How long a yes holds. A token that is revoked is refused after this at the latest.
const GOOD: Duration = Duration::from_secs(5);
/// How long a no holds: a client that was let in a moment ago should not wait.
const BAD: Duration = Duration::from_secs(1);
/// How many answers are kept: some megabytes.
const MOST: usize = 10_000;

type Slot = Arc<OnceCell<(Answer, Instant)>>;

/// The answers, by the digest of what was asked.
#[derive(Default)]
pub struct Cache {
    slots: Mutex<BTreeMap<[u8; 32], Slot>>,
}

impl Cache {
    /// The answer that is kept, or the one that `ask` gives now. Who asks the same meanwhile
    /// waits for it. What could not be known is never kept.
    pub async fn get<Asked>(&self, key: [u8; 32], ask: impl FnOnce() -> Asked) -> Answer
    where
        Asked: Future<Output = Answer>,
    {
        let slot = self.slot(key);
        let asked = async {
            match ask().await {
                Answer::Unavailable(why) => Err(Answer::Unavailable(why)),
                known => Ok((known, Instant::now())),
            }
        };
        match slot.get_or_try_init(|| asked).await {
            Ok((answer, _)) => answer.clone(),
            Err(unavailable) => unavailable,
        }
    }

    /// The slot of a key; a fresh one where what was kept is too old.
    fn slot(&self, key: [u8; 32]) -> Slot {
        // A panic while the lock was held cannot leave the map half changed.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.get(&key).is_some_and(is_old) {
            slots.remove(&key);
        }
        if slots.len() >= MOST && !slots.contains_key(&key) {
            slots.retain(|_, slot| !is_old(slot));
        }
        // Still too many are all of these seconds: an attack, or a very large shop. Both may ask
        // anew.
        if slots.len() >= MOST && !slots.contains_key(&key) {
            slots.pop_first();
        }
        slots.entry(key).or_default().clone()
    }
}

fn is_old(slot: &Slot) -> bool {
    let Some((answer, since)) = slot.get() else {
        return false;
    };
    let limit = match answer {
        Answer::Allowed(_) => GOOD,
        _ => BAD,
    };
    since.elapsed() >= limit
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::http::HeaderMap;

    use super::*;

    #[tokio::test]
    async fn who_asks_the_same_at_once_is_answered_by_one_question() {
        let (cache, asked) = (Cache::default(), AtomicU32::new(0));
        let ask = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Answer::Allowed(HeaderMap::new())
        };
        let all = (0..20).map(|_| cache.get([1; 32], ask));
        futures::future::join_all(all).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        cache.get([2; 32], ask).await;
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn what_could_not_be_known_is_asked_again() {
        let cache = Cache::default();
        let down = || async { Answer::Unavailable("down".to_owned()) };
        assert_eq!(cache.get([1; 32], down).await.word(), "unavailable");
        let up = || async { Answer::Forbidden };
        assert_eq!(cache.get([1; 32], up).await, Answer::Forbidden);
    }

    #[tokio::test]
    async fn it_never_grows_beyond_its_bound() {
        let cache = Cache::default();
        for number in 0..MOST + 100 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            cache.get(key, || async { Answer::Forbidden }).await;
        }
        assert!(cache.slots.lock().unwrap().len() <= MOST);
    }
}
