//! Why there is no plan, and who can mend it.

/// Why there is no plan. Nothing that runs is changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two services want the same database on the same server.
    #[error(
        "{first} and {second} both claim the database {database} on {server}: give one of them another name, or make one service its owner and let the other call it"
    )]
    DatabaseClaimedTwice {
        /// The database's name.
        database: String,
        /// The server's name.
        server: String,
        /// The service that comes first by name.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two databases of one server have keys in common.
    #[error(
        "{first} and {second} would have the same keys on {server}: give each of them a keyPrefix that is no beginning of the other's"
    )]
    KeysClaimedTwice {
        /// The server's name.
        server: String,
        /// The one that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// Two services would own the same indices.
    #[error(
        "{first} and {second} cannot both be on {server}, for a service owns the index of its name and those whose names go on with a hyphen: give one of the two another name"
    )]
    IndicesClaimedTwice {
        /// The server's name.
        server: String,
        /// The one that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A database that the engine has for itself.
    #[error(
        "{service} claims the database {database}, which {engine} has for itself: give it another name"
    )]
    DatabaseReserved {
        /// The service.
        service: String,
        /// The engine, as people write it.
        engine: String,
        /// The database's name.
        database: String,
    },
    /// An external server of which nothing is known.
    #[error(
        "databases.{engine}.mode is External, but no secretName is given: name the Secret that holds the uri of the server's administrator"
    )]
    ExternalWithoutSecret {
        /// The engine's name.
        engine: String,
    },
    /// The login of one database would be the owner of another.
    #[error(
        "{first} and {second} cannot both be on {server}: a login has its database's name and _a or _b, and one of them would own the other's database: give one of the two another name"
    )]
    LoginIsOwner {
        /// The server's name.
        server: String,
        /// The one that comes first.
        first: String,
        /// The other one.
        second: String,
    },
    /// A URL by SRV records, on a server that has none.
    #[error(
        "{service}: the database {database} has urlScheme {scheme}, and Gravity knows no SRV records of {server}, which it does not run itself: take urlScheme out"
    )]
    NoSrvRecords {
        /// The service.
        service: String,
        /// The database's name.
        database: String,
        /// The scheme that is asked for.
        scheme: String,
        /// The server's name.
        server: String,
    },
    /// Two sources give one variable of a service.
    #[error(
        "{service}: the variable {variable} comes from {first} and from {second}: rename one of them, or set databases[].env"
    )]
    VariableTwice {
        /// The service.
        service: String,
        /// The variable.
        variable: String,
        /// Where it comes from.
        first: String,
        /// Where else it comes from.
        second: String,
        /// The field of the manifest that can mend it.
        field: &'static str,
    },
    /// A value of a secret store, and the app names none.
    #[error(
        "{service} takes {variable} from a secret store (remoteRef), and the app names none: write secretStore: {{name: …, kind: ClusterSecretStore}} in its spec, the name being that of a SecretStore or ClusterSecretStore of the External Secrets Operator"
    )]
    NoSecretStore {
        /// The service.
        service: String,
        /// The variable.
        variable: String,
    },
    /// A service names a Secret or a claim that holds what is not its own.
    #[error(
        "{service}: {field} names the {object}, which is not for {service} to have: take it out, and {instead}"
    )]
    ObjectOfAnother {
        /// The service.
        service: String,
        /// The field of its manifest, or of the app.
        field: String,
        /// Whether it is the app's.
        of_app: bool,
        /// The object and whose it is, as `Secret web-main, the login of web`.
        object: String,
        /// What to do instead.
        instead: String,
    },
    /// Two objects would have one name.
    #[error("{object} is needed by {first} and by {second}: rename one of them")]
    NameTwice {
        /// The object, as `Service shop/redis`.
        object: String,
        /// Who needs it.
        first: String,
        /// Who needs it too.
        second: String,
    },
    /// Two services want the gateway's same path.
    #[error(
        "{first} and {second} both have the prefix {prefix}: change api.prefix of one of them, for the gateway can hand a path to one service only"
    )]
    PrefixTwice {
        /// The path.
        prefix: String,
        /// The service that comes first by name.
        first: String,
        /// The other one.
        second: String,
    },
    /// The way in names a service that is not there.
    #[error(
        "{who}: {field} names {service}, which the app has not, or which takes no requests: {instead}"
    )]
    UnknownToGateway {
        /// The service, or the app, that names it.
        who: String,
        /// The field that names it.
        field: String,
        /// The name.
        service: String,
        /// What to do.
        instead: String,
    },
    /// The way in names a database that cannot be what it is named for.
    #[error(
        "{who}: {field} names {database} of {service}, which is {is}: name a database of type redis, as a service of the app has it"
    )]
    NoStoreForGateway {
        /// The service, or the app, that names it.
        who: String,
        /// The field that names it.
        field: String,
        /// The service.
        service: String,
        /// The database.
        database: String,
        /// What it is instead.
        is: &'static str,
    },
    /// A service's patch of the pod template cannot mean what it says.
    #[error("{service}: podTemplate.{field}: {message}")]
    PodTemplate {
        /// The service.
        service: String,
        /// The field of the patch.
        field: String,
        /// What is wrong and what to do instead.
        message: String,
    },
    /// A service that runs from its source, and nobody has said where that is.
    #[error(
        "{service} runs from its source, and nothing says where that is: add it from its Git repository (`gravity add URL`), write runtime.source: {{url: https://…, revision: <whole hash>}} in its manifest, or build an image and write it in the place of runtime"
    )]
    NoSource {
        /// The service.
        service: String,
    },
    /// A queue of a service that another one could read or delete.
    #[error("{service}: {field}: the queue {queue} {why_not}")]
    QueueOfAnother {
        /// The service.
        service: String,
        /// The field of its manifest.
        field: String,
        /// The queue, or the group of consumers.
        queue: String,
        /// Who has it, and a name that nobody else can have.
        why_not: String,
    },
}

impl PlanError {
    /// The service whose manifest can mend it, and the field there; of two services the one
    /// that comes second. `None` where it is the app's to mend.
    pub fn place(&self) -> Option<(&str, String)> {
        let (service, field) = match self {
            Self::DatabaseClaimedTwice { second, .. } => (second, "databases".to_owned()),
            Self::DatabaseReserved { service, .. } | Self::NoSrvRecords { service, .. } => {
                (service, "databases".to_owned())
            }
            Self::VariableTwice {
                service,
                variable,
                field,
                ..
            } => (service, format!("{field}.{variable}")),
            Self::ObjectOfAnother {
                service,
                field,
                of_app: false,
                ..
            } => (service, field.clone()),
            Self::QueueOfAnother { service, field, .. } => (service, field.clone()),
            Self::NoSource { service } => (service, "runtime".to_owned()),
            Self::PrefixTwice { second, .. } => (second, "api.prefix".to_owned()),
            Self::UnknownToGateway { who, field, .. }
            | Self::NoStoreForGateway { who, field, .. } => (who, field.clone()),
            Self::PodTemplate { service, field, .. } => (service, format!("podTemplate.{field}")),
            Self::KeysClaimedTwice { .. }
            | Self::IndicesClaimedTwice { .. }
            | Self::ExternalWithoutSecret { .. }
            | Self::LoginIsOwner { .. }
            | Self::NoSecretStore { .. }
            | Self::ObjectOfAnother { of_app: true, .. }
            | Self::NameTwice { .. } => return None,
        };
        Some((service, format!("spec.{field}")))
    }
}
