//! What there is to know of an engine.
//!
//! Texts may hold placeholders, which the plan fills in: `{server}` (the server's name),
//! `{headless}` (the Service that gives each member a name), `{namespace}`, `{series}`,
//! `{members}` (the members' addresses, with commas), `{replicas}` (how many there are),
//! `{limit}` (three quarters of the memory limit, in bytes). All of them are DNS labels or
//! numbers, so nothing in them can break out of a text.

use super::pooler::Pooler;
pub use super::url::{Inherits, Url};
use crate::api::app::ServerMode;

/// The facts of one engine.
#[derive(Debug)]
pub struct Profile {
    /// The canonical name: one lower-case word.
    pub name: &'static str,
    /// The name as people write it.
    pub title: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// The image's repository.
    pub image: &'static str,
    /// The series, oldest first; exactly one is the default.
    pub series: &'static [Series],
    /// The ports; clients use the first one.
    pub ports: &'static [Port],
    /// The user of the official image, as a number: `runAsNonRoot` can check no name.
    pub user: i64,
    /// The group of the official image.
    pub group: i64,
    /// Whether the server writes beside its data and the scratch folders.
    pub writable_root: bool,
    /// Where the data is.
    pub storage: Storage,
    /// Folders that must be writable and may be empty at each start.
    pub scratch: &'static [&'static str],
    /// The keys of the admin Secret.
    pub admin: Admin,
    /// The server's environment.
    pub variables: &'static [Variable],
    /// Files under /etc/gravity, from a ConfigMap: a change of them restarts nothing.
    pub files: &'static [File],
    /// How the server is started.
    pub start: Start,
    /// How it is asked whether it lives and works.
    pub probes: Probes,
    /// What the scheduler sets aside by default: CPU and memory.
    pub requests: (&'static str, &'static str),
    /// The default memory limit. There is no CPU limit: throttling a database while it
    /// holds locks slows all of its clients.
    pub memory_limit: &'static str,
    /// How many connections it takes; absent where connections are not what is scarce.
    pub connections: Option<u32>,
    /// The pooler that can stand in front of it, where there is one.
    pub pooler: Option<&'static Pooler>,
    /// How services address it.
    pub url: Url,
    /// How databases and logins are made.
    pub provisioning: Provisioning,
    /// Whose server a database is on, unless the app says otherwise.
    pub mode: ServerMode,
    /// Whether Gravity can make databases and logins on a server that others run.
    pub external: bool,
    /// Whether several members form one server.
    pub replica_set: bool,
    /// What a service owns on the server.
    pub tenancy: Tenancy,
    /// Whether databases are named as DNS labels are, with hyphens for underscores.
    pub dns_names: bool,
    /// What it carries the services' events by, where it does.
    pub events: Option<Events>,
    /// Whether sharing a server takes a `keyPrefix`.
    pub shared_by_prefix: bool,
    /// The longest name of a login.
    pub login_limit: usize,
    /// The longest name of a database.
    pub identifier_limit: usize,
    /// Names of databases that the engine has for itself; `pg_*` stands for all that
    /// begin so.
    pub reserved: &'static [&'static str],
    /// Extensions that the image has; empty where the engine has no extensions.
    pub extensions: &'static [&'static str],
    /// How it runs as a cache, where it can.
    pub cache: Option<Cache>,
    /// How its data is backed up.
    pub backup: Backup,
}

/// What the events of services are taken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// Queues; rights to a queue are those to an exchange of its name, too.
    Queues,
    /// Groups of consumers, which may have the name of a topic.
    Groups,
}

/// Versions that can share data files.
#[derive(Debug, PartialEq, Eq)]
pub struct Series {
    /// As 15 or 8.4.
    pub name: &'static str,
    /// The image's tag.
    pub tag: &'static str,
    /// Whether it is taken when the manifest names none.
    pub default: bool,
}

/// A port of the server.
#[derive(Debug)]
pub struct Port {
    /// The port's name: at most 15 characters (IANA_SVC_NAME).
    pub name: &'static str,
    /// The number.
    pub number: i32,
}

/// Where the data is.
#[derive(Debug)]
pub struct Storage {
    /// Where the claim is mounted.
    pub mount: &'static str,
    /// The claim's size, unless the app says otherwise.
    pub size: &'static str,
}

/// The keys of the admin Secret.
#[derive(Debug)]
pub struct Admin {
    /// The administrator's name.
    pub username: &'static str,
    /// Further keys that are made at random, and their lengths.
    pub generated: &'static [(&'static str, usize)],
}

/// An environment variable of the server.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Where its value comes from.
    pub value: Source,
}

/// Where a variable's value comes from.
#[derive(Debug)]
pub enum Source {
    /// A text, with placeholders.
    Text(&'static str),
    /// A key of the admin Secret.
    Admin(&'static str),
    /// The pod's name.
    PodName,
    /// The pod's address.
    PodAddress,
}

/// A file under /etc/gravity.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its text, with placeholders.
    pub text: &'static str,
}

/// How the server is started.
#[derive(Debug)]
pub struct Start {
    /// Replaces the image's entry point; empty for the image's own.
    pub command: &'static [&'static str],
    /// Arguments, with placeholders.
    pub arguments: &'static [&'static str],
}

/// How the server is asked. Liveness is a connection to the first port: it is about the
/// process only, for a server that recovers from its log must not be killed for it.
#[derive(Debug)]
pub struct Probes {
    /// Succeeds when the server takes requests, by the engine's own client.
    pub ready: &'static [&'static str],
    /// Seconds between two questions: a client that is slow to start is asked for rarely.
    pub period: i32,
    /// Seconds after which a question has failed.
    pub timeout: i32,
}

