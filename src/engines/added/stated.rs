//! What a file says of an engine: the facts of a `Profile`, as YAML has them. What is the
//! same for most engines may be left out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An engine, as a file describes it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Stated {
    /// The canonical name: one lower-case word.
    #[schemars(length(min = 1, max = 20))]
    pub name: String,
    /// The name as people write it; the canonical one when absent.
    #[schemars(length(min = 1, max = 40))]
    pub title: Option<String>,
    /// Other words for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The image's repository, without a tag.
    #[schemars(length(min = 1, max = 255))]
    pub image: String,
    /// The series, oldest first.
    #[schemars(length(min = 1, max = 50))]
    pub series: Vec<Series>,
    /// The ports: clients use the first one.
    #[schemars(length(min = 1, max = 10))]
    pub ports: Vec<Port>,
    /// The user of the image, as a number.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub user: i64,
    /// The group of the image, as a number.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub group: i64,
    /// Whether the server writes beside its data and the scratch folders.
    #[serde(default)]
    pub writable_root: bool,
    /// Where the data is.
    pub storage: Storage,
    /// Folders that must be writable and may be empty at each start; /tmp when absent.
    #[serde(default = "scratch")]
    pub scratch: Vec<String>,
    /// The keys of the admin Secret.
    pub admin: Admin,
    /// The server's environment.
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// Files under /etc/gravity.
    #[serde(default)]
    pub files: Vec<File>,
    /// How the server is started; as the image does when absent.
    #[serde(default)]
    pub start: Start,
    /// How it is asked whether it works.
    pub probes: Probes,
    /// What the scheduler sets aside by default.
    pub requests: Requests,
    /// The default memory limit.
    #[schemars(length(min = 1, max = 20))]
    pub memory_limit: String,
    /// How many connections it takes.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections: Option<u32>,
    /// How services address it.
    pub url: Url,
    /// How databases and logins are made.
    pub provisioning: Provisioning,
    /// Whose server a database is on, unless the app says otherwise.
    pub mode: Mode,
    /// Whether the script can make databases and logins on a server that others run.
    #[serde(default)]
    pub external: bool,
    /// Whether several members form one server.
    #[serde(default)]
    pub replica_set: bool,
    /// What a service owns on the server.
    pub tenancy: Tenancy,
    /// Whether databases are named as DNS labels are.
    #[serde(default)]
    pub dns_names: bool,
    /// What it carries the services' events by, where it does.
    pub events: Option<Events>,
    /// Whether sharing a server takes a `keyPrefix`.
    #[serde(default)]
    pub shared_by_prefix: bool,
    /// The longest name of a login; 63 when absent.
    #[serde(default = "limit")]
    #[schemars(range(min = 16, max = 63))]
    pub login_limit: usize,
    /// The longest name of a database; 63 when absent.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 63))]
    pub identifier_limit: usize,
    /// Names of databases that the engine has for itself.
    #[serde(default)]
    pub reserved: Vec<String>,
    /// Extensions that the image has.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// How it runs as a cache, where it can.
    pub cache: Option<Cache>,
    /// How its data is backed up, or why not.
    pub backup: Backup,
}

/// Versions that can share data files.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Series {
    /// The name, as "8" or "8.4".
    #[schemars(length(min = 1, max = 20))]
    pub name: String,
    /// The image's tag.
    #[schemars(length(min = 1, max = 128))]
    pub tag: String,
    /// Whether it is taken when a manifest names none.
    #[serde(default)]
    pub default: bool,
}

/// A port of the server.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Port {
    /// The port's name.
    #[schemars(length(min = 1, max = 15))]
    pub name: String,
    /// The number.
    #[schemars(range(min = 1, max = 65_535))]
    pub number: i32,
}

/// Where the data is.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Storage {
    /// The folder that the claim is mounted at.
    #[schemars(length(min = 1, max = 200))]
    pub mount: String,
    /// The claim's size, unless the app says otherwise.
    #[schemars(length(min = 1, max = 20))]
    pub size: String,
}

/// The keys of the admin Secret.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Admin {
    /// The administrator's name.
    #[schemars(length(min = 1, max = 63))]
    pub username: String,
    /// Further keys that are made at random.
    #[serde(default)]
    pub generated: Vec<Generated>,
}

/// A key that is made at random.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Generated {
    /// The key.
    #[schemars(length(min = 1, max = 63))]
    pub key: String,
    /// How many characters.
    #[schemars(range(min = 8, max = 1024))]
    pub length: usize,
}

/// An environment variable, with one of the others beside its name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Variable {
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// A text, with placeholders.
    #[schemars(length(max = 4096))]
    pub value: Option<String>,
    /// A key of the admin Secret.
    #[schemars(length(min = 1, max = 63))]
    pub admin: Option<String>,
    /// What it is of the pod.
    pub pod: Option<Pod>,
}

/// What a variable is of the pod.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug)]
pub enum Pod {
    /// The pod's name.
    Name,
    /// The pod's address.
    Address,
}

