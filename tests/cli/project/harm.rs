//! What a repository holds, and who sees a password.

use std::fs;
use std::time::{Duration, Instant};

use super::Workplace;
use crate::repositories::{manifest, serve};
use crate::run::program;

#[test]
fn what_a_repository_holds_can_do_no_harm() {
    let workplace = Workplace::new();
    let told = |source: &str| workplace.shop(&["add", source]).failure();
    fs::write(
        workplace.path("secret.yaml"),
        manifest("stolen", "1.0.0", ""),
    )
    .unwrap();
    let link = workplace.repository("link");
    std::os::unix::fs::symlink("../secret.yaml", link.0.join("gravity-service.yaml")).unwrap();
    link.commit();
    insta::assert_snapshot!(told(&link.url()), @"error: file:///work/link/gravity-service.yaml is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there");
    insta::assert_snapshot!(told("../link"), @"error: ../link/gravity-service.yaml is a symbolic link, which is not followed: it could lead out of the repository; put the manifest itself there");
    let inner = workplace.repository("inner");
    inner.manifest("gravity-service.yaml", "inner", "1.0.0", "");
    let outer = workplace.repository("outer");
    outer.git(&["submodule", "--quiet", "add", &inner.url(), "inner"]);
    outer.commit();
    insta::assert_snapshot!(told(&outer.url()), @"error: no manifest in file:///work/outer: looked for gravity-service.yaml in all folders; `gravity init --service` in the repository makes one by looking at its files");
    let large = workplace.repository("large");
    large
        .file("gravity-service.yaml", vec![b'#'; 5 << 20])
        .commit();
    insta::assert_snapshot!(told(&large.url()), @"error: file:///work/large/gravity-service.yaml is larger than 4 MiB, the most that is read");
    insta::assert_snapshot!(told("../large"), @"error: ../large/gravity-service.yaml is larger than 4 MiB, the most that is read");
    let binary = workplace.repository("binary");
    binary
        .file("gravity-service.yaml", [0xff, 0xfe, 0x00])
        .commit();
    insta::assert_snapshot!(told(&binary.url()), @"error: file:///work/binary/gravity-service.yaml is not UTF-8 text: save it as UTF-8");
    let wrong = workplace.repository("wrong");
    wrong.manifest("gravity-service.yaml", "wrong", "1.0.0", "prot: 80\n");
    insta::assert_snapshot!(told(&wrong.url()), @r"
    error: file:///work/wrong/gravity-service.yaml:4:1: unknown field `prot`, did you mean `port`?
      |
    4 | prot: 80
      | ^^^^
    ");
    assert_eq!(workplace.services(), Vec::<String>::new());
}

/// The name of an object becomes that of a file.
#[test]
fn a_repository_writes_nowhere_but_into_services() {
    let workplace = Workplace::new();
    let before = workplace.app();
    let repository = workplace.repository("evil");
    for name in ["../gravity", "/tmp/gravity-was-here", "a/b"] {
        let object = format!(
            "apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {{name: {name}}}\nspec: {{name: web, version: 1.0.0, image: a}}\n"
        );
        repository.file("gravity-service.yaml", object);
        workplace
            .shop(&["add", "../evil", "--as-dependency"])
            .answer();
        assert_eq!(workplace.services(), ["web-1.0.0.yaml"]);
        assert_eq!(workplace.app(), before);
    }
    repository.file(
        "gravity-service.yaml",
        manifest("../../gravity", "1.0.0", ""),
    );
    let told = workplace.shop(&["add", "../evil"]).failure();
    assert!(told.contains("is no DNS label"), "{told}");
}

/// Everybody on a machine sees what stands in a process' arguments.
#[test]
fn a_password_is_no_argument_of_a_process() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    let slow = format!("{served}/slow/web").replace("http://", "http://user:s3cretPW@");
    let mut command = program(&["add", &slow, "--timeout", "4s"]);
    command
        .current_dir(workplace.path("shop"))
        .env("XDG_CACHE_HOME", workplace.path("cache"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let (mut seen, until) = (0, Instant::now() + Duration::from_secs(3));
    while Instant::now() < until {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            // A child is still Gravity, by its arguments too, until it has become Git.
            let is_own = line.starts_with(env!("CARGO_BIN_EXE_gravity"));
            let is_git = line.contains("/slow/web") && !is_own;
            if is_git {
                seen += 1;
                assert!(!line.contains("s3cretPW"), "{line}");
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait().unwrap();
    assert!(seen > 0, "no process of Git was seen");
}

#[test]
fn a_token_that_is_refused_is_not_told() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    workplace
        .repository("served/private/web")
        .manifest("gravity-service.yaml", "web", "1.0.0", "");
    let token = format!("{served}/private/web/.git").replace("http://", "http://t0kenSECRET@");
    let told = workplace.shop(&["add", &token]).failure();
    assert!(!told.contains("t0kenSECRET"), "{told}");
}

#[test]
fn what_a_repository_says_moves_no_cursor() {
    let workplace = Workplace::new();
    let repository = workplace.repository("odd");
    for folder in ["a\u{1b}]0;owned\u{7}", "b"] {
        let name = if folder == "b" { "web" } else { "api" };
        repository.manifest(&format!("{folder}/gravity-service.yaml"), name, "1.0.0", "");
    }
    let told = workplace.shop(&["add", "../odd"]).failure();
    assert!(
        told.contains("owned") && !told.contains('\u{1b}'),
        "{told:?}"
    );
}

/// What is in a process' arguments of those that run now.
fn arguments() -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let text = |line: Vec<u8>| String::from_utf8_lossy(&line).replace('\0', " ");
    lines.map(text).collect()
}

/// Git has a process group of its own, which the terminal's Ctrl-C does not reach.
#[test]
fn who_ends_gravity_ends_git_with_it() {
    let workplace = Workplace::new();
    let served = serve(&workplace.path("served"));
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let slow = format!("{served}/slow/{}", signal.as_raw());
        let runs = || {
            let own = env!("CARGO_BIN_EXE_gravity");
            let all = arguments().into_iter();
            all.filter(|line| line.contains(&slow) && !line.starts_with(own))
                .count()
        };
        let until = |is_so: &dyn Fn() -> bool, what: &str| {
            let deadline = Instant::now() + Duration::from_secs(30);
            while !is_so() {
                assert!(Instant::now() < deadline, "{what}: {:?}", arguments());
                std::thread::sleep(Duration::from_millis(50));
            }
        };
        let mut command = program(&["add", &slow]);
        command
            .current_dir(workplace.path("shop"))
            .env("XDG_CACHE_HOME", workplace.path("cache"));
        let mut child = command.spawn().unwrap();
        until(&|| runs() > 0, "Git has not begun");
        let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(128 + signal.as_raw()));
        until(&|| runs() == 0, "Git goes on");
    }
}

