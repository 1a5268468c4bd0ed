//! The arguments, the signals, and a command that runs in a cluster.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use local_cluster::{LocalCluster, Node, Operator, OperatorOptions, Options, Readiness};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{self, SignalKind};

use crate::Failure;
use crate::output::Format;

/// A real Kubernetes control plane, with a simulated or a real node.
#[derive(Debug, Parser)]
#[command(name = "local-cluster", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Start a cluster and keep it until Ctrl-C or SIGTERM
    Up {
        #[command(flatten)]
        cluster: ClusterArguments,
        #[command(flatten)]
        operator: OperatorArguments,
        /// How to tell that the cluster is ready
        #[arg(long, value_enum, default_value_t)]
        output: Format,
    },
    /// Start a cluster, run a command in it, and end with the command's exit code
    ///
    /// The command finds KUBECONFIG set, and kubectl and helm on its PATH.
    Run {
        #[command(flatten)]
        cluster: ClusterArguments,
        #[command(flatten)]
        operator: OperatorArguments,
        /// The command and its arguments
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArguments {
    /// Where everything is written, and kept; a temporary folder by default
    #[arg(long)]
    folder: Option<PathBuf>,
    /// How long a pod runs before it is ready, as 2s or 500ms; at once by default
    #[arg(long, value_name = "TIME", value_parser = duration)]
    ready_after: Option<Duration>,
    /// Leave Traefik's custom resources out
    #[arg(long)]
    without_traefik: bool,
    /// Install the Gateway API's custom resources
    #[arg(long)]
    gateway_api: bool,
    /// Install the Prometheus operator's ServiceMonitor
    #[arg(long)]
    service_monitor: bool,
    /// Install CloudNativePG's definitions; nothing acts on them
    #[arg(long)]
    cloudnativepg: bool,
    /// Install cert-manager's definitions; nothing acts on them
    #[arg(long)]
    cert_manager: bool,
    /// Install Istio's definitions; nothing acts on them
    #[arg(long)]
    istio: bool,
    /// Install the External Secrets Operator's ExternalSecret; nothing acts on it
    #[arg(long)]
    external_secrets: bool,
    /// What runs the pods
    #[arg(long, value_enum, default_value_t)]
    node: NodeArgument,
    /// An archive of images for a real node; may be given many times
    #[arg(long, value_name = "ARCHIVE")]
    images: Vec<PathBuf>,
}

/// What runs the pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum NodeArgument {
    /// Nothing; they stay pending.
    Absent,
    /// A simulated node; they become ready without being run.
    #[default]
    Simulated,
    /// This machine, which takes root.
    Real,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Operator")]
pub(crate) struct OperatorArguments {
    /// Run this `gravity` beside the cluster, with the rights that its chart gives it
    #[arg(long, value_name = "BINARY", requires = "chart")]
    operator: Option<PathBuf>,
    /// The chart that is installed for the operator
    #[arg(long, value_name = "FOLDER", requires = "operator")]
    chart: Option<PathBuf>,
    /// A value of the chart; may be given many times
    #[arg(long = "set", value_name = "NAME=VALUE", requires = "chart")]
    values: Vec<String>,
    /// Where the operator writes its log; the cluster's folder of logs by default
    #[arg(long, value_name = "FILE", requires = "operator")]
    operator_log: Option<PathBuf>,
}

impl From<OperatorArguments> for Option<OperatorOptions> {
    fn from(arguments: OperatorArguments) -> Self {
        let options = OperatorOptions::new(arguments.operator?, arguments.chart?);
        Some(OperatorOptions {
            values: arguments.values,
            log: arguments.operator_log,
            ..options
        })
    }
}

/// Starts a cluster and, where it is asked for, the operator beside it.
pub(crate) async fn start(
    options: Options,
    operator: Option<OperatorOptions>,
) -> Result<(LocalCluster, Option<Operator>), Failure> {
    let cluster = LocalCluster::start(options).await?;
    let Some(operator) = operator else {
        return Ok((cluster, None));
    };
    let mut operator = Operator::install(&cluster, operator).await?;
    operator.leading().await?;
    Ok((cluster, Some(operator)))
}

/// Ends the operator first, or it would complain about the end of the cluster.
pub(crate) async fn stop(cluster: LocalCluster, operator: Option<Operator>) {
    if let Some(mut operator) = operator {
        // One that does not end by itself is killed when it is dropped.
        let _ = operator.stop().await;
    }
    cluster.stop().await;
}

impl TryFrom<ClusterArguments> for Options {
    type Error = Failure;

    fn try_from(arguments: ClusterArguments) -> Result<Self, Failure> {
        if arguments.node != NodeArgument::Real && !arguments.images.is_empty() {
            return Err(Failure::ImagesWithoutNode);
        }
        Ok(Self {
            readiness: arguments
                .ready_after
                .map_or(Readiness::Instant, Readiness::After),
            folder: arguments.folder,
            traefik_crds: !arguments.without_traefik,
            gateway_api_crds: arguments.gateway_api,
            service_monitor_crd: arguments.service_monitor,
            cloudnativepg_crds: arguments.cloudnativepg,
            cert_manager_crds: arguments.cert_manager,
            istio_crds: arguments.istio,
            external_secrets_crd: arguments.external_secrets,
            node: match arguments.node {
                NodeArgument::Absent => Node::Absent,
                NodeArgument::Simulated => Node::Simulated,
                NodeArgument::Real => Node::Real {
                    images: arguments.images,
                },
            },
            audit_status: false,
        })
    }
}

/// Reads a time as Kubernetes writes it: a whole number and ms, s or m.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let number: u64 = digits
        .parse()
        .map_err(|_| "write a number and a unit, as 2s, 500ms or 1m".to_owned())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        _ => Err("the unit is missing or unknown; write 2s, 500ms or 1m".into()),
    }
}

