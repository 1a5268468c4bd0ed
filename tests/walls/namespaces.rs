//! What is asked of the namespace itself.

use super::{told, under};

#[tokio::test]
async fn a_namespace_without_pod_security_is_told() {
    let space = under("strict", "open").await;
    let label = "pod-security.kubernetes.io/enforce";
    let (namespace, taken) = (space.name.clone(), format!("{label}-"));
    space
        .suite
        .kubectl(&["label", "namespace", &namespace, &taken]);
    let manifest = "name: api\nversion: 1.0.0\nimage: postgres:16\n";
    let refused = async || told(space.service(manifest).await) != "taken";
    space.until("the label is seen to be gone", refused).await;
    insta::assert_snapshot!(told(space.service(manifest).await), @"the namespace open does not enforce Pod Security restricted, as the rule strict asks: have it labelled pod-security.kubernetes.io/enforce=restricted");
    insta::assert_snapshot!(told(space.try_app("app", "{services: [{name: api}]}").await), @"the namespace open does not enforce Pod Security restricted, as the rule strict asks: have it labelled pod-security.kubernetes.io/enforce=restricted");
    let baseline = format!("{label}=baseline");
    space
        .suite
        .kubectl(&["label", "namespace", &namespace, &baseline]);
    insta::assert_snapshot!(told(space.service(manifest).await), @"the namespace open does not enforce Pod Security restricted, as the rule strict asks: have it labelled pod-security.kubernetes.io/enforce=restricted");
}
