//! Whether limits hold over three replicas of the gateway, which count together in Redis.

use std::time::Duration;

use e2e::{Load, Request, Sent};

use super::Stand;
use crate::table::Line;

const REPLICAS: u32 = 3;

/// A limit, and the load that is above it.
struct Limit {
    host: &'static str,
    clients: usize,
    pace: Duration,
    lasts: Duration,
    /// How many may come at once, beside those that the time brings.
    burst: usize,
}

/// The first minute of "5 a minute" is the strictest, and the one that is told.
const FEW: Limit = Limit {
    host: "few.example.com",
    clients: 3,
    pace: Duration::from_millis(500),
    lasts: Duration::from_secs(59),
    burst: 0,
};

const MANY: Limit = Limit {
    host: "many.example.com",
    clients: 16,
    pace: Duration::from_millis(50),
    lasts: Duration::from_secs(10),
    burst: 10,
};

pub(super) async fn measure(stand: &Stand) -> Vec<Line> {
    stand.gateway.scale(REPLICAS);
    let (few, many) = (above(stand, &FEW).await, above(stand, &MANY).await);
    stand.gateway.scale(1);
    let figure = |what: &str| format!("let through of a limit of {what}, {REPLICAS} gateways");
    let a_second = many.passed.saturating_sub(MANY.burst) as f64 / many.lasted.as_secs_f64();
    let within = (a_second - 100.0).abs() <= 5.0;
    vec![
        Line::new(figure("5 a minute"), few.passed.to_string(), few.beside())
            .goal("5", few.passed == 5),
        Line::new(
            figure("100 a second"),
            format!("{a_second:.1}"),
            many.beside(),
        )
        .goal("95 to 105", within),
    ]
}

/// What came of a load.
struct Passed {
    passed: usize,
    refused: usize,
    failed: usize,
    /// From the first request to the last.
    lasted: Duration,
}

impl Passed {
    fn of(sent: &[Sent]) -> Self {
        let count = |status: u16| {
            let all = sent.iter().filter(|one| one.status() == Some(status));
            all.count()
        };
        let ends = sent.first().zip(sent.last());
        let lasted = ends.map(|(first, last)| last.at.duration_since(first.at));
        let (passed, refused) = (count(200), count(429));
        Self {
            passed,
            refused,
            failed: sent.len() - passed - refused,
            lasted: lasted.unwrap_or_default(),
        }
    }

    fn beside(&self) -> String {
        let Self {
            refused, failed, ..
        } = self;
        format!("{refused} answered with 429, {failed} with anything else")
    }
}

/// The route is not asked before: that would count.
async fn above(stand: &Stand, limit: &Limit) -> Passed {
    let request = Request::get(limit.host, "/answers/200");
    let load = Load::start(&stand.gateway, &request, limit.clients, limit.pace);
    tokio::time::sleep(limit.lasts).await;
    Passed::of(&load.end().await)
}
