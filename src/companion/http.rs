//! How a companion asks others by HTTP: small answers, soon.

use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Inner;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The largest answer that is read: a set of keys has some kilobytes.
const LARGEST: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It took too long.
    #[error("no answer in {0:?}")]
    Late(Duration),
    /// It is too large.
    #[error("the answer has more than {LARGEST} bytes")]
    Large,
    /// The network, or the other side, in its own words.
    #[error("{0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// A client that keeps its connections. Cheap to clone.
#[derive(Clone)]
pub struct Client(Inner<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    /// A client that trusts whom the image trusts.
    ///
    /// # Errors
    /// There are no certificates to trust.
    pub fn new() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Inner::builder(TokioExecutor::new()).build(connector)))
    }

    /// The status and the body of an answer.
    ///
    /// # Errors
    /// There is none within the time, or it is too large.
    pub async fn ask(
        &self,
        request: Request<Full<Bytes>>,
        limit: Duration,
    ) -> Result<(StatusCode, Bytes), AskError> {
        let asked = async {
            let answer = self.0.request(request).await;
            let answer = answer.map_err(|error| AskError::Other(error.into()))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            match body {
                Ok(body) => Ok((status, body.to_bytes())),
                Err(error) if error.is::<LengthLimitError>() => Err(AskError::Large),
                Err(error) => Err(AskError::Other(error)),
            }
        };
        let answer = tokio::time::timeout(limit, asked).await;
        answer.unwrap_or(Err(AskError::Late(limit)))
    }
}
