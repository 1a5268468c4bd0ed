//! Each way to go wrong, with its whole message.

use insta::assert_snapshot;

use super::super::{MAX_BYTES, Origin, Source, Text, parse, read};
use super::refused;

const HEAD: &str = "name: auth-service\nversion: 1.4.0\nimage: auth:1.4.0\n";

fn with(rest: &str) -> String {
    refused(&format!("{HEAD}{rest}"))
}

#[test]
fn an_unknown_field_gets_the_nearest_name() {
    assert_snapshot!(with("dependancies: []\n"), @"
    auth/gravity-service.yaml:4:1: unknown field `dependancies`, did you mean `dependencies`?
      |
    4 | dependancies: []
      | ^^^^^^^^^^^^
    ");
}

#[test]
fn an_unknown_field_deep_inside_has_its_own_place() {
    assert_snapshot!(with("databases:\n  - name: auth_db\n    type: postgresql\n    extension: [pgcrypto]\n"), @"
    auth/gravity-service.yaml:7:5: unknown field `extension`, did you mean `extensions`?
      |
    7 |     extension: [pgcrypto]
      |     ^^^^^^^^^
    ");
}

#[test]
fn a_field_that_is_like_none_gets_the_list() {
    assert_snapshot!(with("api:\n  xyzzyplugh: 1\n"), @"
    auth/gravity-service.yaml:5:3: unknown field `xyzzyplugh`: the fields here are contract, prefix
      |
    5 |   xyzzyplugh: 1
      |   ^^^^^^^^^^
    ");
}

#[test]
fn an_unquoted_version_says_how_to_quote_it() {
    assert_snapshot!(refused("name: a\nversion: 1.10\nimage: a:1\n"), @r#"
    auth/gravity-service.yaml:2:10: `version` is a number that YAML reads as 1.1, and a version belongs here: quote it, as version: "1.10.0"
      |
    2 | version: 1.10
      |          ^^^^
    "#);
}

#[test]
fn an_unquoted_version_of_a_database() {
    assert_snapshot!(with("databases: [{name: auth_db, type: postgresql, version: 15}]\n"), @r#"
    auth/gravity-service.yaml:4:56: `databases[0].version` is a number, and a version belongs here: quote it, as version: "15"
      |
    4 | databases: [{name: auth_db, type: postgresql, version: 15}]
      |                                                        ^^
    "#);
}

#[test]
fn an_unquoted_range_of_a_dependency() {
    assert_snapshot!(with("dependencies:\n- name: user-service\n  version: 1.10 # the newest\n"), @r#"
    auth/gravity-service.yaml:6:12: `dependencies[0].version` is a number that YAML reads as 1.1, and a version belongs here: quote it, as version: "1.10"
      |
    6 |   version: 1.10 # the newest
      |            ^^^^
    "#);
}

#[test]
fn a_number_in_the_environment() {
    assert_snapshot!(with("env:\n  PORT: 8080\n  DEBUG: yes\n  EMPTY:\n"), @r#"
    auth/gravity-service.yaml:5:9: `env.PORT` is a number, and a text belongs here: quote it, as PORT: "8080"
      |
    5 |   PORT: 8080
      |         ^^^^

    auth/gravity-service.yaml:6:10: `env.DEBUG` is a boolean that YAML reads as true, and a text belongs here: quote it, as DEBUG: "yes"
      |
    6 |   DEBUG: yes
      |          ^^^

    auth/gravity-service.yaml:7:3: `env.EMPTY` has no value: write EMPTY: "" for an empty text, or take the line out
      |
    7 |   EMPTY:
      |   ^^^^^
    "#);
}

#[test]
fn a_number_in_quotes() {
    assert_snapshot!(with("port: \"8000\"\n"), @r#"
    auth/gravity-service.yaml:4:7: `port` is a text, and a number belongs here: write it without quotes, as port: 8000
      |
    4 | port: "8000"
      |       ^^^^^^
    "#);
}

#[test]
fn a_number_that_is_none() {
    assert_snapshot!(with("port: 8O00\nscaling: {minReplicas: 010, maxReplicas: 1_0}\n"), @"
    auth/gravity-service.yaml:4:7: `port` is a text, and a whole number belongs here
      |
    4 | port: 8O00
      |       ^^^^

    auth/gravity-service.yaml:5:24: `scaling.minReplicas` is 010, and a whole number belongs here, written with digits only
      |
    5 | scaling: {minReplicas: 010, maxReplicas: 1_0}
      |                        ^^^

    auth/gravity-service.yaml:5:42: `scaling.maxReplicas` is 1_0, and a whole number belongs here, written with digits only
      |
    5 | scaling: {minReplicas: 010, maxReplicas: 1_0}
      |                                          ^^^
    ");
}

#[test]
fn a_port_out_of_range() {
    assert_snapshot!(with("port: 70000\n"), @"
    auth/gravity-service.yaml:4:7: `port` is 70000, and it is from 1 to 65535
      |
    4 | port: 70000
      |       ^^^^^
    ");
}

#[test]
fn a_type_that_is_none() {
    assert_snapshot!(with("type: apii\n"), @r#"
    auth/gravity-service.yaml:4:7: `type` is "apii", did you mean api? It is one of api, web, worker, cron, job
      |
    4 | type: apii
      |       ^^^^
    "#);
}

#[test]
fn a_startup_that_is_none() {
    assert_snapshot!(with("dependencies: [{name: b, startup: Never}]\n"), @r#"
    auth/gravity-service.yaml:4:35: `dependencies[0].startup` is "Never", and it is one of Ordered, Unordered
      |
    4 | dependencies: [{name: b, startup: Never}]
      |                                   ^^^^^
    "#);
}

#[test]
fn a_text_where_a_list_belongs() {
    assert_snapshot!(with("command: uvicorn main:app\n"), @"
    auth/gravity-service.yaml:4:10: `command` is a text, and a list (`- ` before each item) belongs here
      |
    4 | command: uvicorn main:app
      |          ^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_list_where_a_map_belongs() {
    assert_snapshot!(with("env:\n- LOG_LEVEL=info\n"), @"
    auth/gravity-service.yaml:5:3: `env` is a list, and a map (`field: value`, indented, a line each) belongs here
      |
    5 | - LOG_LEVEL=info
      |   ^
    ");
}

#[test]
fn a_boolean_of_another_spelling() {
    assert_snapshot!(with("deprecated: yes\n"), @"
    auth/gravity-service.yaml:4:13: `deprecated` is yes: write true or false, without quotes
      |
    4 | deprecated: yes
      |             ^^^
    ");
}

#[test]
fn a_fraction_where_the_server_takes_none() {
    assert_snapshot!(with("resources: {requests: {cpu: 0.5}}\n"), @r#"
    auth/gravity-service.yaml:4:29: `resources.requests.cpu` is 0.5, which an API server takes only as a text: write cpu: "0.5"
      |
    4 | resources: {requests: {cpu: 0.5}}
      |                             ^^^
    "#);
}

#[test]
fn missing_fields_say_what_they_are() {
    assert_snapshot!(refused("name: auth-service\ndatabases:\n- type: redis\n"), @"
    auth/gravity-service.yaml:3:3: `databases[0].name` is missing: add it (The database's name on its server)
      |
    3 | - type: redis
      |   ^

    auth/gravity-service.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | name: auth-service
      | ^

    auth/gravity-service.yaml:1:1: `version` is missing: add it (The service's version)
      |
    1 | name: auth-service
      | ^
    ");
}

#[test]
fn both_spellings_of_a_field() {
    assert_snapshot!(with("min_instances: 2\nscaling:\n  minReplicas: 3\n"), @"
    auth/gravity-service.yaml:4:1: `min_instances` is an older name of `scaling.minReplicas`, which is here too: keep `scaling.minReplicas` only
      |
    4 | min_instances: 2
      | ^^^^^^^^^^^^^
    ");
}

#[test]
fn both_spellings_of_a_nested_field() {
    assert_snapshot!(with("scaling:\n  min_replicas: 2\n  minReplicas: 3\n"), @"
    auth/gravity-service.yaml:5:3: `min_replicas` is an older name of `minReplicas`, which is here too: keep `minReplicas` only
      |
    5 |   min_replicas: 2
      |   ^^^^^^^^^^^^
    ");
}

#[test]
fn a_probe_with_an_unknown_field() {
    assert_snapshot!(with("health:\n  liveness: {path: /health, periodSecond: 5}\n  readiness: 5\n"), @"
    auth/gravity-service.yaml:5:29: unknown field `periodSecond`, did you mean `periodSeconds`?
      |
    5 |   liveness: {path: /health, periodSecond: 5}
      |                             ^^^^^^^^^^^^

    auth/gravity-service.yaml:6:14: `health.readiness` is a number, and a path, as /health, or a map with path and timing belongs here
      |
    6 |   readiness: 5
      |              ^
    ");
}

#[test]
fn a_duplicate_key() {
    assert_snapshot!(with("port: 8000\nport: 8001\n"), @"
    auth/gravity-service.yaml:5:1: `port` is here twice: keep one of the two
      |
    5 | port: 8001
      | ^^^^
    ");
}

#[test]
fn a_tab() {
    assert_snapshot!(with("api:\n\tprefix: /api\n"), @"
    auth/gravity-service.yaml:5:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |  prefix: /api
      | ^
    ");
}

#[test]
fn a_colon_in_a_plain_text() {
    assert_snapshot!(with("schedule: at: noon\n"), @"
    auth/gravity-service.yaml:4:13: a colon stands where no field can begin: quote a text that has a colon in it, or look at the indentation
      |
    4 | schedule: at: noon
      |             ^
    ");
}

#[test]
fn an_open_bracket() {
    assert_snapshot!(with("command: [a, b\nport: 1\n"), @"
    auth/gravity-service.yaml:5:5: a field begins inside of something that has not ended: look at the brackets and the indentation above
      |
    5 | port: 1
      |     ^
    ");
}

#[test]
fn an_alias_bomb() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inner = format!("*a{}", level - 1);
        let items = [inner.as_str(); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_snapshot!(refused(&bomb), @"
    auth/gravity-service.yaml:5:10: the document repeats itself by aliases (*name) far too often: write the repeated parts out
      |
    5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
      |          ^^^
    ");
}

#[test]
fn a_document_that_is_too_deep() {
    let deep = format!("podTemplate: {}{}\n", "{a: ".repeat(60), "}".repeat(60));
    assert_snapshot!(with(&deep), @"
    auth/gravity-service.yaml:4:202: the document is nested too deeply or has too many parts: split it, or make it flatter
      |
    4 | : {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a
      |                                                                   ^
    ");
}

#[test]
fn an_empty_file() {
    assert_snapshot!(refused("# nothing yet\n"), @"
    auth/gravity-service.yaml:1:1: the file is empty: a manifest begins with `name: `
      |
    1 | # nothing yet
      | ^
    ");
}

#[test]
fn a_list_on_top() {
    assert_snapshot!(refused("- name: auth-service\n"), @"
    auth/gravity-service.yaml:1:1: the document is a list, and a manifest is a map that begins with `name: `
      |
    1 | - name: auth-service
      | ^
    ");
}

#[test]
fn a_text_on_top() {
    assert_snapshot!(refused("hello world\n"), @"
    auth/gravity-service.yaml:1:1: the document is a text, and a manifest is a map that begins with `name: `
      |
    1 | hello world
      | ^^^^^^^^^^^
    ");
}

#[test]
fn a_misspelled_kind() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityServce\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:2:7: unknown kind GravityServce, did you mean GravityService? (there are GravityApp and GravityService)
      |
    2 | kind: GravityServce
      |       ^^^^^^^^^^^^^
    ");
}

#[test]
fn a_wrong_version_of_the_api() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1\nkind: GravityApp\nmetadata: {name: a}\nspec: {services: []}\n"), @"
    auth/gravity-service.yaml:1:13: a GravityApp has apiVersion: gravity.dev/v1alpha1, and this says gravity.dev/v1
      |
    1 | apiVersion: gravity.dev/v1
      |             ^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_kind_without_its_version() {
    assert_snapshot!(refused("kind: GravityApp\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:1:7: `apiVersion` is missing: write apiVersion: gravity.dev/v1alpha1
      |
    1 | kind: GravityApp
      |       ^^^^^^^^^^
    ");
}

#[test]
fn a_version_without_its_kind() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nmetadata: {name: a}\n"), @"
    auth/gravity-service.yaml:1:1: `kind` is missing: write kind: GravityApp or kind: GravityService
      |
    1 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}

#[test]
fn an_app_without_services() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop}\nspec:\n  services: []\n  gatway: {}\n"), @"
    auth/gravity-service.yaml:5:13: `spec.services` is empty: it takes at least one item
      |
    5 |   services: []
      |             ^

    auth/gravity-service.yaml:6:3: unknown field `gatway`, did you mean `gateway`?
      |
    6 |   gatway: {}
      |   ^^^^^^
    ");
}

#[test]
fn an_object_without_a_spec() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {namespace: a}\n"), @"
    auth/gravity-service.yaml:3:11: `metadata.name` is missing: add it
      |
    3 | metadata: {namespace: a}
      |           ^

    auth/gravity-service.yaml:1:1: `spec` is missing: add it (One version of one service, as its repository's `gravity-service)
      |
    1 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}

#[test]
fn the_older_spelling_in_an_object() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {name: a}\nspec:\n  name: a\n  version: 1.0.0\n  image: a:1\n  min_instances: 2\n  startup_timeout: 5m\n"), @"
    auth/gravity-service.yaml:8:3: unknown field `min_instances`: inside a Kubernetes object it is spelled `scaling.minReplicas`
      |
    8 |   min_instances: 2
      |   ^^^^^^^^^^^^^

    auth/gravity-service.yaml:9:3: unknown field `startup_timeout`: inside a Kubernetes object it is spelled `startupTimeout`
      |
    9 |   startup_timeout: 5m
      |   ^^^^^^^^^^^^^^^
    ");
}

#[test]
fn an_older_name_inside_of_an_objects_field() {
    assert_snapshot!(refused("apiVersion: gravity.dev/v1alpha1\nkind: GravityService\nmetadata: {name: a}\nspec:\n  name: a\n  version: 1.0.0\n  image: a:1\n  dependencies: [{service_name: b}]\n  health: {liveness_probe: /}\n"), @"
    auth/gravity-service.yaml:8:19: unknown field `service_name`: inside a Kubernetes object it is spelled `name`
      |
    8 |   dependencies: [{service_name: b}]
      |                   ^^^^^^^^^^^^

    auth/gravity-service.yaml:8:18: `spec.dependencies[0].name` is missing: add it (The other service's name)
      |
    8 |   dependencies: [{service_name: b}]
      |                  ^

    auth/gravity-service.yaml:9:12: unknown field `liveness_probe`: inside a Kubernetes object it is spelled `liveness`
      |
    9 |   health: {liveness_probe: /}
      |            ^^^^^^^^^^^^^^
    ");
}

#[test]
fn an_older_name_at_a_place_where_it_never_was() {
    assert_snapshot!(with("api: {min_instances: 2}\n"), @"
    auth/gravity-service.yaml:4:7: unknown field `min_instances`: a manifest says this in `scaling.minReplicas`
      |
    4 | api: {min_instances: 2}
      |       ^^^^^^^^^^^^^
    ");
}

#[test]
fn both_spellings_of_a_dependencys_name() {
    assert_snapshot!(with("dependencies: [{service_name: b, name: c}]\n"), @"
    auth/gravity-service.yaml:4:17: `dependencies[].service_name` is an older name of `dependencies[].name`, which is here too: keep `dependencies[].name` only
      |
    4 | dependencies: [{service_name: b, name: c}]
      |                 ^^^^^^^^^^^^
    ");
}

#[test]
fn a_text_where_a_map_with_a_name_belongs() {
    assert_snapshot!(with("depends_on: [b]\n"), @"
    auth/gravity-service.yaml:4:14: `dependencies[0]` is a text, and a map belongs here: write - name: b
      |
    4 | depends_on: [b]
      |              ^
    ");
}

#[test]
fn the_same_service_twice() {
    assert_snapshot!(refused(&format!("{HEAD}---\n{HEAD}")), @"
    auth/gravity-service.yaml:5:1: GravityService auth-service-1.4.0 is in auth/gravity-service.yaml:1 already: keep one of the two, or give one another version
      |
    5 | name: auth-service
      | ^
    ");
}

#[test]
fn all_mistakes_of_all_files_are_told() {
    let text = |name: &str, text: &str| Text {
        name: name.to_owned(),
        text: text.to_owned(),
        origin: Origin::Named,
    };
    let texts = [text("a.yaml", "name: [\n"), text("b.yaml", "nam: b\n")];
    assert_snapshot!(parse(&texts).unwrap_err(), @"
    a.yaml:1:7: this bracket is never closed: close it
      |
    1 | name: [
      |       ^

    b.yaml:1:1: unknown field `nam`, did you mean `name`?
      |
    1 | nam: b
      | ^^^

    b.yaml:1:1: `image` is missing: add it (The container image)
      |
    1 | nam: b
      | ^

    b.yaml:1:1: `name` is missing: add it (The service's name)
      |
    1 | nam: b
      | ^

    b.yaml:1:1: `version` is missing: add it (The service's version)
      |
    1 | nam: b
      | ^
    ");
}

#[test]
fn a_hundred_mistakes_are_not_all_told() {
    let many: String = (0..100).map(|index| format!("wrong{index}: 1\n")).collect();
    let told = with(&many);
    assert!(told.ends_with("\n\nand 80 more"), "{told}");
}

#[test]
fn a_long_line_is_cut_around_its_mistake() {
    let message = with(&format!(
        "env: {{A: {}, B: 1, C: {}}}\n",
        "x".repeat(300),
        "y".repeat(300)
    ));
    assert_snapshot!(message, @r#"
    auth/gravity-service.yaml:4:315: `env.B` is a number, and a text belongs here: quote it, as B: "1"
      |
    4 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, B: 1, C: yyyyyyyyyyyyyyyyyyyyyyyyyyyy
      |                                                                   ^
    "#);
}

#[test]
fn a_terminal_is_not_written_to() {
    assert!(!with("wrong: \"\u{9b}31m\" \n").contains('\u{9b}'));
}

#[test]
fn a_file_of_five_megabytes() {
    let text = "# far too much\n".repeat(5 * 1024 * 1024 / 15);
    assert!(text.len() > MAX_BYTES);
    assert_snapshot!(refused(&text), @"auth/gravity-service.yaml: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
    let name = "standard input".to_owned();
    assert_snapshot!(read(&[Source::Text { name, text }]).unwrap_err(), @"standard input: is larger than 4 MiB, the most that is read: a manifest has a few hundred lines, so name another file, or split this one");
}

#[test]
fn a_file_of_too_many_parts_is_not_read_to_its_end() {
    assert_snapshot!(refused(&"- a\n".repeat(300_000)), @"
    auth/gravity-service.yaml:250000:3: the document is nested too deeply or has too many parts: split it, or make it flatter
           |
    250000 | - a
           |   ^
    ");
}

#[test]
fn a_number_where_quotes_alone_would_not_help() {
    assert_snapshot!(with("startupTimeout: 5\nmigrations: {command: [m], timeout: 1.5}\ndatabases: [{name: 7, type: redis}]\n"), @"
    auth/gravity-service.yaml:4:17: `startupTimeout` is a number, and a duration has a unit: write startupTimeout: 5s, or minutes and hours as 1h30m
      |
    4 | startupTimeout: 5
      |                 ^

    auth/gravity-service.yaml:5:37: `migrations.timeout` is a number, and a duration has a unit: write timeout: 90s, or minutes and hours as 1h30m
      |
    5 | migrations: {command: [m], timeout: 1.5}
      |                                     ^^^

    auth/gravity-service.yaml:6:20: `databases[0].name` is a number: write the name of a database, as auth_db: letters, digits, _ and -, and a letter or _ first
      |
    6 | databases: [{name: 7, type: redis}]
      |                    ^
    ");
}

#[test]
fn a_tab_in_an_indentation_wherever_the_parser_notices_it() {
    assert_snapshot!(with("health:\n\treadiness: /h\n"), @"
    auth/gravity-service.yaml:5:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |  readiness: /h
      | ^
    ");
    assert_snapshot!(with("health:\n  readiness: /h\n\tliveness: /h\n"), @"
    auth/gravity-service.yaml:6:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    6 |  liveness: /h
      | ^
    ");
    assert_snapshot!(with("\tport: 8000\n"), @"
    auth/gravity-service.yaml:4:1: a tab stands where YAML takes spaces only: indent with spaces
      |
    4 |  port: 8000
      | ^
    ");
    assert_snapshot!(with("databases:\n  - name: x\n  \ttype: postgres\n"), @"
    auth/gravity-service.yaml:6:3: a tab stands where YAML takes spaces only: indent with spaces
      |
    6 |    type: postgres
      |   ^
    ");
    assert_snapshot!(with("databases:\n  -\tname: x\n\t\ttype: postgres\n"), @"
    auth/gravity-service.yaml:5:4: a tab stands where YAML takes spaces only: indent with spaces
      |
    5 |   - name: x
      |    ^
    ");
}

#[test]
fn a_manifest_with_a_field_of_objects_is_not_passed_over() {
    assert_snapshot!(with("kind: api\n"), @"
    auth/gravity-service.yaml:4:7: `kind: api` says that this is an object of somebody else's, and a manifest has no kind: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    4 | kind: api
      |       ^^^
    ");
    assert_snapshot!(with("apiVersion: v1\n"), @"
    auth/gravity-service.yaml:4:13: `apiVersion: v1` says that this is an object of somebody else's, and a manifest has no apiVersion: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    4 | apiVersion: v1
      |             ^^
    ");
    let found = |name: &str, text: &str| {
        let text = Text {
            name: name.to_owned(),
            text: text.to_owned(),
            origin: Origin::Found,
        };
        parse(&[text])
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let like_one = format!("kind: Service\n{HEAD}");
    assert_snapshot!(found("services/auth.yaml", &like_one).unwrap_err(), @"
    services/auth.yaml:1:7: `kind: Service` says that this is an object of somebody else's, and a manifest has no kind: take the line out (what a service is stands in `type`), or move the document to another file if it is none
      |
    1 | kind: Service
      |       ^^^^^^^
    ");
    let others = [
        "kind: Service\napiVersion: v1\nmetadata: {name: a}\nspec: {ports: []}\n",
        // A chart says nearly the same of itself.
        "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: application\ndependencies: []\n",
        "kind: pipeline\ntype: docker\nname: default\nsteps: []\n",
    ];
    for other in others {
        assert_eq!(found("chart/Chart.yaml", other), Ok(()));
    }
}

#[test]
fn two_apps_of_one_name() {
    let app = "apiVersion: gravity.dev/v1alpha1\nkind: GravityApp\nmetadata: {name: shop}\nspec: {services: [{name: a}]}\n";
    assert_snapshot!(refused(&format!("{app}---\n{app}")), @"
    auth/gravity-service.yaml:6:1: GravityApp shop is in auth/gravity-service.yaml:1 already: read one of the two at a time, or give one another name
      |
    6 | apiVersion: gravity.dev/v1alpha1
      | ^
    ");
}
