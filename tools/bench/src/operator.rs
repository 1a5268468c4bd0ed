//! The operator as a process of its own, with the rights of its chart, and what it uses of
//! the machine.

use std::fs;
use std::path::{Path, PathBuf};

use local_cluster::OperatorOptions;

use crate::Error;
use crate::audit::Request;
use crate::bed::Bed;

/// The folder of the chart.
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts/gravity");

/// The service accounts of the namespace that the chart is installed in.
const ACCOUNTS: &str = "system:serviceaccount:gravity-system:";

/// The release binary, installed by the chart.
pub struct Operator(local_cluster::Operator);

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
    /// Installs the chart, starts the operator, and waits until its caches are filled.
    pub async fn start(bed: &Bed) -> Result<Self, Error> {
        let options = OperatorOptions::new(gravity()?, CHART);
        let mut operator = local_cluster::Operator::install(&bed.cluster, options).await?;
        operator.leading().await?;
        Ok(Self(operator))
    }

    /// What it has used until now.
    pub fn used(&self) -> Result<Used, Error> {
        used(self.0.pid())
    }

    /// The sum and the number of its reconciles' times, from `/metrics`.
    pub async fn reconciles(&self) -> Result<(f64, f64), Error> {
        let text = self.0.metrics().await?;
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim().parse().ok())
                .unwrap_or(f64::NAN)
        };
        Ok((
            value("gravity_reconcile_duration_seconds_sum "),
            value("gravity_reconcile_duration_seconds_count "),
        ))
    }

    /// Ends it as a roll-out does.
    pub async fn stop(mut self) -> Result<(), Error> {
        self.0.stop().await?;
        Ok(())
    }
}

/// Whether the operator asked.
pub fn asked(request: &Request) -> bool {
    request.user.username.starts_with(ACCOUNTS)
}

/// The program `gravity`, which lies beside this one.
pub fn gravity() -> Result<PathBuf, Error> {
    let own = std::env::current_exe().map_err(Error::file("the benchmark itself"))?;
    Ok(own.with_file_name("gravity"))
}

/// What a process has used, from Linux' /proc (proc_pid_stat(5), proc_pid_status(5)).
fn used(id: u32) -> Result<Used, Error> {
    let folder = Path::new("/proc").join(id.to_string());
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(Error::file(path))
    };
    let (stat, status) = (read("stat")?, read("status")?);
    Ok(Used {
        cpu: ticks(&stat) / rustix::param::clock_ticks_per_second() as f64,
        memory: mebibytes(&status, "VmRSS:"),
        peak: mebibytes(&status, "VmHWM:"),
    })
}

/// The processors' time in user and kernel mode.
fn ticks(stat: &str) -> f64 {
    // The second field is a name that may hold anything, up to the last parenthesis.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let times = rest.split_whitespace().skip(11).take(2);
    times.filter_map(|text| text.parse::<f64>().ok()).sum()
}

fn mebibytes(status: &str, name: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_past_a_name_with_spaces_and_parentheses() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 1 1 1";
        assert_eq!(ticks(stat), 200.0);
    }

    #[test]
    fn memory_is_told_in_mebibytes() {
        assert_eq!(mebibytes("Name:\tx\nVmRSS:\t  2048 kB\n", "VmRSS:"), 2.0);
    }
}
