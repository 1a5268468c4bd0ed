//! Who ends this program ends Git with it. Git has a process group of its own, so that a time
//! limit ends what fetches for it, too, and Ctrl-C in a terminal would not reach it.

use std::collections::BTreeSet;
use std::process::{self, Child};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

/// The groups that run now.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static LISTENING: Once = Once::new();

/// A group that is ended with this program until this is dropped.
pub(super) struct Guard(i32);

/// Takes a child that leads a group along.
pub(super) fn guard(child: &Child) -> Guard {
    LISTENING.call_once(|| drop(thread::spawn(listen)));
    let group = i32::try_from(child.id()).unwrap_or_default();
    groups().insert(group);
    Guard(group)
}

impl Drop for Guard {
    fn drop(&mut self) {
        groups().remove(&self.0);
    }
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a signal that ends this program, and ends it as the signal itself would.
fn listen() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else { return };
    let number = runtime.block_on(async {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let [mut interrupt, mut terminate, mut hangup] = kinds.map(|kind| signal(kind).ok());
        let of = async |it: &mut Option<tokio::signal::unix::Signal>| match it {
            Some(it) => drop(it.recv().await),
            None => std::future::pending().await,
        };
        tokio::select! {
            () = of(&mut interrupt) => SignalKind::interrupt(),
            () = of(&mut terminate) => SignalKind::terminate(),
            () = of(&mut hangup) => SignalKind::hangup(),
        }
        .as_raw_value()
    });
    for group in groups().iter() {
        if let Some(group) = Pid::from_raw(*group) {
            let _ = kill_process_group(group, Signal::TERM);
        }
    }
    // As a shell tells it of a program that a signal has ended.
    process::exit(128 + number);
}
