//! Why an application is not as a verb was to make it.

/// Why an application is not as a verb was to make it.
#[derive(Debug, thiserror::Error)]
pub enum RunningError {
    /// Somebody must act.
    #[error("{app} cannot go on by itself: {message}")]
    Stalled {
        /// The application.
        app: String,
        /// The condition's words.
        message: String,
    },
    /// It takes too long.
    #[error(
        "{app} is not ready after {limit}{}: the cluster goes on, and `gravity status {app} -n {namespace}` shows how far it is; --timeout gives it more time",
        not_ready(services)
    )]
    TooLong {
        /// The application.
        app: String,
        /// Its namespace.
        namespace: String,
        /// How long it was waited for.
        limit: String,
        /// What is not ready.
        services: Vec<String>,
    },
    /// Nobody looks after the application.
    #[error(
        "no operator has looked at {app} in {limit}: is it running? `kubectl get pods --all-namespaces --selector app.kubernetes.io/name=gravity` shows it; `gravity doctor` tells what is missing"
    )]
    NoOperator {
        /// The application.
        app: String,
        /// How long it was waited for.
        limit: String,
    },
    /// It went while it was waited for.
    #[error("{app} was deleted by somebody else while it started")]
    Gone {
        /// The application.
        app: String,
    },
    /// Several applications, and none was named.
    #[error("namespace {namespace} has {} applications: say which is meant by --app, one of {}", names.len(), names.join(", "))]
    Several {
        /// The namespace.
        namespace: String,
        /// Their names.
        names: Vec<String>,
    },
    /// There is no application.
    #[error(
        "namespace {namespace} has no application: name another namespace by -n, or start one by `gravity start` in its project"
    )]
    None {
        /// The namespace.
        namespace: String,
    },
    /// The application has no such service.
    #[error("{app} has no service {name}: {}", there_is(names))]
    NoService {
        /// The application.
        app: String,
        /// The name that was asked for.
        name: String,
        /// Those that it has.
        names: Vec<String>,
    },
    /// The service has nothing of the kind.
    #[error("{name} is a service of type {kind}: {why}")]
    WrongType {
        /// The service.
        name: String,
        /// Its type.
        kind: &'static str,
        /// What that means here.
        why: &'static str,
    },
    /// It does not go.
    #[error(
        "{app} is not gone after {limit}: `gravity status {app} -n {namespace}` shows what it waits for; it goes on by itself"
    )]
    NotGone {
        /// The application.
        app: String,
        /// Its namespace.
        namespace: String,
        /// How long it was waited for.
        limit: String,
    },
    /// Two applications cannot have one service in a namespace.
    #[error(
        "{service} runs in namespace {namespace} for the application {other}, and a namespace holds one service of a name: name another namespace by -n, or delete {other}"
    )]
    Shared {
        /// The service.
        service: String,
        /// The application that has it.
        other: String,
        /// The namespace.
        namespace: String,
    },
    /// One service cannot run where nothing does.
    #[error(
        "the whole of {app} is stopped: `gravity start`, in its project or with --app {app}, starts it"
    )]
    AllStopped {
        /// The application.
        app: String,
    },
    /// A file says that it is stopped.
    #[error(
        "{what} of {app} is stopped by the application's own file: take `stopped: true` out of it, and apply it"
    )]
    StoppedByFile {
        /// The application.
        app: String,
        /// The service.
        what: String,
    },
    /// Two have changed the same in one moment.
    #[error("{app} was changed by somebody else in this moment: try again")]
    Changed {
        /// The application.
        app: String,
    },
    /// There is no way in.
    #[error(
        "{what} has no URL: its manifest needs api.prefix and the application a gateway; `gravity port-forward SERVICE` reaches it without"
    )]
    NoUrl {
        /// The service or the application.
        what: String,
    },
    /// A service has no pod to go to.
    #[error("{service} has no pod that is ready: `gravity status` shows why")]
    NoPod {
        /// The service.
        service: String,
    },
    /// A service listens on nothing.
    #[error("{service} listens on no port")]
    NoPort {
        /// The service.
        service: String,
    },
    /// A port of this machine is not to be had.
    #[error("port {port} of this machine cannot be listened on ({error}): name another one")]
    PortTaken {
        /// The port.
        port: u16,
        /// What the system says.
        error: std::io::Error,
    },
    /// Nothing is deleted unasked.
    #[error("nothing was deleted: say --yes where nobody can be asked")]
    NotAsked,
    /// A person said no.
    #[error("nothing was deleted")]
    Declined,
    /// A pattern that is none.
    #[error("--grep {pattern:?} is no regular expression: {message}")]
    Pattern {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

fn not_ready(services: &[String]) -> String {
    match services {
        [] => String::new(),
        services => format!(": {}", services.join("; ")),
    }
}

fn there_is(names: &[String]) -> String {
    match names {
        [] => {
            "the operator has not looked at it yet, `gravity status` shows when it has".to_owned()
        }
        names => format!("there is {}", names.join(", ")),
    }
}