/// Starts a cluster and runs the command in it.
pub(crate) async fn run(
    options: Options,
    operator: Option<OperatorOptions>,
    command: &[OsString],
) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    let (cluster, operator) = tokio::select! {
        started = start(options, operator) => started?,
        _ = signals.next() => return Ok(ExitCode::FAILURE),
    };
    let ended = run_in(&cluster, command, &mut signals).await;
    stop(cluster, operator).await;
    ended.map(exit_code)
}

async fn run_in(
    cluster: &LocalCluster,
    command: &[OsString],
    signals: &mut Signals,
) -> Result<ExitStatus, Failure> {
    let mut child = spawn(cluster, command)?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            signal = signals.next() => pass_on(&child, signal),
        }
    }
}

fn spawn(cluster: &LocalCluster, command: &[OsString]) -> Result<Child, Failure> {
    let (program, arguments) = command
        .split_first()
        .map_or((OsStr::new(""), command), |(first, rest)| {
            (first.as_os_str(), rest)
        });
    Command::new(program)
        .args(arguments)
        .envs(cluster.environment())
        .env("PATH", search_path(cluster)?)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::Command(program.to_string_lossy().into(), error))
}

/// Our kubectl and helm come first, for they fit the API server.
fn search_path(cluster: &LocalCluster) -> Result<OsString, Failure> {
    let mut folders = cluster.program_folders()?;
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    std::env::join_paths(folders).map_err(|error| Failure::Other(io::Error::other(error)))
}

/// A terminal's Ctrl-C has reached the command as well, for it is in our process group;
/// SIGTERM has not. Either way we wait for the command, and then stop the cluster.
fn pass_on(child: &Child, signal: Received) {
    let id = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let (Received::Terminate, Some(id)) = (signal, id) {
        // It fails only if the command has just ended, which is what is wanted.
        let _ = kill_process(id, Signal::TERM);
    }
}

/// A command that was killed by a signal ends as a shell tells it: 128 and the signal.
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The signals that end the program.
pub(crate) struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

/// Which signal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Interrupt,
    Terminate,
}

impl Signals {
    /// From now on they no longer end the program by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.interrupt.recv() => Received::Interrupt,
            _ = self.terminate.recv() => Received::Terminate,
        }
    }
}