/// A file under /etc/gravity.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct File {
    /// Its name.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Its text, with placeholders.
    #[schemars(length(max = 65_536))]
    pub text: String,
}

/// How the server is started.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default)]
pub struct Start {
    /// Replaces the image's entry point.
    #[serde(default)]
    pub command: Vec<String>,
    /// Arguments, with placeholders.
    #[serde(default)]
    pub arguments: Vec<String>,
}

/// How the server is asked.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Probes {
    /// A command that succeeds when the server takes requests.
    #[schemars(length(min = 1, max = 50))]
    pub ready: Vec<String>,
    /// Seconds between two questions; 5 when absent.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 300))]
    pub period: i32,
    /// Seconds after which a question has failed; 5 when absent.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 300))]
    pub timeout: i32,
}

/// What the scheduler sets aside.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Requests {
    /// CPU, as 100m.
    #[schemars(length(min = 1, max = 20))]
    pub cpu: String,
    /// Memory, as 256Mi.
    #[schemars(length(min = 1, max = 20))]
    pub memory: String,
}

/// How services address it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Url {
    /// The schemes that its drivers know, the default first.
    #[schemars(length(min = 1, max = 10))]
    pub schemes: Vec<String>,
    /// The URL, with placeholders.
    #[schemars(length(min = 1, max = 500))]
    pub template: String,
    /// The URL of a scheme that ends in `+srv`.
    #[schemars(length(min = 1, max = 500))]
    pub srv: Option<String>,
    /// The URL of a database on a server of others, where that cannot say as much.
    #[schemars(length(min = 1, max = 500))]
    pub external: Option<String>,
    /// What it takes over from the administrator's on a server of others.
    #[serde(default)]
    pub inherits: Inherits,
}

/// What a URL takes over from the administrator's.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default)]
pub struct Inherits {
    /// One scheme instead of another.
    pub scheme: Option<Schemes>,
    /// Parameters.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
}

/// A scheme, and the one for connections by TLS.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Schemes {
    /// The scheme without TLS.
    #[schemars(length(min = 1, max = 40))]
    pub plain: String,
    /// The scheme with TLS.
    #[schemars(length(min = 1, max = 40))]
    pub encrypted: String,
}

/// A parameter of a URL.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Parameter {
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Other spellings of it.
    #[serde(default)]
    pub spellings: Vec<String>,
}

/// How databases and logins are made.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Provisioning {
    /// What runs the script, which comes after it.
    #[schemars(length(min = 1, max = 20))]
    pub command: Vec<String>,
    /// The script.
    #[schemars(length(min = 1, max = 65_536))]
    pub script: String,
    /// Further variables for it, each with a `value` or a key of the `admin` Secret.
    #[serde(default)]
    pub variables: Vec<Given>,
    /// Counts the script's changes that must be run on existing databases, too; 1 when absent.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub revision: u32,
    /// Why a login cannot be replaced while it is in use; absent where two can be valid at once.
    #[schemars(length(min = 1, max = 200))]
    pub never_rotates: Option<String>,
}

/// A variable that a script is given.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Given {
    /// Its name.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// A text, with placeholders.
    #[schemars(length(max = 4096))]
    pub value: Option<String>,
    /// A key of the admin Secret.
    #[schemars(length(min = 1, max = 63))]
    pub admin: Option<String>,
}

/// Whose server a database is on. Others' servers are an app's to name.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug)]
pub enum Mode {
    /// One server for an engine and series.
    Shared,
    /// One server for each service.
    Dedicated,
}

/// What a service owns on a server.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// A database of its name.
    Database,
    /// The index of its name, and those of which the name goes on with a hyphen.
    Indices,
    /// The keys that begin with its prefix.
    Keys,
    /// Its part of what the app's services share.
    App,
}

/// What events are taken by.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug)]
pub enum Events {
    /// Queues.
    Queues,
    /// Groups of consumers.
    Groups,
}

/// How it runs as a cache.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Cache {
    /// Instead of the engine's files.
    pub files: Vec<File>,
}

/// Whether its data can be backed up: one of the two.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Backup {
    /// How a database is dumped and restored.
    pub dump: Option<Dump>,
    /// Why it is not backed up, and what to do instead.
    #[schemars(length(min = 1, max = 300))]
    pub never: Option<String>,
}

/// How a database is dumped and restored.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug)]
pub struct Dump {
    /// Functions of bash, which the backup's own script calls.
    #[schemars(length(min = 1, max = 65_536))]
    pub script: String,
    /// What a dump's name ends in.
    #[schemars(length(min = 1, max = 20))]
    pub extension: String,
    /// What the one database is called where a server is dumped as a whole.
    #[schemars(length(min = 1, max = 63))]
    pub whole: Option<String>,
}

fn scratch() -> Vec<String> {
    vec!["/tmp".to_owned()]
}

fn limit() -> usize {
    63
}

fn five() -> i32 {
    5
}

fn one() -> u32 {
    1
}
