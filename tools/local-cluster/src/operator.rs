//! The real operator beside a cluster: its chart is installed in it, and its program runs
//! as a process with the rights of the chart's service account, and no others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::helm::{self, Asked};
use crate::process::Process;
use crate::{Error, LocalCluster, ports};

/// How long the operator may take to be ready, and to end when it is asked to.
const LIMIT: Duration = Duration::from_secs(40);

/// How often a wait looks again.
const INTERVAL: Duration = Duration::from_millis(20);

/// An answer to a question by HTTP comes at once or not at all.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Which addresses are replaced, for a pod's ports may be taken on this machine.
const METRICS_FLAG: &str = "--metrics-address";
const HEALTH_FLAG: &str = "--health-address";

/// Which operator is installed, and how.
#[derive(Clone, Debug)]
pub struct OperatorOptions {
    /// The program `gravity`.
    pub binary: PathBuf,
    /// The folder of the chart.
    pub chart: PathBuf,
    /// The namespace of the release; made if it is missing.
    pub namespace: String,
    /// Values of the chart, as `watchNamespaces={shop}`; helm's `--set`.
    pub values: Vec<String>,
    /// Arguments of `gravity operator` after those that the chart gives it.
    pub arguments: Vec<String>,
    /// Where the program writes its log; the cluster's folder of logs when absent.
    pub log: Option<PathBuf>,
}

impl OperatorOptions {
    /// The chart as it is, in the namespace `gravity-system`.
    pub fn new(binary: impl Into<PathBuf>, chart: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            chart: chart.into(),
            namespace: "gravity-system".into(),
            values: Vec::new(),
            arguments: Vec::new(),
            log: None,
        }
    }
}

/// The operator's process; it ends when this is dropped, or when our process ends.
#[derive(Debug)]
pub struct Operator {
    process: Process,
    launch: Launch,
    metrics: u16,
    health: u16,
}

/// All that another start needs.
#[derive(Clone, Debug)]
struct Launch {
    binary: PathBuf,
    asked: Asked,
    kubeconfig: PathBuf,
    logs: PathBuf,
    log: PathBuf,
}

impl Operator {
    /// Installs the chart and starts the program with the arguments of the chart's own
    /// Deployment, under the chart's service account. Returns before it is ready.
    pub async fn install(cluster: &LocalCluster, options: OperatorOptions) -> Result<Self, Error> {
        let mut asked = helm::install(cluster, &options).await?;
        asked.arguments.extend(options.arguments);
        let kubeconfig = cluster
            .kubeconfig_for_service_account(&options.namespace, &asked.service_account)
            .await?;
        let logs = cluster.logs();
        let log = options.log.unwrap_or_else(|| logs.join("operator.log"));
        Self::start(Launch {
            binary: options.binary,
            asked,
            kubeconfig,
            logs,
            log,
        })
    }

    /// Starts a second process of the same installation, as a second replica is; `name`
    /// names its log.
    pub fn start_another(&self, name: &str) -> Result<Self, Error> {
        Self::start(Launch {
            log: self.launch.logs.join(format!("{name}.log")),
            ..self.launch.clone()
        })
    }

    /// Starts a process with the rights and the program of this one that reaches the API
    /// server by another kubeconfig; `name` names its log. Each argument, as
    /// `--leader-elect=false`, stands in the place of the chart's of that name, or beside them.
    pub fn start_beside(
        &self,
        name: &str,
        kubeconfig: PathBuf,
        arguments: &[String],
    ) -> Result<Self, Error> {
        let mut launch = self.launch.clone();
        launch.log = launch.logs.join(format!("{name}.log"));
        launch.kubeconfig = kubeconfig;
        for argument in arguments {
            let flag = argument.split_inclusive('=').next().unwrap_or_default();
            launch.asked.arguments.retain(|one| !one.starts_with(flag));
        }
        launch.asked.arguments.extend_from_slice(arguments);
        Self::start(launch)
    }

    fn start(launch: Launch) -> Result<Self, Error> {
        let [metrics, health] = ports::free()?;
        let process = launch.process(metrics, health)?;
        Ok(Self {
            process,
            launch,
            metrics,
            health,
        })
    }

