//! A room: what is in an image, in which its programs run without a cluster around them.
//!
//! A room has its own processes, mounts and network, whose one address is the loopback's, so
//! servers keep their ports, and all of it ends with the room.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::feed::feed;
use crate::images::archives;

/// The first process of a room: all others end with it. The files are in memory and its own, so
/// none is left behind. It tells its number outside once it is where they join it.
const FIRST: &str = r#"
set -o pipefail
root=$1 archive=$2
mount -t tmpfs -o mode=755 tmpfs "$root"
for layer in "${@:3}"; do tar -xOf "$archive" "$layer" | tar -xf - -C "$root"; done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
ip link set lo up
hostname room
printf '127.0.0.1 localhost room\n' > "$root/etc/hosts"
read -r number _ < /proc/self/stat
exec chroot "$root" bash -c 'echo "$1"; exec sleep infinity' room "$number"
"#;

/// Who ends is followed by the room; setpriv sees to it when it is this process.
const OPEN: [&str; 13] = [
    "--pdeathsig",
    "KILL",
    "--",
    "unshare",
    "--net",
    "--uts",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--",
    "bash",
    "-euc",
];

/// An image's files, with processes of their own.
pub struct Room {
    /// Where the room's files are mounted, which only its own processes see.
    _folder: tempfile::TempDir,
    image: Value,
    first: Child,
    number: String,
}

impl Room {
    /// The image is a folder of `e2e/images`.
    pub fn of(image: &str) -> Self {
        let archive = archives(&[image]).pop().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let manifest = read(&archive, "manifest.json");
        let layers = manifest[0]["Layers"].as_array().unwrap();
        let mut first = Command::new("setpriv")
            .args(OPEN)
            .args([FIRST, "room"])
            .args([folder.path(), &archive])
            .args(layers.iter().filter_map(Value::as_str))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let mut output = BufReader::new(first.stdout.take().unwrap());
        output.read_line(&mut number).unwrap();
        assert!(!number.is_empty(), "the room of {image} did not open");
        Self {
            _folder: folder,
            image: read(&archive, "config.json")["config"].take(),
            first,
            number: number.trim().to_owned(),
        }
    }

    /// A path of the room, from outside.
    pub fn path(&self, path: &str) -> PathBuf {
        let root = Path::new("/proc").join(&self.number).join("root");
        root.join(path.trim_start_matches('/'))
    }

    /// Starts a server in the background, as the image's user. What it says is in
    /// /tmp/server.log.
    pub fn start(&self, words: &[&str], variables: &[(&str, &str)]) {
        let script = r#"exec "$@" > /tmp/server.log 2>&1"#;
        let all = ["bash", "-c", script, "server"];
        let all: Vec<_> = all.iter().chain(words).copied().collect();
        let mut command = self.command(&self.user(), &all, variables);
        // It ends with the room.
        drop(command.stdin(Stdio::null()).spawn().unwrap());
    }

    /// Runs a program as the image's user, with these variables and no others but the image's
    /// own. Answers with what it prints, or else with all that it says.
    pub fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Result<String, String> {
        self.feed(words, variables, "")
    }

    /// The same, with something on standard input.
    pub fn feed(
        &self,
        words: &[&str],
        variables: &[(&str, &str)],
        input: &str,
    ) -> Result<String, String> {
        let output = feed(&mut self.command(&self.user(), words, variables), input);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        let said = text(&output.stdout);
        if output.status.success() {
            Ok(said)
        } else {
            Err(format!("{said}\n{}", text(&output.stderr))
                .trim()
                .to_owned())
        }
    }

    /// Runs a script of bash as root.
    pub fn prepare(&self, script: &str) {
        let words = ["bash", "-euc", script];
        let output = self.command("0:0", &words, &[]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Waits until a program succeeds.
    pub fn wait(&self, words: &[&str], variables: &[(&str, &str)]) {
        let limit = Instant::now() + Duration::from_secs(120);
        while let Err(said) = self.run(words, variables) {
            if Instant::now() > limit {
                let log = self.run(&["tail", "-n", "50", "/tmp/server.log"], &[]);
                panic!("{words:?}: {said}\n{log:?}");
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn user(&self) -> String {
        let user = self.image["User"].as_str().unwrap_or_default();
        if user.is_empty() { "0:0" } else { user }.to_owned()
    }

    /// A session of its own has no terminal that a program could ask at.
    fn command(&self, user: &str, words: &[&str], variables: &[(&str, &str)]) -> Command {
        let (user, group) = user.split_once(':').unwrap();
        let mut command = Command::new("nsenter");
        command.args([
            "--target",
            &self.number,
            "--mount",
            "--net",
            "--uts",
            "--pid",
        ]);
        command.args(["--root", "--wd", "--setuid", user, "--setgid", group]);
        command.args(["setsid", "--wait"]).args(words);
        let own = self.image["Env"].as_array().into_iter().flatten();
        let own = own.filter_map(|variable| variable.as_str()?.split_once('='));
        command
            .env_clear()
            .envs(own)
            .envs(variables.iter().copied());
        command
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.first.kill();
        let _ = self.first.wait();
    }
}

fn read(archive: &Path, file: &str) -> Value {
    let output = Command::new("tar")
        .args(["-xOf".as_ref(), archive.as_os_str(), file.as_ref()])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}
