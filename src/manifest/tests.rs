use super::*;
#[test]
fn quick() {
    for t in [
        "name: a\nversion: 1.10\nimage: x\ndependancies: []\ntype: ap\nport: \"8000\"\n",
        "name: auth\nversion: 1.0.0\nimage: x/y:1\nmin_instances: 2\nscaling: {max_replicas: 4}\nhealth_check: /h\ndatabases:\n- name: a\n  type: redis\n  version: 7\n",
    ] {
        match parse(&[Text {
            name: "a/gravity-service.yaml".into(),
            text: t.into(),
            origin: Origin::Named,
        }]) {
            Ok(d) => {
                let v = serde_json::to_value(&d.services[0]).unwrap();
                println!("{}", yaml::to_string(&v));
            }
            Err(e) => println!("{e}\n"),
        }
    }
    println!(
        "{}",
        yaml::to_string(
            &serde_json::json!({"yes": "on", "012": "015", "1:20": "1:20", "e": 1.5e300, "m": {"y": [1, {"a": "x\n  y\n"}]}, "2026-01-01": "2026-01-01 00:00:00", "x": "", "k k": [[1,2],[]], "z": {}, "null": null, "=": "<<"})
        )
    );
}
