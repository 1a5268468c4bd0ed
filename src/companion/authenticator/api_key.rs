//! Keys of callers, in a folder that a Secret is mounted at: a file for each caller.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::Answer;
use super::settings::ApiKey;
use super::token::digest;

/// The answer to the key of a request. The folder is read each time, for a Secret that changes
/// does so in place, and a mounted one is memory.
pub fn check(policy: &ApiKey, headers: &HeaderMap) -> Answer {
    let mut given = headers.get_all(policy.header.as_str()).iter();
    let (Some(key), None) = (given.next(), given.next()) else {
        return Answer::MISSING;
    };
    let files = match std::fs::read_dir(&policy.folder) {
        Ok(files) => files,
        Err(error) => return Answer::Unavailable(format!("{}: {error}", policy.folder.display())),
    };
    // Digests are compared, so how long it takes tells nothing of a key.
    let given = digest_of(key.as_bytes());
    let mut owner = None;
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        // A mounted Secret keeps its own folders beside the files.
        if name.starts_with("..") {
            continue;
        }
        let Ok(content) = std::fs::read(file.path()) else {
            continue;
        };
        let content = content.trim_ascii();
        if !content.is_empty() && digest_of(content) == given {
            owner = Some(name);
        }
    }
    let Some(owner) = owner else {
        return Answer::Unknown("invalid_token", "the key is not known");
    };
    let name = HeaderName::from_bytes(policy.owner_header.as_bytes());
    match (name, HeaderValue::from_str(&owner)) {
        (Ok(name), Ok(value)) => Answer::Allowed(HeaderMap::from_iter([(name, value)])),
        _ => Answer::Forbidden,
    }
}

fn digest_of(bytes: &[u8]) -> [u8; 32] {
    digest(&String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_callers_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("partner"), "s3cret-of-partner\n").unwrap();
        std::fs::write(folder.path().join("nobody"), "").unwrap();
        std::fs::create_dir(folder.path().join("..data")).unwrap();
        let policy = ApiKey {
            folder: folder.path().to_owned(),
            header: "X-API-Key".to_owned(),
            owner_header: "X-API-Key-Owner".to_owned(),
        };
        let of = |keys: &[&str]| {
            let mut headers = HeaderMap::new();
            keys.iter().for_each(|key| {
                headers.append("x-api-key", key.parse().unwrap());
            });
            check(&policy, &headers)
        };
        let Answer::Allowed(headers) = of(&["s3cret-of-partner"]) else {
            panic!("the key is right")
        };
        assert_eq!(headers["x-api-key-owner"], "partner");
        assert_eq!(of(&["s3cret-of-partne"]).word(), "unauthorized");
        assert_eq!(of(&[""]).word(), "unauthorized");
        assert_eq!(of(&[]).word(), "unauthorized");
        assert_eq!(of(&["s3cret-of-partner", "other"]).word(), "unauthorized");
        std::fs::write(folder.path().join("partner"), "another").unwrap();
        assert_eq!(of(&["s3cret-of-partner"]).word(), "unauthorized");
        drop(folder);
        assert_eq!(of(&["another"]).word(), "unavailable");
    }
}
