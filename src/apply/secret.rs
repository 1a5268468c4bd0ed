//! Values that are made once, by the operating system's random source.

use std::collections::BTreeMap;

use crate::plan::Generated;
use crate::schedule::compose;

/// Letters and digits need no escaping in a URL, a shell, SQL or YAML.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes the values that are not there yet, and composes those that follow from them.
///
/// # Errors
/// The operating system gives no random bytes.
pub fn fill(
    generate: &BTreeMap<String, Generated>,
    values: &mut BTreeMap<String, String>,
) -> Result<(), getrandom::Error> {
    for (key, generated) in generate {
        if let Generated::Password(length) = generated
            && !values.contains_key(key)
        {
            values.insert(key.clone(), password(*length)?);
        }
    }
    compose(generate, values);
    Ok(())
}

/// So many letters and digits, each as likely as the others: bytes past the last whole
/// multiple of 62 are thrown away.
pub fn password(length: usize) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < 248);
        text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
    }
    text.truncate(length);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_its_length_and_only_letters_and_digits() {
        let one = password(32).unwrap();
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, password(32).unwrap());
    }

    #[test]
    fn what_is_there_is_kept() {
        let generate = BTreeMap::from([
            ("password".to_owned(), Generated::Password(8)),
            (
                "uri".to_owned(),
                Generated::Composed("x://{password}".to_owned()),
            ),
        ]);
        let mut values = BTreeMap::from([("password".to_owned(), "old".to_owned())]);
        fill(&generate, &mut values).unwrap();
        assert_eq!(values["uri"], "x://old");
    }
}
