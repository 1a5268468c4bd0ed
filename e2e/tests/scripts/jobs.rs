//! Runs the scripts as their Jobs do.

use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

use e2e::{Room, tell};
use gravity::engines::{Backup, Engine};

/// Stands before a program on the PATH, and notes its arguments: all processes of a pod can
/// read them.
const NOTE: &str = r#"
mkdir -p /tmp/noted /backup
chmod 777 /tmp/noted /backup
cat > /tmp/noted/program <<'NOTE'
#!/bin/bash
printf '%s\n' "$0" "$@" >> /tmp/arguments
PATH=${PATH#/tmp/noted:} exec "${0##*/}" "$@"
NOTE
chmod 755 /tmp/noted/program
touch /tmp/arguments
chmod 666 /tmp/arguments
for program in psql pg_dump pg_restore mariadb mariadb-dump mysql mysqldump redis-cli redis-server \
    rabbitmqctl versitygw sed grep od tr cut env timeout cat sha256sum awk; do
    if command -v "$program" > /dev/null; then ln -s program "/tmp/noted/$program"; fi
done
"#;

const DRIVER: &str = include_str!("../../../src/plan/databases/backup/driver.sh");
const CLAIM: &str = include_str!("../../../src/plan/databases/backup/claim.sh");

/// A server in a room, and the Jobs that work on it.
pub struct Server {
    pub room: Room,
    /// Whose scripts are run.
    pub engine: Engine,
    /// The script of its provisioning.
    pub script: String,
    started: Instant,
    /// What the Jobs know of the server.
    variables: BTreeMap<String, String>,
}

/// What a Job gets, by name.
pub type Variables<'a> = [(&'a str, &'a str)];

impl Server {
    /// The server runs already.
    pub fn new(engine: Engine, room: Room, variables: &Variables<'_>) -> Self {
        room.prepare(NOTE);
        let port = engine.profile().port().to_string();
        let all = [
            ("HOME", "/tmp"),
            ("SERVER_NAME", "server"),
            ("SERVER_HOST", "127.0.0.1"),
            ("SERVER_PORT", &port),
            ("ENGINE", engine.name()),
            ("SERIES", "1"),
            ("DATABASE_EXTENSIONS", ""),
            ("DATABASE_CHARSET", ""),
            ("DATABASE_COLLATION", ""),
            ("OTHER_LOGIN", "cut"),
            ("RETAIN_COUNT", "7"),
            ("RETAIN_DAYS", ""),
        ];
        let all = all.iter().chain(variables);
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            variables: all.map(text).collect(),
            room,
            engine,
            script: engine.profile().provisioning.script.to_owned(),
            started: Instant::now(),
        }
    }

    /// Runs the engine's provisioning.
    pub fn provision(&self, variables: &Variables<'_>) -> Result<String, String> {
        let mut words = self.engine.profile().provisioning.command.to_vec();
        words.push(&self.script);
        self.run(&words, variables)
    }

    /// A database and its login `_a`, with this password.
    pub fn make(&self, name: &str, password: &str) {
        let said = self.provision(&[
            ("DATABASE_NAME", name),
            ("DATABASE_OWNER", name),
            ("DATABASE_USERNAME", &format!("{name}_a")),
            ("DATABASE_PASSWORD", password),
        ]);
        assert!(said.is_ok(), "{name:?}: {}", said.unwrap_err());
    }

    /// A database on a server of others is one app's: another is refused until somebody says there
    /// that the first has given it up.
    pub fn is_one_apps(&self, uri: &str, charset: &str, give_up: impl Fn()) {
        let comes = |app: &str| {
            self.provision(&[
                ("ADMIN_URI", uri),
                ("ADMIN_USERNAME", ""),
                ("ADMIN_PASSWORD", ""),
                ("DATABASE_APP", app),
                ("DATABASE_NAME", "sh'ared"),
                ("DATABASE_OWNER", "sh'ared"),
                ("DATABASE_USERNAME", "sh'ared_a"),
                ("DATABASE_PASSWORD", "secret"),
                ("DATABASE_CHARSET", charset),
            ])
        };
        for _ in 0..2 {
            let said = comes("a/shop");
            assert!(said.is_ok(), "{}", said.unwrap_err());
        }
        let said = comes("b/shop").unwrap_err();
        let told = "ERROR:  the database sh'ared belongs to the GravityApp a/shop already: give the service's database another name";
        assert!(
            said.replace("ERROR: the", "ERROR:  the").starts_with(told),
            "{said}"
        );
        give_up();
        let said = comes("b/shop");
        assert!(said.is_ok(), "{}", said.unwrap_err());
        assert!(comes("a/shop").is_err());
    }

    /// Runs a Job of a backup, with these words as `backup` or `restore NAME TO MODE`. Answers
    /// with its log.
    pub fn backup(&self, words: &[&str], variables: &Variables<'_>) -> Result<String, String> {
        let Backup::Dump(dump) = &self.engine.profile().backup else {
            panic!("{} has no backup", self.engine);
        };
        let all = [("BACKUP_EXTENSION", dump.extension)];
        let variables: Vec<_> = all.iter().chain(variables).copied().collect();
        let script = ["exec 2>&1", dump.script, CLAIM, DRIVER].join("\n");
        let mut all = vec!["bash", "-euc", &script, "gravity"];
        all.extend(words);
        self.run(&all, &variables)
    }

    /// Makes a backup, and answers with its name.
    pub fn made_backup(&self, variables: &Variables<'_>) -> String {
        let said = self.backup(&["backup"], variables).unwrap();
        let name = said
            .strip_prefix("made ")
            .and_then(|rest| rest.split(',').next());
        name.unwrap_or_else(|| panic!("a backup says {said}"))
            .to_owned()
    }

    /// The login `_a` of this owner is replaced by `_b` in the steps of a rotation, in each of
    /// which those enter whose pods may run.
    pub fn rotate(
        &self,
        (database, owner): (&str, &str),
        [first, second]: [&str; 2],
        enters: impl Fn(&str, &str) -> bool,
    ) {
        let run = |login: &str, password: &str, other: &Variables<'_>| {
            let all = [
                ("DATABASE_NAME", database),
                ("DATABASE_OWNER", owner),
                ("DATABASE_USERNAME", login),
                ("DATABASE_PASSWORD", password),
            ];
            self.provision(&[&all, other].concat()).unwrap();
        };
        let (a, b) = (&*format!("{owner}_a"), &*format!("{owner}_b"));
        let who = || (enters(a, first), enters(b, second));
        // Four at once do what one does.
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(a, first, &[]));
            }
        });
        assert_eq!(who(), (true, false));
        run(
            a,
            first,
            &[("OTHER_LOGIN", "set"), ("OTHER_PASSWORD", second)],
        );
        assert_eq!(who(), (true, true));
        run(b, second, &[("OTHER_LOGIN", "keep")]);
        assert_eq!(who(), (true, true));
        run(b, second, &[("OTHER_LOGIN", "cut")]);
        assert_eq!(who(), (false, true));
    }

    fn run(&self, words: &[&str], variables: &Variables<'_>) -> Result<String, String> {
        let own = self.variables.iter();
        let mut all: BTreeMap<_, _> = own.map(|(name, value)| (&**name, &**value)).collect();
        all.extend(variables.iter().copied());
        let all: Vec<_> = all.into_iter().collect();
        // The image's own PATH, with the notes before it.
        let script = r#"PATH=/tmp/noted:$PATH exec "$@""#;
        let mut noted = vec!["/bin/bash", "-c", script, "job"];
        noted.extend(words);
        self.room.run(&noted, &all)
    }

    /// No process that a Job started had any of these in its arguments, and none of them was
    /// run by a shell.
    pub fn kept_to_itself(&self, secrets: &[&str]) {
        let told = self.room.run(&["cat", "/tmp/arguments"], &[]).unwrap();
        assert!(!told.is_empty(), "nothing was noted");
        for secret in secrets {
            assert!(!told.contains(secret), "{secret:?} is an argument:\n{told}");
        }
        assert!(
            self.room
                .run(&["test", "!", "-e", "/tmp/broken"], &[])
                .is_ok()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        tell(&format!("the scripts of {}", self.engine), self.started);
    }
}
