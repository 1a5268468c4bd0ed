//! What takes more than a moment says so, on a terminal only.

use std::io::{self, IsTerminal};
use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner needs no word.
const MOMENT: Duration = Duration::from_millis(700);
/// How often the time that has passed is told.
const TICK: Duration = Duration::from_millis(100);

/// What is done where a cluster is slow.
pub const ASKING: &str = "Asking the cluster";

/// Does something that may take a while, and says what and for how long on standard error.
pub fn during<T>(doing: &str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || {
            let begun = Instant::now();
            // The sender is dropped when the work is done.
            if is_done.recv_timeout(MOMENT) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            let bar = spinner(doing);
            bar.set_elapsed(begun.elapsed());
            bar.enable_steady_tick(TICK);
            let _ = is_done.recv();
            bar.finish_and_clear();
        });
        let answer = work();
        drop(done);
        answer
    })
}

/// The same of something that is waited for. Nothing else may be printed meanwhile.
pub async fn awaited<T>(doing: &str, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let (begun, mut work) = (Instant::now(), pin!(work));
    if let Ok(answer) = tokio::time::timeout(MOMENT, &mut work).await {
        return answer;
    }
    let bar = spinner(doing);
    bar.set_elapsed(begun.elapsed());
    bar.enable_steady_tick(TICK);
    let answer = work.await;
    bar.finish_and_clear();
    answer
}

fn spinner(doing: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.with_message(doing.to_owned())
}
