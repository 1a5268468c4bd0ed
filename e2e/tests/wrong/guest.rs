//! Apps on a server of others, where something is wrong.

use e2e::Kubectl;

use crate::{POSTGRESQL, PSQL, apply, provision_again, run};

/// An app that is to provision on a server of others, where something is wrong.
pub struct Guest {
    pub app: &'static str,
    /// Its database, but for the name.
    database: &'static str,
    /// Its administrator's `uri`.
    uri: &'static str,
    /// What the condition says, in this order.
    pub says: [&'static str; 2],
}

/// PASSWORD is the administrator's.
const RIGHT_URI: &str = "postgresql://postgres:PASSWORD@books-postgresql-15/postgres";
pub const GUESTS: [Guest; 6] = [
    Guest {
        app: "barred",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://postgres:wrong@books-postgresql-15/postgres",
        says: [
            "password authentication failed for user \"postgres\"",
            "; write the password that the server has into the Secret of its administrator",
        ],
    },
    Guest {
        app: "down",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://postgres:PASSWORD@books-postgresql-15:5999/postgres",
        says: [
            "Connection refused",
            "; see that the server runs, and that the address of it is right",
        ],
    },
    Guest {
        app: "limited",
        database: "type: postgresql, version: '15'",
        uri: "postgresql://limited:limited@books-postgresql-15/postgres",
        says: [
            "permission denied to create role",
            "; grant the administrator this right",
        ],
    },
    Guest {
        app: "extended",
        database: "type: postgresql, version: '15', extensions: [timetravel]",
        uri: RIGHT_URI,
        says: [
            "extension \"timetravel\" is not available",
            "; take the extension out of the manifest, or name an image that has it as databases.<engine>.image",
        ],
    },
    Guest {
        app: "spelled",
        database: "type: postgresql, version: '15', charset: klingon",
        uri: RIGHT_URI,
        says: [
            "klingon is not a valid encoding name",
            "; write a charset and a collation that the server knows, or none",
        ],
    },
    Guest {
        app: "written",
        database: "type: mariadb, version: '10.11', charset: klingon",
        uri: "mysql://root:PASSWORD@books-mariadb-10-11/",
        says: [
            "Unknown character set: 'klingon'",
            "; write a charset and a collation that the server knows, or none",
        ],
    },
];

impl Guest {
    fn engine(&self) -> &str {
        let word = self.database.split([' ', ',']).nth(1);
        word.unwrap()
    }

    /// Its Secret, as a person makes it.
    fn secret(&self, kubectl: &Kubectl, uri: &str) -> String {
        let admin = match self.engine() {
            "mariadb" => "books-mariadb-10-11-admin",
            _ => "books-postgresql-15-admin",
        };
        let uri = uri.replace("PASSWORD", &kubectl.secret(admin, "password"));
        let name = self.app;
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{uri: '{uri}'}}}}\n---\n"
        )
    }

    fn service(&self, version: &str, database: &str) -> String {
        let name = self.app;
        format!(
            "apiVersion: gravity.dev/v1alpha1
kind: GravityService
metadata: {{name: {name}-{version}}}
spec:
  name: {name}
  version: {version}
  type: worker
  image: docker.io/library/busybox:1.37
  command: [sleep, '100000']
  security: {{runAsUser: 1000}}
  resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}
  databases: [{{name: {name}_db, {database}}}]
---
"
        )
    }

    fn app(&self) -> String {
        let (name, engine) = (self.app, self.engine());
        format!(
            "apiVersion: gravity.dev/v1alpha1
kind: GravityApp
metadata: {{name: {name}}}
spec:
  services: [{{name: {name}}}]
  updates: Automatic
  databases: {{{engine}: {{mode: External, secretName: {name}}}}}
---
"
        )
    }

    pub fn arrives(&self, kubectl: &Kubectl) {
        let all = [
            self.secret(kubectl, self.uri),
            self.service("1.0.0", self.database),
            self.app(),
        ];
        apply(kubectl, &all.concat());
    }

    /// Takes the way out that it was told.
    pub fn is_mended(&self, kubectl: &Kubectl) {
        match self.app {
            "barred" | "down" => apply(kubectl, &self.secret(kubectl, RIGHT_URI)),
            "limited" => {
                run(
                    kubectl,
                    POSTGRESQL,
                    PSQL,
                    "ALTER ROLE limited CREATEROLE CREATEDB",
                );
                provision_again(kubectl, self.app);
            }
            _ => {
                let plain = self.database.replace(", charset: klingon", "");
                let plain = plain.replace("timetravel", "hstore");
                apply(kubectl, &self.service("1.0.1", &plain));
            }
        }
    }
}
