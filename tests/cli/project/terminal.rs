//! What a person at a terminal is asked and shown.

use std::fs;
use std::process::Command;

use super::Workplace;
use crate::run::program;
use crate::terminal::Terminal;

const DOWN: &str = "\x1b[B";
const ESCAPE: &str = "\x1b";
const ENTER: &str = "\r";

fn at(workplace: &Workplace, folder: &str, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .current_dir(workplace.path(folder))
        .env("XDG_CACHE_HOME", workplace.path("cache"));
    command
}

fn many(workplace: &Workplace) {
    let repository = workplace.repository("many");
    for name in ["cart", "orders", "users"] {
        repository.manifest(&format!("{name}/gravity-service.yaml"), name, "1.0.0", "");
    }
}

#[test]
fn add_asks_which_of_several_manifests_are_meant() {
    let workplace = Workplace::new();
    many(&workplace);
    let mut terminal = Terminal::run(&at(&workplace, "shop", &["add", "../many"]));
    terminal.wait_for("has 3 manifests");
    // All are chosen; the second one is not wanted.
    terminal.press(DOWN);
    terminal.press(" ");
    terminal.press(ENTER);
    assert_eq!(terminal.ended(), 0, "{}", terminal.seen());
    assert_eq!(
        workplace.services(),
        ["cart-1.0.0.yaml", "users-1.0.0.yaml"]
    );
    assert!(
        terminal.seen().contains("Next: gravity install"),
        "{}",
        terminal.seen()
    );
}

#[test]
fn who_chooses_nothing_changes_nothing() {
    let workplace = Workplace::new();
    many(&workplace);
    let before = workplace.app();
    let mut terminal = Terminal::run(&at(&workplace, "shop", &["add", "../many"]));
    terminal.wait_for("has 3 manifests").press(ESCAPE);
    assert_eq!(terminal.ended(), 1, "{}", terminal.seen());
    assert_eq!((workplace.app(), workplace.services().len()), (before, 0));
}

#[test]
fn init_asks_for_what_was_not_said() {
    let workplace = Workplace::new();
    let mut terminal = Terminal::run(&at(&workplace, ".", &["init", "diary"]));
    terminal.wait_for("Begin with");
    insta::assert_snapshot!(terminal.seen(), @r"
    Begin with:
    > nothing: services of your own are added later
      analytics  Numbers: events in, a column store, dashboards
      bank       Payments: accounts of users, transfers, audit, identity
      blog       A blog with newsletters and a count of its readers
      booking    Appointments: calendars, reminders, payment
      chat       Chat for a product: rooms, messages in real time, push
      cms        Content for several channels, with an editor's page and search
      ecommerce  A shop: catalogue, cart, orders, payment, shipping
      helpdesk   Support: tickets, chat with customers, a knowledge base
      iot        Devices: messages in, time series, rules, dashboards
      learning   Courses: videos, quizzes, a forum, subscriptions
      saas       Software by subscription: accounts, plans, billing, webhooks
      streaming  Video: upload, transcoding, delivery, subscriptions
    ");
    terminal.press(&DOWN.repeat(3));
    terminal.press(ENTER);
    terminal.wait_for("Requests come in by");
    terminal.press(ENTER);
    terminal.wait_for("The host that it answers for");
    terminal.press("diary.example.com");
    terminal.press(ENTER);
    assert_eq!(terminal.ended(), 0, "{}", terminal.seen());
    let app = fs::read_to_string(workplace.path("diary/gravity.yaml")).unwrap();
    assert!(
        app.contains("name: ghost") && app.contains("host: diary.example.com"),
        "{app}"
    );
}

#[test]
fn tables_fit_eighty_columns_and_have_colours_there_only() {
    let workplace = Workplace::new();
    for arguments in [&["search"][..], &["search", "database"], &["--help"]] {
        let mut terminal = Terminal::run(&at(&workplace, "shop", arguments));
        assert_eq!(terminal.ended(), 0);
        let seen = terminal.seen();
        assert!(seen.lines().count() > 3, "{seen}");
        assert!(!terminal.has_broken_lines(), "{seen}");
    }
    workplace
        .shop(&["install", "grafana", "mailpit", "--yes"])
        .answer();
    let mut terminal = Terminal::run(&at(&workplace, "shop", &["install"]));
    assert_eq!(terminal.ended(), 0);
    assert!(terminal.has_colours(), "{}", terminal.seen());
    let mut plain = at(&workplace, "shop", &["install"]);
    plain.env("NO_COLOR", "1");
    let mut terminal = Terminal::run(&plain);
    assert_eq!(terminal.ended(), 0);
    assert!(!terminal.has_colours(), "{}", terminal.seen());
}

#[test]
fn install_shows_what_comes_and_asks() {
    let workplace = Workplace::new();
    let mut terminal = Terminal::run(&at(&workplace, "shop", &["install", "mailpit"]));
    terminal.wait_for("Take them into the project?");
    // A key alone is soon pressed by mistake.
    terminal.press("y");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(workplace.services(), Vec::<String>::new());
    terminal.press("n\r");
    assert_eq!(terminal.ended(), 1, "{}", terminal.seen());
    assert_eq!(workplace.services(), Vec::<String>::new());
}

#[test]
fn a_cluster_that_is_slow_is_waited_for_in_sight() {
    let workplace = Workplace::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap());
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{{name: a, context: {{cluster: a, user: a}}}}]\nclusters: [{{name: a, cluster: {{server: {server}}}}}]\nusers: [{{name: a, user: {{}}}}]\n"
    );
    fs::write(workplace.path("kubeconfig"), config).unwrap();
    workplace.shop(&["install", "mailpit"]).answer();
    for verb in [&["status"][..], &["start"], &["stop"], &["doctor"]] {
        let mut command = at(&workplace, "shop", verb);
        command.env("KUBECONFIG", workplace.path("kubeconfig"));
        let mut terminal = Terminal::run(&command);
        terminal.wait_for("Asking the cluster");
    }
}
