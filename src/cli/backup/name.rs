//! The name of a backup: when it was taken, of which server, of which database.

use crate::api::names;

/// The longest name of a database that any engine takes.
const DATABASE_LIMIT: usize = 64;

/// The name of a backup, as `20261121T020000Z.shop-postgresql-15.auth_db`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// All of it.
    pub text: String,
    /// When it was taken (RFC 3339).
    pub taken: String,
    /// The server.
    pub server: String,
    /// The database.
    pub database: String,
}

impl Name {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let read = match parts.as_slice() {
            [stamp, server, name] => time(stamp).filter(|_| is_server(server) && is_database(name)),
            _ => None,
        };
        let (Some(taken), [_, server, database]) = (read, parts.as_slice()) else {
            return Err(
                "no backup has this name: write one of those that gravity backups shows, as 20261121T020000Z.shop-postgresql-15.auth_db"
                    .to_owned(),
            );
        };
        Ok(Self {
            text: text.to_owned(),
            taken,
            server: (*server).to_owned(),
            database: (*database).to_owned(),
        })
    }
}

/// Takes the name of a database.
pub fn database(text: &str) -> Result<String, String> {
    if is_database(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "no database can have this name: write at most {DATABASE_LIMIT} letters, digits, _ and -, as auth_db_restored"
    ))
}

/// `20261121T020000Z` as RFC 3339 has it.
fn time(stamp: &str) -> Option<String> {
    let (date, time) = stamp.strip_suffix('Z')?.split_once('T')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(date, 8) && digits(time, 6)).then(|| {
        let [year, month, day] = [&date[..4], &date[4..6], &date[6..]];
        let [hour, minute, second] = [&time[..2], &time[2..4], &time[4..]];
        format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")
    })
}

fn is_server(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= names::LABEL_LIMIT && text.bytes().all(fine)
}

fn is_database(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let begins = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.as_bytes().first().is_some_and(begins)
        && text.len() <= DATABASE_LIMIT
        && text.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_it_is_of() {
        let name = Name::parse("20261121T020000Z.shop-postgresql-15.auth_db").unwrap();
        assert_eq!(
            (&*name.taken, &*name.server, &*name.database),
            ("2026-11-21T02:00:00Z", "shop-postgresql-15", "auth_db")
        );
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in [
            "",
            "auth_db",
            "20261121T020000Z.shop-postgresql-15",
            "20261121T0200Z.shop-postgresql-15.auth_db",
            "20261121T020000Z.shop postgresql.auth_db",
            "20261121T020000Z.shop-postgresql-15.$(id)",
            "20261121T020000Z.shop-postgresql-15.-auth_db",
            "20261121T020000Z.shop-postgresql-15.auth_db.dump",
        ] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
        assert!(database("auth_db_restored").is_ok());
        for bad in ["", "a b", "a;b", "--yes", &"a".repeat(65)] {
            assert!(database(bad).is_err(), "{bad}");
        }
    }
}