/// How databases and logins are made.
#[derive(Debug)]
pub struct Provisioning {
    /// Before the script in the container's command, as `sh -c`.
    pub command: &'static [&'static str],
    /// The script. It gets everything by environment variables; nothing is spliced in.
    pub script: &'static str,
    /// Further variables for it: a text with placeholders, or `admin:` and a key of the
    /// admin Secret.
    pub variables: &'static [(&'static str, &'static str)],
    /// Counts the script's changes that must be run on existing databases, too.
    pub revision: u32,
    /// Whether a login can be replaced while it is in use.
    pub rotation: Rotation,
}

/// Whether a login can be replaced while it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Two logins can have the same rights at once. The script gets `OTHER_LOGIN`: `set`
    /// gives the login that is not in use `OTHER_PASSWORD`, `keep` leaves it as it is, and
    /// `cut` lets nobody in by it any more.
    TwoLogins,
    /// It cannot, for this reason.
    Never(&'static str),
}

/// What a service owns on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// A database (or bucket) of its name, which nobody else can have.
    Database,
    /// The index of its name, and those of which the name goes on with a hyphen.
    Indices,
    /// The keys that begin with its prefix.
    Keys,
    /// Its part of what the app's services share: the app's virtual host, topics, indices.
    App,
}

impl Tenancy {
    /// Whether what a service owns has the name of its database.
    pub fn is_named(self) -> bool {
        matches!(self, Self::Database | Self::Indices)
    }
}

/// How an engine runs as a cache: without a claim.
#[derive(Debug)]
pub struct Cache {
    /// Instead of the profile's files.
    pub files: &'static [File],
}

/// Whether its data can be backed up.
#[derive(Debug)]
pub enum Backup {
    /// By the engine's own tools.
    Dump(Dump),
    /// It cannot, for this reason; the text says what to do instead.
    Never(&'static str),
}

/// How a database is dumped and restored.
#[derive(Debug)]
pub struct Dump {
    /// Functions of bash, which the backup's own script calls (see
    /// `src/plan/databases/backup/driver.sh`). Each gets the name of a database; a dump goes
    /// to standard output, and comes from `pour_in FILE DATABASE`, which calls `fill DATABASE
    /// FILE`.
    ///
    /// - `shape` prints in a line what a dump does not say, and nothing for a database that
    ///   is not there;
    /// - `present` prints something if the database has anything, and fails if nobody can
    ///   tell;
    /// - `dump` writes one snapshot of it;
    /// - `create` makes it, of that shape, and `fill` fills it from a dump;
    /// - `remove` takes it away;
    /// - `replace` puts a dump's file, which comes third, in its place.
    pub script: &'static str,
    /// What a dump's name ends in.
    pub extension: &'static str,
    /// What the one database is called where a server is dumped as a whole.
    pub whole: Option<&'static str>,
}

/// Whether a URL's scheme leads to SRV records instead of to hosts.
pub fn is_srv(scheme: &str) -> bool {
    scheme.ends_with("+srv")
}

impl Profile {
    /// The series for a version as the manifest writes it: `15` and `15.4` are series 15,
    /// `8` of MySQL is the default or else the newest of 8.0 and 8.4.
    pub fn find_series(&self, version: &str) -> Option<&'static Series> {
        let (series, wanted) = (self.series, version.trim());
        let within = |longer: &str, shorter: &str| {
            longer
                .strip_prefix(shorter)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let numeric = !wanted.is_empty()
            && wanted
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if !numeric {
            return None;
        }
        let exact = series.iter().find(|each| within(wanted, each.name));
        let default = || {
            series
                .iter()
                .find(|each| each.default && within(each.name, wanted))
        };
        let newest = || series.iter().rev().find(|each| within(each.name, wanted));
        exact.or_else(default).or_else(newest)
    }

    /// The series that is taken when the manifest names none.
    pub fn default_series(&self) -> &'static Series {
        let series = self.series;
        series
            .iter()
            .find(|each| each.default)
            .unwrap_or(&series[0])
    }

    /// The image of a series.
    pub fn image_of(&self, series: &str) -> String {
        let known = self.series.iter().find(|each| each.name == series);
        let tag = known.map_or(series, |each| each.tag);
        format!("{}:{tag}", self.image)
    }

    /// The port that clients use.
    pub fn port(&self) -> i32 {
        self.ports.first().map_or(0, |port| port.number)
    }

    /// The URL's scheme unless the manifest names another.
    pub fn scheme(&self) -> &'static str {
        self.url.schemes.first().copied().unwrap_or(self.name)
    }

    /// Whether a URL's scheme is one of the engine's, with or without a driver:
    /// `postgresql+asyncpg`.
    pub fn knows_scheme(&self, scheme: &str) -> bool {
        let (base, driver) = scheme.split_once('+').unwrap_or((scheme, ""));
        self.url.schemes.contains(&base) && (driver != "srv" || self.url.srv.is_some())
    }

    /// The template of the URL with that scheme, on a server of others or not.
    pub fn url_template(&self, scheme: &str, external: bool) -> &'static str {
        if let Some(template) = self.url.external.filter(|_| external) {
            return template;
        }
        let srv = self.url.srv.filter(|_| is_srv(scheme));
        srv.unwrap_or(self.url.template)
    }

    /// Whether the engine has the database's name for itself.
    pub fn is_reserved(&self, database: &str) -> bool {
        self.reserved
            .iter()
            .any(|name| match name.strip_suffix('*') {
                Some(beginning) => database.starts_with(beginning),
                None => database.eq_ignore_ascii_case(name),
            })
    }
}