    /// Waits until `/readyz` says yes: the caches are filled, or it stands by.
    pub async fn ready(&mut self) -> Result<(), Error> {
        self.wait("the operator's /readyz", async |operator| {
            match operator.get(operator.health, "/readyz").await {
                Ok((200, _)) => Ok(()),
                Ok((status, text)) => Err(format!("{status} {text}")),
                Err(error) => Err(error.to_string()),
            }
        })
        .await
    }

    /// Waits until it holds the Lease and its caches are filled.
    pub async fn leading(&mut self) -> Result<(), Error> {
        self.wait("the operator's leadership", async |operator| {
            let metrics = operator
                .metrics()
                .await
                .map_err(|error| error.to_string())?;
            let leads = metrics.lines().any(|line| line == "gravity_leader 1");
            leads.then_some(()).ok_or_else(|| "it stands by".to_owned())
        })
        .await?;
        self.ready().await
    }

    /// What `/metrics` says.
    pub async fn metrics(&self) -> Result<String, Error> {
        let answer = self.get(self.metrics, "/metrics").await;
        let path = PathBuf::from(format!("http://127.0.0.1:{}/metrics", self.metrics));
        answer
            .map(|(_, text)| text)
            .map_err(Error::file(path, "read"))
    }

    /// The process' id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where the program writes its log; starts follow one another in it.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// The kubeconfig of the chart's service account.
    pub fn kubeconfig(&self) -> &Path {
        &self.launch.kubeconfig
    }

    /// Asks the program to end (SIGTERM), and returns how it did.
    pub async fn stop(&mut self) -> Result<ExitStatus, Error> {
        self.process.signal(Signal::TERM);
        self.ended().await
    }

    /// Waits until the program has ended by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus, Error> {
        let started = Instant::now();
        while started.elapsed() < LIMIT {
            if let Some(status) = self.process.status() {
                return Ok(status);
            }
            sleep(INTERVAL).await;
        }
        Err(self.timed_out("the operator's end", None))
    }

    /// Kills the program (SIGKILL): it can finish nothing, nor give its Lease back.
    pub async fn kill(&mut self) -> Result<ExitStatus, Error> {
        self.process.signal(Signal::KILL);
        self.ended().await
    }

    /// Starts the program again, after ending the one that runs as [`Self::stop`] does.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.stop().await?;
        self.process = self.launch.process(self.metrics, self.health)?;
        Ok(())
    }

    /// Stops the program where it stands (SIGSTOP), until [`Self::resume`].
    pub fn suspend(&mut self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets a suspended program go on (SIGCONT).
    pub fn resume(&mut self) {
        self.process.signal(Signal::CONT);
    }

    /// An error with the end of its log, if the program has ended.
    pub fn check(&mut self) -> Result<(), Error> {
        self.process.check()
    }

    async fn wait(
        &mut self,
        what: &str,
        ask: impl AsyncFn(&Self) -> Result<(), String>,
    ) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            let Err(answer) = ask(self).await else {
                return Ok(());
            };
            self.process.check()?;
            if started.elapsed() > LIMIT {
                return Err(self.timed_out(what, Some(answer)));
            }
            sleep(INTERVAL).await;
        }
    }

    fn timed_out(&self, what: &str, last_answer: Option<String>) -> Error {
        Error::TimedOut {
            what: what.into(),
            limit: LIMIT,
            logs: self.launch.logs.clone(),
            last_answer,
        }
    }

    /// The status and the text of an answer. A dozen lines are less than a client.
    async fn get(&self, port: u16, path: &str) -> std::io::Result<(u16, String)> {
        let exchange = async {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(parse(&answer))
        };
        timeout(ANSWER_LIMIT, exchange).await?
    }
}

impl Launch {
    fn process(&self, metrics: u16, health: u16) -> Result<Process, Error> {
        let mut environment = self.asked.environment.clone();
        environment.push(("KUBECONFIG".into(), OsString::from(&self.kubeconfig)));
        let mut arguments: Vec<String> = self.asked.arguments.clone();
        arguments.retain(|argument| {
            !argument.starts_with(METRICS_FLAG) && !argument.starts_with(HEALTH_FLAG)
        });
        for (flag, port) in [(METRICS_FLAG, metrics), (HEALTH_FLAG, health)] {
            arguments.push(format!("{flag}=127.0.0.1:{port}"));
        }
        let log = self.log.clone();
        Process::start_with("operator", &self.binary, &arguments, &environment, log)
    }
}

fn parse(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}
