//! A probe → a health check.

use serde_json::{Value, json};

use super::values::said;

/// How Compose finds out what the kubelet would. An image may have one of several programs to
/// ask by; one without a shell has none, and is never healthy.
pub(super) fn healthcheck(container: &Value) -> Option<Value> {
    let probe = [
        &container["readinessProbe"],
        &container["startupProbe"],
        &container["livenessProbe"],
    ];
    let probe = probe.into_iter().find(|probe| !probe.is_null())?;
    let test = if let Some(words) = probe["exec"]["command"].as_array() {
        let words = words.iter().map(|word| said(word).replace('$', "$$"));
        let words: Vec<String> = std::iter::once("CMD".to_owned()).chain(words).collect();
        json!(words)
    } else {
        let kind = if probe["httpGet"].is_null() {
            "tcpSocket"
        } else {
            "httpGet"
        };
        let port = port(container, &probe[kind]["port"])?;
        let script = match kind {
            "httpGet" => {
                let url = format!(
                    "http://127.0.0.1:{port}{}",
                    probe[kind]["path"].as_str().unwrap_or("/")
                );
                format!(
                    "wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || python3 -c \"import urllib.request as r; r.urlopen('{url}')\" || node -e \"fetch('{url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))\""
                )
            }
            _ => format!("nc -z 127.0.0.1 {port} || bash -c '</dev/tcp/127.0.0.1/{port}'"),
        };
        json!(["CMD-SHELL", script])
    };
    let seconds =
        |field: &str, otherwise: i64| format!("{}s", probe[field].as_i64().unwrap_or(otherwise));
    let patience = container["startupProbe"]["failureThreshold"]
        .as_i64()
        .unwrap_or(30);
    let every = container["startupProbe"]["periodSeconds"]
        .as_i64()
        .unwrap_or(1);
    Some(json!({
        "test": test,
        "interval": seconds("periodSeconds", 10),
        "timeout": seconds("timeoutSeconds", 1),
        "retries": probe["failureThreshold"].as_i64().unwrap_or(3),
        "start_period": format!("{}s", patience.saturating_mul(every).min(600)),
        "start_interval": "1s",
    }))
}

fn port(container: &Value, port: &Value) -> Option<i64> {
    if let Some(number) = port.as_i64() {
        return Some(number);
    }
    let mut ports = container["ports"].as_array()?.iter();
    ports.find(|it| it["name"] == *port)?["containerPort"].as_i64()
}
