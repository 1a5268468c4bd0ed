//! What there is to know of a pooler: a program beside a server through which services reach
//! it, so that many of them share few connections.

use super::{File, Provisioning};

/// The facts of a pooler.
///
/// Its files may hold, beside the placeholders of a server's: `{port}`, `{mode}`,
/// `{pool_size}` and `{database_size}` (connections to the server for each database and
/// login, and for each database; 0 is any number), `{clients}`,
/// `{reset}` and `{login}`.
#[derive(Debug)]
pub struct Pooler {
    /// Its name as people write it.
    pub title: &'static str,
    /// The image.
    pub image: &'static str,
    /// The user that it runs as.
    pub user: i64,
    /// The group that it runs as.
    pub group: i64,
    /// Files under /etc/gravity.
    pub files: &'static [File],
    /// How it is started.
    pub start: &'static [&'static str],
    /// How it is stopped: what is under way ends, and then it goes.
    pub stop: &'static [&'static str],
    /// The login by which it looks up those of services.
    pub login: &'static str,
    /// How that login is made on the server. It is run once, with the administrator's rights.
    pub provisioning: Provisioning,
    /// What a session leaves behind is undone by this, where connections are a session's.
    pub reset: &'static str,
    /// What the scheduler sets aside by default: CPU and memory.
    pub requests: (&'static str, &'static str),
    /// The default memory limit.
    pub memory_limit: &'static str,
}
