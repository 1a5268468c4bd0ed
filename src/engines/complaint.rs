//! What servers say when they cannot do what is asked of them: by a part of their words,
//! for all that is seen of it is the end of a log.

/// What is amiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// Nobody answers at the address.
    Unreachable,
    /// The login is not known, or has another password.
    Login,
    /// The database is not there.
    Missing,
    /// The database lets nobody in.
    Closed,
    /// The login lacks a right.
    Right,
    /// The image lacks an extension.
    Extension,
    /// There is no such character set or collation.
    Charset,
    /// The disk is full.
    Full,
}

/// The parts of a line that tell of it. The first that is found counts: what is denied to a
/// login that is known is a right.
const WORDS: [(&[&str], Complaint); 36] = [
    (&["No space left on device"], Complaint::Full),
    (&["Disk full"], Complaint::Full),
    (
        &["could not open extension control file"],
        Complaint::Extension,
    ),
    (&["extension \"", "is not available"], Complaint::Extension),
    (&["is not a valid encoding name"], Complaint::Charset),
    (&["Unknown character set"], Complaint::Charset),
    (&["Unknown collation"], Complaint::Charset),
    (
        &["COLLATION", "is not valid for CHARACTER SET"],
        Complaint::Charset,
    ),
    (&["invalid LC_COLLATE"], Complaint::Charset),
    (&["invalid locale name"], Complaint::Charset),
    (
        &["encoding \"", "does not match locale"],
        Complaint::Charset,
    ),
    (&["permission denied to"], Complaint::Right),
    (&["permission denied for"], Complaint::Right),
    (&["must be superuser"], Complaint::Right),
    (&["must be owner of"], Complaint::Right),
    (&["command denied to user"], Complaint::Right),
    (&["Access denied for user", "to database"], Complaint::Right),
    (&["Access denied; you need"], Complaint::Right),
    (&["NOPERM"], Complaint::Right),
    (&["password authentication failed"], Complaint::Login),
    (&["is not permitted to log in"], Complaint::Login),
    (&["Access denied for user"], Complaint::Login),
    (&["WRONGPASS"], Complaint::Login),
    (&["ACCESS_REFUSED"], Complaint::Login),
    (
        &["invalid credentials with SASL mechanism"],
        Complaint::Login,
    ),
    (
        &["Authentication failed: Invalid username"],
        Complaint::Login,
    ),
    (&["role \"", "does not exist"], Complaint::Login),
    (&["database \"", "does not exist"], Complaint::Missing),
    (
        &["is not currently accepting connections"],
        Complaint::Closed,
    ),
    (&["Unknown database"], Complaint::Missing),
    (&["NoSuchBucket"], Complaint::Missing),
    (&["Connection refused"], Complaint::Unreachable),
    (&["could not translate host name"], Complaint::Unreachable),
    (&["timeout expired"], Complaint::Unreachable),
    (&["Can't connect to"], Complaint::Unreachable),
    (&["No route to host"], Complaint::Unreachable),
];

/// What these words of a server, or of its client, are about.
pub fn complaint(says: &str) -> Option<Complaint> {
    let tells = |parts: &[&str], line: &str| parts.iter().all(|part| line.contains(part));
    let found = WORDS
        .iter()
        .find(|(parts, _)| says.lines().any(|line| tells(parts, line)));
    found.map(|(_, complaint)| *complaint)
}
