//! Five services, each of which keeps what it is told in another engine.

use serde_json::{Value, json};

/// The app.
pub(crate) const APP: &str = "steady";

/// The version that serves first and last.
pub(crate) const FIRST: &str = "1.0.0";

/// A service with one database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeper {
    pub(crate) service: &'static str,
    pub(crate) database: &'static str,
    engine: &'static str,
    version: &'static str,
    /// The pod of its server.
    pub(crate) server: &'static str,
    /// Whether a migration has something to do there.
    pub(crate) has_schema: bool,
    /// Whether the server's log has a line for each login that is turned away.
    pub(crate) server_tells: bool,
    /// Whether its login can be replaced: a bucket has one owner.
    pub(crate) rotates: bool,
}

pub(crate) const KEEPERS: [Keeper; 5] = [
    Keeper {
        service: "accounts",
        database: "accounts_db",
        engine: "postgresql",
        version: "15",
        server: "steady-postgresql-15-0",
        has_schema: true,
        server_tells: true,
        rotates: true,
    },
    Keeper {
        service: "catalogue",
        database: "catalogue_db",
        engine: "mariadb",
        version: "10.11",
        server: "steady-mariadb-10-11-0",
        has_schema: true,
        server_tells: true,
        rotates: true,
    },
    Keeper {
        service: "sessions",
        database: "session_store",
        engine: "redis",
        version: "7",
        server: "steady-sessions-redis-7-0",
        has_schema: false,
        server_tells: false,
        rotates: true,
    },
    Keeper {
        service: "messages",
        database: "message_broker",
        engine: "rabbitmq",
        version: "3",
        server: "steady-rabbitmq-3-0",
        has_schema: false,
        server_tells: true,
        rotates: true,
    },
    Keeper {
        service: "pictures",
        database: "picture_files",
        engine: "s3",
        version: "1",
        server: "steady-s3-1-0",
        has_schema: false,
        server_tells: false,
        rotates: false,
    },
];

impl Keeper {
    /// The Secret with its login.
    pub(crate) fn secret(&self) -> String {
        format!("{}-{}", self.service, self.database.replace('_', "-"))
    }

    /// The variable with its database's URL.
    pub(crate) fn variable(&self) -> String {
        format!("{}_URL", self.database.to_uppercase())
    }

    /// The service in a version; `variables` are those that the version has besides.
    pub(crate) fn release(&self, version: &str, variables: &[(&str, &str)]) -> Value {
        let mut env = json!({"SERVICE": self.service});
        for (name, value) in variables {
            env[name] = json!(value);
        }
        let mut database = json!({"name": self.database, "type": self.engine});
        database["version"] = json!(self.version);
        json!({
            "apiVersion": "gravity.dev/v1alpha1",
            "kind": "GravityService",
            "metadata": {"name": format!("{}-{version}", self.service)},
            "spec": {
                "name": self.service,
                "version": version,
                "image": "local-cluster.gravity.dev/sample-service:1",
                "port": 8000,
                "databases": [database],
                "health": {"liveness": "/health", "readiness": "/health/detailed"},
                "migrations": {"command": ["sample-service", "migrate"], "retries": 0},
                // While one of them goes, the other answers.
                "scaling": {"minReplicas": 2},
                "env": env,
                "resources": {
                    "requests": {"cpu": "10m", "memory": "24Mi"},
                    "limits": {"memory": "128Mi"},
                },
            },
        })
    }
}

/// The app with its services in these versions. Machines of two cores take all of it.
pub(crate) fn app(version: impl Fn(&Keeper) -> &'static str) -> Value {
    let services = KEEPERS
        .each_ref()
        .map(|keeper| json!({"name": keeper.service, "version": format!("={}", version(keeper))}));
    let server = |cpu: &str| json!({"storage": "1Gi", "resources": {"requests": {"cpu": cpu}}});
    json!({
        "apiVersion": "gravity.dev/v1alpha1",
        "kind": "GravityApp",
        "metadata": {"name": APP},
        "spec": {
            "services": services,
            "gateway": {"class": "None"},
            "databases": {
                "postgresql": server("50m"),
                "mariadb": server("50m"),
                "redis": server("20m"),
                "rabbitmq": server("50m"),
                "s3": server("20m"),
            },
        },
    })
}