#[test]
fn what_a_killed_git_has_left_is_no_dead_end() {
    let workplace = Workplace::new();
    let repository = workplace.repository("web");
    repository.manifest("gravity-service.yaml", "web", "1.0.0", "");
    workplace.shop(&["add", &repository.url()]).answer();
    let cache = workplace.path("cache/gravity/repositories");
    let mut folders = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let kept = folders.find(|path| path.is_dir()).unwrap();
    for name in ["config.lock", "HEAD.lock", "shallow.lock"] {
        fs::write(kept.join(name), "").unwrap();
    }
    workplace.shop(&["update"]).answer();
    fs::write(kept.join("HEAD"), "").unwrap();
    fs::remove_dir_all(kept.join("objects")).unwrap();
    workplace.shop(&["update"]).answer();
}

#[test]
fn commands_at_once_lose_no_line_of_the_application() {
    let workplace = Workplace::new();
    let names: Vec<String> = (0..6).map(|index| format!("service-{index}")).collect();
    for name in &names {
        let repository = workplace.repository(name);
        repository.manifest("gravity-service.yaml", name, "1.0.0", "");
    }
    std::thread::scope(|scope| {
        for name in &names {
            let workplace = &workplace;
            scope
                .spawn(move || assert_eq!(workplace.shop(&["add", &format!("../{name}")]).code, 0));
        }
    });
    let app = workplace.app();
    for name in names {
        assert!(app.contains(&format!("name: {name}\n")), "{app}");
    }
}

#[test]
fn passwords_are_not_written_through_a_link() {
    let workplace = Workplace::new();
    let manifest = manifest(
        "web",
        "1.0.0",
        "databases: [{name: web_db, type: postgresql}]\n",
    );
    fs::write(workplace.path("web.yaml"), manifest).unwrap();
    workplace.shop(&["add", "../web.yaml"]).answer();
    fs::create_dir(workplace.path("shop/compose")).unwrap();
    fs::write(workplace.path("victim"), "as it was").unwrap();
    let link = workplace.path("shop/compose/.env");
    std::os::unix::fs::symlink(workplace.path("victim"), link).unwrap();
    let told = workplace
        .shop(&["generate", "compose", "--force"])
        .failure();
    insta::assert_snapshot!(told, @"error: compose/.env: cannot be written: it is a symbolic link, and passwords are not written through one: put a file in its place: what was there is as it was");
    assert_eq!(
        fs::read_to_string(workplace.path("victim")).unwrap(),
        "as it was"
    );
}
