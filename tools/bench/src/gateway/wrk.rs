//! `wrk`, the load: a process beside the gateway, for a set time.

use std::fs;

use tokio::process::Command;

use crate::Error;

/// How long each measurement is, in seconds, and how many connections are kept up.
pub(super) const SECONDS: u32 = 5;
pub(super) const CONNECTIONS: u32 = 32;

/// What one run tells: latencies in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) a_second: f64,
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    /// Answers of 400 and above, and requests without one.
    pub(super) errors: u64,
}

/// wrk itself tells no 95th percentile, nor anything that is meant to be read by a program.
const REPORT: &str = r#"
done = function(summary, latency, requests)
  local told = summary.errors
  io.write(string.format("report %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    told.connect + told.read + told.write + told.status + told.timeout))
end
"#;

/// Asks a URL for so many seconds, by this name of a host.
pub(super) async fn run(url: &str, host: &str, seconds: u32) -> Result<Run, Error> {
    let script = tempfile::NamedTempFile::new().map_err(Error::file("a temporary file"))?;
    fs::write(script.path(), REPORT).map_err(Error::file(script.path()))?;
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--connections", &CONNECTIONS.to_string()]);
    command.args(["--duration", &format!("{seconds}s"), "--timeout", "5s"]);
    command.args(["--header", &format!("Host: {host}"), "--script"]);
    command.arg(script.path()).arg(url);
    let output = command.output().await.map_err(Error::file("wrk"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().find_map(read).ok_or_else(|| Error::Program {
        program: "wrk".to_owned(),
        status: output.status,
        output: format!("{said}{}", String::from_utf8_lossy(&output.stderr)),
    })
}

/// The line of the report; its times are in microseconds.
fn read(line: &str) -> Option<Run> {
    let numbers = line.strip_prefix("report ")?.split(' ');
    let numbers: Vec<f64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [requests, duration, p50, p95, p99, errors] = numbers.try_into().ok()?;
    let seconds = |microseconds: f64| microseconds / 1e6;
    Some(Run {
        a_second: requests / seconds(duration),
        p50: seconds(p50),
        p95: seconds(p95),
        p99: seconds(p99),
        errors: errors as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_found_among_what_wrk_says() {
        assert_eq!(read("  Thread Stats   Avg      Stdev"), None);
        let run = Run {
            a_second: 8000.0,
            p50: 0.004,
            p95: 0.009,
            p99: 0.012,
            errors: 3,
        };
        assert_eq!(read("report 40000 5000000 4000 9000 12000 3"), Some(run));
    }
}
