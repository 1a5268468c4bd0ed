//! `gravity gateway check`: asks each route through the gateway, and says what came back.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use owo_colors::Style;
use tokio::net::TcpStream;

use super::routes::{Row, view};
use super::way::Way;
use super::{Found, Whose};
use crate::cli::table::{Cell, Table};
use crate::cli::{Error, cluster, output};

/// How long an answer may take: longer than the gateway's own limit for most.
const LIMIT: Duration = Duration::from_secs(10);

/// The arguments of `gravity gateway check`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "A request is a GET of the route's path, without a token. 401 and 403 are what a route that
checks who comes in should say of that. A gateway that speaks TLS is asked at its port without it,
and should send to https.

Examples:
  gravity gateway check -n shop
  gravity gateway check shop -n shop --address 10.0.0.7:80"
)]
pub struct Arguments {
    #[command(flatten)]
    whose: Whose,
    /// Where the gateway answers; port 80 of each route's own host when absent
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

/// Asks each route. The exit code is 1 when one of them does not answer as it should.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let (found, answers) = cluster::block_on(async {
        let found = arguments.whose.find().await?;
        let answers = ask_all(&found, arguments.address.as_deref()).await;
        Ok((found, answers))
    })?;
    if answers.is_empty() {
        output::styled(&format!("No route in namespace {}.\n", found.namespace))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(["HOST", "PATH", "SERVICE", "ANSWER", "TIME", "WHICH MEANS"]);
    let mut all_well = true;
    for (way, answer, took) in &answers {
        let (is_well, means) = meaning(way, answer);
        all_well &= is_well;
        let style = if is_well {
            Style::new().green()
        } else {
            Style::new().red()
        };
        table.row([
            Cell::from(way.host.as_deref().unwrap_or("*")),
            Cell::from(way.path.as_str()),
            Cell::from(way.service.as_str()),
            Cell::styled(told(answer), style),
            Cell::from(format!("{} ms", took.as_millis())),
            Cell::from(means),
        ]);
    }
    output::styled(&table.text(output::width()))?;
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A status, or why there is none.
type Answer = Result<u16, String>;

async fn ask_all(found: &Found, address: Option<&str>) -> Vec<(Way, Answer, Duration)> {
    let mut answers = Vec::new();
    for Row { way, .. } in view(found).routes {
        let host = way.host.clone().unwrap_or_default().replace('*', "any");
        let at = match address {
            Some(address) => address.to_owned(),
            None if host.is_empty() => {
                let why = "it answers for every host: say where by --address".to_owned();
                answers.push((way, Err(why), Duration::ZERO));
                continue;
            }
            None => format!("{host}:80"),
        };
        let begun = Instant::now();
        let asked = tokio::time::timeout(LIMIT, ask(&at, &host, &way.path)).await;
        let answer = match asked {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer in {} s", LIMIT.as_secs())),
        };
        answers.push((way, answer, begun.elapsed()));
    }
    answers
}

/// Sends a GET to the address, whatever the name of the host leads to.
async fn ask(address: &str, host: &str, path: &str) -> Result<u16, BoxError> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let host = if host.is_empty() { address } else { host };
    let request = Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, concat!("gravity/", env!("CARGO_PKG_VERSION")))
        .body(String::new())?;
    let answer = sender.send_request(request).await?;
    connection.abort();
    Ok(answer.status().as_u16())
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn told(answer: &Answer) -> String {
    match answer {
        Ok(status) => status.to_string(),
        Err(why) => why.clone(),
    }
}

/// Whether an answer is as it should be, and what it means.
fn meaning(way: &Way, answer: &Answer) -> (bool, String) {
    let checked = way.middlewares.iter().any(|name| name.contains("auth"));
    match answer {
        Err(_) => (false, "the gateway cannot be reached".to_owned()),
        Ok(301 | 302 | 307 | 308) if way.tls => (true, "sent to https".to_owned()),
        Ok(401 | 403) if checked => (true, "nobody without a token comes in".to_owned()),
        Ok(401 | 403) => (true, format!("{} wants to know who asks", way.service)),
        Ok(404) => (
            true,
            format!(
                "the gateway has no such route, or {} nothing at this path",
                way.service
            ),
        ),
        Ok(429) => (true, "the limit of requests is reached".to_owned()),
        Ok(502..=504) => (
            false,
            format!("the gateway has no answer of {}", way.service),
        ),
        Ok(500..) => (false, format!("{} fails", way.service)),
        Ok(_) if checked => (false, "it is open, and should ask who comes in".to_owned()),
        Ok(_) => (true, "as it should be".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(middlewares: &[&str], tls: bool) -> Way {
        Way {
            host: None,
            path: "/api".to_owned(),
            methods: Vec::new(),
            service: "orders".to_owned(),
            middlewares: middlewares.iter().map(ToString::to_string).collect(),
            tls,
        }
    }

    #[test]
    fn what_an_answer_means_depends_on_the_route() {
        let open = way(&["shop-gateway-retries"], false);
        let checked = way(&["shop-gateway-authentication"], false);
        assert_eq!(
            meaning(&open, &Ok(200)),
            (true, "as it should be".to_owned())
        );
        assert!(!meaning(&checked, &Ok(200)).0);
        assert!(meaning(&checked, &Ok(401)).0);
        assert!(!meaning(&open, &Ok(502)).0);
        assert!(!meaning(&open, &Err("refused".to_owned())).0);
        assert!(meaning(&way(&[], true), &Ok(301)).0);
    }
}
