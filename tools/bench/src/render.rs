//! `gravity render` of the platform, the whole process, beside `helm template` of a chart
//! with the same objects.

use std::time::Instant;

use gravity::api::objects::Kind;
use tokio::process::Command;

use crate::bed::NAMESPACE;
use crate::operator::gravity;
use crate::platform::{self, Platform};
use crate::statistics::Sample;
use crate::table::{Line, times};
use crate::{Error, rivals, say};

const RUNS: usize = 20;

/// Measures both.
pub async fn measure() -> Result<Vec<Line>, Error> {
    say("render");
    let mut own = Command::new(gravity()?);
    own.args(["render", "-n", NAMESPACE, "-f"])
        .arg(platform::folder());
    let chart = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
    let mut objects = Platform::read(NAMESPACE)?.objects()?.all();
    // What is printed has no passwords in it.
    objects.retain(|object| object.key.kind != Kind::Secret);
    rivals::write_chart(chart.path(), &objects)?;
    let mut helm = Command::new(local_cluster::helm_program()?);
    helm.args(["template", "platform"]).arg(chart.path());
    let (own, helm) = (timed(&mut own).await?, timed(&mut helm).await?);
    let figure = format!(
        "render of the 52 services ({} objects), whole process",
        objects.len()
    );
    let line = Line::new(
        figure,
        times(&own),
        format!("helm template {}", times(&helm)),
    );
    Ok(vec![line.goal("< 20 ms", own.median() < 0.02)])
}

async fn timed(command: &mut Command) -> Result<Sample, Error> {
    let mut values = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        rivals::run(command).await?;
        values.push(start.elapsed().as_secs_f64());
    }
    Ok(Sample::new(values))
}
