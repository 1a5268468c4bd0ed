//! A mutating webhook on this machine, which the API server asks by TLS.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::serve::Listener;
use axum::{Router, routing};
use k8s_openapi::ByteString;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

/// A webhook; it ends when this is dropped.
pub struct Webhook {
    address: SocketAddr,
    /// What the API server trusts it by, as PEM.
    certificate: String,
    serving: JoinHandle<()>,
}

impl Webhook {
    /// Begins to answer: an object goes in, and what is to be changed of it comes out, as
    /// the operations of a JSON Patch.
    pub async fn start(rewrite: fn(&Value) -> Vec<Value>) -> Self {
        let host = Ipv4Addr::LOCALHOST;
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([host.to_string()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = Secured {
            tcp: TcpListener::bind((host, 0)).await.unwrap(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        };
        let address = listener.local_addr().unwrap();
        let answer = async move |review: Bytes| answer(&review, rewrite);
        let router = Router::new().route("/", routing::post(answer));
        Self {
            address,
            certificate: cert.pem(),
            serving: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }

    /// How a configuration names it (`WebhookClientConfig`).
    pub fn client(&self) -> Value {
        let bundle = ByteString(self.certificate.clone().into_bytes());
        json!({"url": format!("https://{}/", self.address), "caBundle": bundle})
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The answer to an `AdmissionReview` of `admission.k8s.io/v1`.
fn answer(review: &[u8], rewrite: fn(&Value) -> Vec<Value>) -> String {
    let mut review: Value = serde_json::from_slice(review).unwrap();
    let request = review["request"].take();
    let patch = Value::from(rewrite(&request["object"]));
    review["response"] = json!({
        "uid": request["uid"],
        "allowed": true,
        "patchType": "JSONPatch",
        "patch": ByteString(patch.to_string().into_bytes()),
    });
    review.to_string()
}

/// Connections whose TLS has begun.
struct Secured {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Who does not come through comes again.
            let Ok((stream, address)) = self.tcp.accept().await else {
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
