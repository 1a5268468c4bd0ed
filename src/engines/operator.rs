//! What there is to know of an operator that runs servers in Gravity's place.
//!
//! Such an operator takes a server as an object of its own kind, and so does it take
//! databases and poolers. What these objects say follows from what is wanted, which is the
//! same for all of them; so an operator is one file with its [`Operator`]: a line in
//! [`OPERATORS`], its mode in `api/app.rs` and its kinds in `api/objects.rs` make it known.

use serde_json::Value;

use super::Engine;
use crate::api::app::ServerMode;
use crate::api::objects::Kind;
use crate::api::pooler::Pooler;

/// The facts of one operator.
#[derive(Debug)]
pub struct Operator {
    /// The operator's name as people write it.
    pub title: &'static str,
    /// The mode by which an app asks for it.
    pub mode: ServerMode,
    /// The engines that it runs.
    pub serves: &'static [Served],
    /// The end of a server's name: another server than Gravity's own has another name.
    pub suffix: &'static str,
    /// The longest name of a server.
    pub name_limit: usize,
    /// The Service that leads to the member that takes writes; `{server}` is its name.
    pub write_host: &'static str,
    /// The Service that leads to the members that only read.
    pub read_host: &'static str,
    /// What its administrator's Secret must be like.
    pub admin: AdminSecret,
    /// The Secrets that it makes for a server, of which none is for a service: with the key of
    /// an authority one makes oneself a login; `{server}` is the server's name.
    pub secrets: &'static [&'static str],
    /// What the claims of a server's members are called, without a hyphen and a number.
    pub claims: &'static str,
    /// Names of databases and roles that it has for itself.
    pub reserved: &'static [&'static str],
    /// The object of a server.
    pub server: Custom<WantedServer>,
    /// The object of a database.
    pub database: Custom<WantedDatabase>,
    /// The object of a pooler.
    pub pooler: Custom<WantedPooler>,
    /// The label of a pooler's pods, whose value is its name.
    pub pooler_label: &'static str,
    /// The label of all pods of a server, its poolers' too, whose value is the server's name.
    pub server_label: &'static str,
    /// A label of its own pods, and the value.
    pub own_label: (&'static str, &'static str),
    /// The ports at which it asks a server's pods how they are.
    pub asked_at: &'static [i32],
    /// The ports at which these tell their metrics.
    pub metrics_at: &'static [i32],
    /// What the status of each of these kinds says.
    pub statuses: &'static [Status],
}

/// An engine that an operator runs.
#[derive(Debug)]
pub struct Served {
    /// The engine.
    pub engine: Engine,
    /// The catalogue of images that is taken unless the app names one, or an image.
    pub catalog: &'static str,
}

/// What a Secret is like that an operator reads.
#[derive(Debug)]
pub struct AdminSecret {
    /// Its type.
    pub type_: &'static str,
    /// Labels beside Gravity's own.
    pub labels: &'static [(&'static str, &'static str)],
}

/// A kind of object, and what its spec says.
#[derive(Debug)]
pub struct Custom<Wanted> {
    /// The kind.
    pub kind: Kind,
    /// The spec for what is wanted.
    pub spec: fn(&Wanted) -> Value,
}

/// A server as every operator can be asked for it.
#[derive(Clone, Debug)]
pub struct WantedServer {
    /// Its series, as 16.
    pub series: String,
    /// How many members.
    pub members: i32,
    /// The image, where the app names one.
    pub image: Option<String>,
    /// The catalogue that has the image of the series otherwise.
    pub catalog: String,
    /// The size of each member's claim.
    pub storage: String,
    /// The StorageClass; the cluster's default where absent.
    pub storage_class: Option<String>,
    /// CPU and memory of each member, as Kubernetes has them.
    pub resources: Value,
    /// The Secret of the administrator.
    pub admin_secret: String,
    /// How many connections a member takes.
    pub connections: Option<u32>,
    /// The roles of all services: whom a role is a member of comes before it.
    pub roles: Vec<WantedRole>,
}

/// A role on a server.
#[derive(Clone, Debug)]
pub struct WantedRole {
    /// Its name.
    pub name: String,
    /// Whose member it is. Who is nobody's member is an owner, and nobody's login.
    pub member_of: Option<String>,
}

/// A database on a server.
#[derive(Clone, Debug)]
pub struct WantedDatabase {
    /// The server's name.
    pub server: String,
    /// The database's name.
    pub name: String,
    /// The role that owns it.
    pub owner: String,
    /// Its encoding, where one is asked for.
    pub charset: Option<String>,
    /// Its collation, where one is asked for.
    pub collation: Option<String>,
}

/// A pooler in front of a server.
#[derive(Clone, Debug)]
pub struct WantedPooler {
    /// The server's name.
    pub server: String,
    /// How many pods, how large its pools are, and its image.
    pub wanted: Pooler,
}

/// How it is read from an object whether it has become what it should.
#[derive(Debug)]
pub struct Status {
    /// The kind of the object.
    pub kind: Kind,
    /// What says that it is ready.
    pub ready: Sign,
    /// Where it says how far it is (RFC 6901), the most telling first.
    pub says: &'static [&'static str],
    /// What the first of these says when it cannot go on by itself, and what to do then.
    pub stuck: &'static [(&'static str, &'static str)],
    /// Where it says which image it runs, for a server.
    pub image: Option<&'static str>,
    /// Where it counts the pods that are ready, and those that are wanted.
    pub members: Option<(&'static str, &'static str)>,
}

/// What says that an object is ready.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// The condition of that type is true.
    Condition(&'static str),
    /// The field is true, in a status of the newest generation.
    Flag(&'static str),
    /// There are as many as are wanted: where it counts the first, and where the others.
    Count(&'static str, &'static str),
}

/// All operators.
const OPERATORS: [&Operator; 1] = [&super::cloudnativepg::OPERATOR];

impl Operator {
    /// The operator that a mode asks for; `None` where the mode asks for none.
    pub fn of(mode: ServerMode) -> Option<&'static Self> {
        OPERATORS.into_iter().find(|operator| operator.mode == mode)
    }

    /// The operators that run an engine.
    pub fn serving(engine: Engine) -> impl Iterator<Item = &'static Self> {
        let all = OPERATORS.into_iter();
        all.filter(move |operator| operator.serves(engine).is_some())
    }

    /// What it says of an engine that it runs.
    pub fn serves(&self, engine: Engine) -> Option<&'static Served> {
        self.serves.iter().find(|served| served.engine == engine)
    }

    /// Where the server of that name takes writes.
    pub fn write_host(&self, server: &str) -> String {
        self.write_host.replace("{server}", server)
    }

    /// The Secrets that it makes for the server of that name.
    pub fn secrets_of(&self, server: &str) -> impl Iterator<Item = String> {
        let secrets = self.secrets.iter();
        secrets.map(move |secret| secret.replace("{server}", server))
    }

    /// What the claims of that server are called, without their numbers.
    pub fn claims_of(&self, server: &str) -> String {
        self.claims.replace("{server}", server)
    }

    /// Where the server of that name is read only.
    pub fn read_host(&self, server: &str) -> String {
        self.read_host.replace("{server}", server)
    }
}

impl Status {
    /// How to read the status of a kind that an operator has.
    pub fn of(kind: Kind) -> Option<&'static Self> {
        let all = OPERATORS.into_iter().flat_map(|operator| operator.statuses);
        let mut all = all.filter(|status| status.kind == kind);
        all.next()
    }
}
