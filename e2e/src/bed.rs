//! A cluster with the operator in it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use local_cluster::{LocalCluster, Node, Operator, OperatorOptions, Options};

use crate::{Gravity, IMAGES, Kubectl, OPERATOR_IMAGE, Way, archives, operator_image, program};

/// The environment variable with the kubeconfig of a cluster to use instead of a new one.
pub const GIVEN_KUBECONFIG: &str = "GRAVITY_E2E_KUBECONFIG";

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/as-objects");
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/gravity");

/// A cluster and the operator. Both end when this is dropped.
#[derive(Debug)]
pub struct Bed {
    // Ended first, or it would complain about the end of the cluster.
    operator: Operator,
    cluster: LocalCluster,
}

const RESTRICTED: &str = "pod-security.kubernetes.io/enforce=restricted";

impl Bed {
    /// Starts both, or only the operator where a cluster is given.
    pub async fn start() -> Self {
        Self::start_from(Options::default(), None).await
    }

    /// The same with all definitions that a gateway, or what Gravity tells it, may need; and with
    /// Gravity's own image, for its companions.
    pub async fn with_gateways() -> Self {
        let options = Options {
            gateway_api_crds: true,
            cert_manager_crds: true,
            ..Options::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let own = given_kubeconfig().is_none();
        let image = own.then(|| operator_image(folder.path()));
        Self::start_from(options, image).await
    }

    async fn start_from(options: Options, companion: Option<PathBuf>) -> Self {
        let given = given_kubeconfig();
        let mut images = match given {
            Some(_) => Vec::new(),
            None => archives(&IMAGES),
        };
        images.extend(companion);
        let started = Instant::now();
        let options = Options {
            node: Node::Real { images },
            ..options
        };
        let cluster = match given {
            Some(kubeconfig) => LocalCluster::attach(&kubeconfig, &options).await,
            None => LocalCluster::start(options).await,
        };
        let cluster = cluster.unwrap_or_else(|error| panic!("{error}"));
        let image = format!("--image={}", OPERATOR_IMAGE.join(":"));
        let asked = OperatorOptions {
            arguments: vec![image],
            ..OperatorOptions::new(program("gravity"), CHART)
        };
        let mut operator = Operator::install(&cluster, asked).await.unwrap();
        operator.leading().await.unwrap();
        tell("cluster and operator", started);
        Self { operator, cluster }
    }

    /// `kubectl` in a namespace of its own, which is made anew, and which admits only what
    /// Pod Security calls *restricted*: nothing that Gravity makes may take more.
    pub fn namespace(&self, name: &str) -> Kubectl {
        let kubectl = Kubectl::new(
            &self.cluster.kubectl().unwrap(),
            self.cluster.environment(),
            name,
        );
        kubectl.answer(&["delete", "namespace", name, "--ignore-not-found"], "");
        kubectl.answer(&["create", "namespace", name], "");
        kubectl.answer(&["label", "namespace", name, RESTRICTED], "");
        kubectl
    }

    /// `gravity` in a namespace.
    pub fn gravity(&self, namespace: &str) -> Gravity {
        Gravity::new(self.cluster.kubeconfig(), namespace)
    }

    /// The file by which the cluster is reached.
    pub fn kubeconfig(&self) -> &Path {
        self.cluster.kubeconfig()
    }

    /// The way to the Services of a namespace.
    pub fn way(&self, kubectl: &Kubectl) -> Way {
        match self.own_cluster() {
            Some(_) => Way::straight(kubectl),
            None => Way::by_proxy(kubectl),
        }
    }

    /// The operator, to be killed and started again.
    pub fn operator(&mut self) -> &mut Operator {
        &mut self.operator
    }

    /// Another start of the operator that works without a Lease: one that was killed has not
    /// given its Lease back, and the next would have to wait for its end.
    pub async fn work_alone(&mut self) {
        let alone = ["--leader-elect=false".to_owned()];
        let kubeconfig = self.operator.kubeconfig().to_path_buf();
        self.operator.stop().await.unwrap();
        let operator = self.operator.start_beside("alone", kubeconfig, &alone);
        self.operator = operator.unwrap();
        self.operator.ready().await.unwrap();
    }

    /// The cluster, whoever's it is.
    pub fn cluster(&self) -> &LocalCluster {
        &self.cluster
    }

    /// The cluster where it is our own: another's node cannot be restarted.
    pub fn own_cluster(&self) -> Option<&LocalCluster> {
        given_kubeconfig().is_none().then_some(&self.cluster)
    }

    /// A file of `e2e/apps`.
    pub fn app(name: &str) -> String {
        std::fs::read_to_string(apps().join(name)).unwrap()
    }

    /// A folder of `e2e/apps`, as the objects that `kubectl` takes.
    pub fn app_of_folder(name: &str) -> String {
        let output = Command::new(EXAMPLES).arg(apps().join(name)).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{EXAMPLES} {name}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Ends the operator as a pod's end does, and then the cluster.
    pub async fn stop(self) {
        let Self {
            mut operator,
            cluster,
        } = self;
        operator.stop().await.unwrap();
        cluster.stop().await;
    }
}

/// Tells how long something took: the suite's times are goals, too.
pub fn tell(what: &str, started: Instant) {
    #[allow(clippy::print_stderr, reason = "the times are for who runs the suite")]
    {
        eprintln!("{what}: {:.1} s", started.elapsed().as_secs_f64());
    }
}

fn apps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("apps")
}

fn given_kubeconfig() -> Option<PathBuf> {
    std::env::var_os(GIVEN_KUBECONFIG)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}
