//! The three kinds of route, each taken for what it is by a gateway that knows all of them.

use e2e::{Desk, Reply, Request, Traefik};
use serde_json::json;

use crate::LIMIT;

/// Traefik knows a listener by the port on which it listens itself.
const GATEWAY: &str = "
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: desk}
spec:
  gatewayClassName: traefik
  listeners: [{name: web, port: 8000, protocol: HTTP}]
";

pub(crate) fn each_kind_of_route_leads_to_the_service(gateway: &Traefik, desk: &Desk) {
    desk.kubectl().answer(&["apply", "--filename=-"], GATEWAY);
    let ways = [
        json!({"class": "Ingress", "host": "ingress.example.com", "ingressClassName": "traefik"}),
        json!({"class": "GatewayAPI", "host": "route.example.com", "ingressClassName": null}),
        json!({"class": "Traefik", "host": Desk::HOST}),
    ];
    for way in ways {
        desk.is_reached_by(&way);
        let request = Request::get(way["host"].as_str().unwrap(), "/answers/200");
        let reply = gateway.wait(LIMIT, &request, |reply: &Reply| reply.status == 200);
        assert_eq!(reply.body["service"], "counter", "{way}");
    }
    desk.kubectl().answer(&["delete", "--filename=-"], GATEWAY);
}
