//! The operator as a process of its own, and what it uses of the machine.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;
use crate::bed::{Bed, within};

/// The release binary that runs.
pub struct Operator {
    child: Child,
    metrics: SocketAddr,
}

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Seconds of the processors.
    pub cpu: f64,
    /// Memory now, in MiB.
    pub memory: f64,
    /// The most memory at any time, in MiB.
    pub peak: f64,
}

impl Operator {
    /// Starts the operator and waits until its watches have shown their first lists.
    pub async fn start(bed: &Bed) -> Result<Self, Error> {
        let (metrics, health) = (free_port()?, free_port()?);
        let binary = gravity()?;
        let log = bed.cluster.logs().join("gravity.log");
        let output = fs::File::create(&log).map_err(Error::file(&log))?;
        let errors = output.try_clone().map_err(Error::file(&log))?;
        let child = Command::new(&binary)
            .args(["operator", "--log-format", "text"])
            .arg(format!("--metrics-address={metrics}"))
            .arg(format!("--health-address={health}"))
            .env("KUBECONFIG", bed.kubeconfig())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(Error::file(&binary))?;
        let operator = Self { child, metrics };
        within("the operator's /readyz", until_ready(health)).await?;
        Ok(operator)
    }

    /// What it has used until now.
    pub fn used(&self) -> Result<Used, Error> {
        used(self.child.id())
    }

    /// The sum and the number of its reconciles' times, from `/metrics`.
    pub fn reconciles(&self) -> (f64, f64) {
        let text = get(self.metrics, "/metrics").unwrap_or_default();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim().parse().ok())
                .unwrap_or(f64::NAN)
        };
        (
            value("gravity_reconcile_duration_seconds_sum "),
            value("gravity_reconcile_duration_seconds_count "),
        )
    }
}

impl Drop for Operator {
    /// Asks, so that the Lease is handed back, and then waits for the end.
    fn drop(&mut self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process(id, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// The release binary, which lies beside this one.
pub fn gravity() -> Result<PathBuf, Error> {
    let own = std::env::current_exe().map_err(Error::file("the benchmark itself"))?;
    Ok(own.with_file_name("gravity"))
}

fn free_port() -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Error::file("a free port"))?;
    listener.local_addr().map_err(Error::file("a free port"))
}

async fn until_ready(health: SocketAddr) {
    let ready = || get(health, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"));
    while !ready() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What a process has used, from Linux' /proc (proc_pid_stat(5), proc_pid_status(5)).
fn used(id: u32) -> Result<Used, Error> {
    let folder = Path::new("/proc").join(id.to_string());
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(Error::file(path))
    };
    let (stat, status) = (read("stat")?, read("status")?);
    // The second field is a name that may hold anything, up to the last parenthesis.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let number = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok());
    let kibibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        number.unwrap_or(f64::NAN) / 1024.0
    };
    let ticks = rustix::param::clock_ticks_per_second();
    Ok(Used {
        cpu: (number(11).unwrap_or(f64::NAN) + number(12).unwrap_or(f64::NAN)) / ticks as f64,
        memory: kibibytes("VmRSS:"),
        peak: kibibytes("VmHWM:"),
    })
}
