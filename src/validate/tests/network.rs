use insta::assert_snapshot;

use super::*;

fn app_refused(lines: &str) -> String {
    told(validate_app(&app(lines)))
}

fn service_refused(lines: &str) -> String {
    told(validate_service(&super::service(lines)))
}

#[test]
fn there_are_walls_unless_the_app_wants_none() {
    let walls = |lines: &str| validate_app(&app(lines)).unwrap().walls;
    assert!(walls("network: {policy: None}").is_none());
    assert_eq!(walls(""), walls("network: {policy: Default}"));
    let nobody = walls("network: {gateway: [], metrics: []}").unwrap();
    assert_eq!((nobody.gateway, nobody.metrics), (vec![], vec![]));
}

#[test]
fn a_cidr_that_is_none() {
    let lines = "egress:
- {cidr: 300.0.0.0/8}
- {cidr: 10.0.0.0/33}
- {cidr: 10.0.0.7}
- {cidr: 10.0.0.7/8}
- {cidr: 'fd00::1/8'}
- {cidr: example.com/24}
- {cidr: 10.0.0.0/08}
- {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16, 10.0.0.0/8, 'fd00::/8', 10.2.0.1/16]}
";
    assert_snapshot!(service_refused(lines), @r#"
    GravityService auth-service-1.4.0: spec.egress[0].cidr: "300.0.0.0/8" begins with no address: write a range as 203.0.113.0/24 or 2001:db8::/32
    GravityService auth-service-1.4.0: spec.egress[1].cidr: "10.0.0.0/33" has no length from 0 to 32 after the slash: write a range as 203.0.113.0/24 or 2001:db8::/32
    GravityService auth-service-1.4.0: spec.egress[2].cidr: "10.0.0.7" is one address: write 10.0.0.7/32
    GravityService auth-service-1.4.0: spec.egress[3].cidr: "10.0.0.7/8" is not told by its first address: write 10.0.0.0/8, or 10.0.0.7/32 for that one address
    GravityService auth-service-1.4.0: spec.egress[4].cidr: "fd00::1/8" is not told by its first address: write fd00::/8, or fd00::1/128 for that one address
    GravityService auth-service-1.4.0: spec.egress[5].cidr: "example.com/24" begins with no address: write a range as 203.0.113.0/24 or 2001:db8::/32
    GravityService auth-service-1.4.0: spec.egress[6].cidr: "10.0.0.0/08" has no length from 0 to 32 after the slash: write a range as 203.0.113.0/24 or 2001:db8::/32
    GravityService auth-service-1.4.0: spec.egress[7].except[1]: 11.0.0.0/16 is no part of 10.0.0.0/8: take it out, or write a range within that one
    GravityService auth-service-1.4.0: spec.egress[7].except[2]: 10.0.0.0/8 is no part of 10.0.0.0/8: take it out, or write a range within that one
    GravityService auth-service-1.4.0: spec.egress[7].except[3]: fd00::/8 is no part of 10.0.0.0/8: take it out, or write a range within that one
    GravityService auth-service-1.4.0: spec.egress[7].except[4]: "10.2.0.1/16" is not told by its first address: write 10.2.0.0/16, or 10.2.0.1/32 for that one address
    "#);
    let lines = "network: {gateway: [{cidr: 10.0.0.1/8}], metrics: [{cidr: everything}]}";
    assert_snapshot!(app_refused(lines), @r#"
    GravityApp shop/shop: spec.network.gateway[0].cidr: "10.0.0.1/8" is not told by its first address: write 10.0.0.0/8, or 10.0.0.1/32 for that one address
    GravityApp shop/shop: spec.network.metrics[0].cidr: "everything" is no range of addresses: write a range as 203.0.113.0/24 or 2001:db8::/32
    "#);
}

#[test]
fn a_host_is_nothing_that_a_policy_knows() {
    let lines = "egress: [{host: api.stripe.com, ports: [443]}]";
    assert_snapshot!(service_refused(lines), @r#"GravityService auth-service-1.4.0: spec.egress[0]: "api.stripe.com" is a name, and a NetworkPolicy knows addresses and pods only: write the range of its addresses, as cidr: 203.0.113.0/24, or egress: internet, and let a proxy or the policies of your network plugin (Cilium, Calico) look at names"#);
}

#[test]
fn an_egress_that_is_none() {
    assert_snapshot!(service_refused("egress: open"), @r#"GravityService auth-service-1.4.0: spec.egress: "open" is none of the words: write internet, deny or allow, or a list as [{cidr: 203.0.113.0/24, ports: [443]}]"#);
    assert_snapshot!(service_refused("egress: {cidr: 10.0.0.0/8}"), @r#"GravityService auth-service-1.4.0: spec.egress: {"cidr":"10.0.0.0/8"} is neither a word nor a list: write internet, deny or allow, or a list as [{cidr: 203.0.113.0/24, ports: [443]}]"#);
    assert_snapshot!(service_refused("egress: [10.0.0.0/8]"), @r#"GravityService auth-service-1.4.0: spec.egress[0]: "10.0.0.0/8" is no target (invalid type: string "10.0.0.0/8", expected struct EgressTarget): write {cidr, except, ports} for addresses, or {namespace, namespaceSelector, podSelector, ports} for pods"#);
    assert_snapshot!(service_refused("egress: [{cidr: 10.0.0.0/8, prots: [443]}]"), @r#"GravityService auth-service-1.4.0: spec.egress[0]: {"cidr":"10.0.0.0/8","prots":[443]} is no target (unknown field `prots`, expected one of `namespace`, `namespaceSelector`, `podSelector`, `cidr`, `except`, `ports`): write {cidr, except, ports} for addresses, or {namespace, namespaceSelector, podSelector, ports} for pods"#);
    assert_snapshot!(service_refused("egress: [{ports: [443]}, {cidr: 10.0.0.0/8, namespace: a}, {namespace: a, except: [10.0.0.0/8]}, {namespace: a, namespaceSelector: {}}]"), @r#"
    GravityService auth-service-1.4.0: spec.egress[0]: says neither addresses nor pods: write cidr, or namespace, namespaceSelector and podSelector
    GravityService auth-service-1.4.0: spec.egress[1]: has addresses and pods: write cidr, or namespace, namespaceSelector and podSelector, and the other one as an entry of its own
    GravityService auth-service-1.4.0: spec.egress[2].except: is for addresses: write the cidr that it is taken from, or take it out
    GravityService auth-service-1.4.0: spec.egress[3].namespace: says where the pods are, and so does namespaceSelector: write one of the two
    "#);
    assert_snapshot!(service_refused("egress: [{namespace: a.b, podSelector: {matchLabels: {'a b': '-'}, matchExpressions: [{key: a, operator: In}, {key: b, operator: Exists, values: [c]}]}}]"), @r#"
    GravityService auth-service-1.4.0: spec.egress[0].namespace: "a.b" can be no namespace's name: write at most 63 lower-case letters, digits and hyphens, as traefik
    GravityService auth-service-1.4.0: spec.egress[0].podSelector.matchLabels: "a b" can be no label's name: write one as app.kubernetes.io/name
    GravityService auth-service-1.4.0: spec.egress[0].podSelector.matchLabels.a b: "-" can be no label's value: write at most 63 letters, digits, hyphens, dots and underscores, with a letter or digit at both ends
    GravityService auth-service-1.4.0: spec.egress[0].podSelector.matchExpressions[0].values: In and NotIn need values, and Exists and DoesNotExist have none
    GravityService auth-service-1.4.0: spec.egress[0].podSelector.matchExpressions[1].values: In and NotIn need values, and Exists and DoesNotExist have none
    "#);
    assert_snapshot!(service_refused("egress: [{namespace: a, ports: [0, {port: 80, endPort: 70}, {port: 80, protocol: HTTP}, https]}]"), @r#"
    GravityService auth-service-1.4.0: spec.egress[0].ports[0]: 0 is no port: write 1 to 65535
    GravityService auth-service-1.4.0: spec.egress[0].ports[1]: 70 comes before 80: write the last port as endPort
    GravityService auth-service-1.4.0: spec.egress[0].ports[2]: "HTTP" is no protocol: write TCP, UDP or SCTP
    GravityService auth-service-1.4.0: spec.egress[0].ports[3]: "https" is no port: write a number for one of TCP, as 443, or {port, endPort, protocol}
    "#);
    let many = "{cidr: 10.0.0.0/8}, ".repeat(51);
    assert_snapshot!(service_refused(&format!("egress: [{many}]")), @"GravityService auth-service-1.4.0: spec.egress: has 51 entries, and 50 are the most: join ranges of addresses, or select pods by fewer labels");
}

#[test]
fn a_peer_says_who_is_meant() {
    let lines = "network: {gateway: [{}, {namespace: a, cidr: 10.0.0.0/8}, {podSelector: {}, except: [10.0.0.0/8]}]}";
    assert_snapshot!(app_refused(lines), @r#"
    GravityApp shop/shop: spec.network.gateway[0]: says neither addresses nor pods: write cidr, or namespace, namespaceSelector and podSelector
    GravityApp shop/shop: spec.network.gateway[1]: has addresses and pods: write cidr, or namespace, namespaceSelector and podSelector, and the other one as an entry of its own
    GravityApp shop/shop: spec.network.gateway[2].except: is for addresses: write the cidr that it is taken from, or take it out
    "#);
}
