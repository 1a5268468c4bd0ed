//! Whether a Secret has a certificate that a gateway can use: the type `kubernetes.io/tls`
//! (Kubernetes' documentation, "TLS Secrets").

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

/// Why it has none. No part of the Secret is in it.
pub(super) fn certificate(secret: &Secret) -> Result<(), String> {
    let none = BTreeMap::new();
    let data = secret.data.as_ref().unwrap_or(&none);
    let part = |key: &str| {
        let part = data.get(key).filter(|ByteString(bytes)| !bytes.is_empty());
        let part = part.map(|ByteString(bytes)| bytes.as_slice());
        part.ok_or_else(|| format!("it has no {key}"))
    };
    let chain = CertificateDer::pem_slice_iter(part("tls.crt")?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| "its tls.crt is no PEM")?;
    if chain.is_empty() {
        return Err("its tls.crt has no certificate".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(part("tls.key")?)
        .map_err(|_| "its tls.key has no private key in PEM")?;
    // What else is wrong, as a kind of key that is not known here, may well do for a gateway.
    match CertifiedKey::from_der(chain, key, &default_provider()) {
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err("its tls.key is not the key of its tls.crt".to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(parts: &[(&str, &str)]) -> Secret {
        let data = parts.iter();
        let data = data.map(|(key, text)| ((*key).to_owned(), ByteString((*text).into())));
        Secret {
            data: Some(data.collect()),
            ..Secret::default()
        }
    }

    #[test]
    fn a_certificate_has_its_own_key_beside_it() {
        let pair = || rcgen::generate_simple_self_signed(["shop.example.com".to_owned()]).unwrap();
        let (own, other) = (pair(), pair());
        let (crt, key) = (own.cert.pem(), own.signing_key.serialize_pem());
        let said = |parts: &[(&str, &str)]| certificate(&secret(parts)).unwrap_err();
        assert_eq!(
            certificate(&secret(&[("tls.crt", &crt), ("tls.key", &key)])),
            Ok(())
        );
        assert_eq!(said(&[]), "it has no tls.crt");
        assert_eq!(said(&[("tls.crt", &crt)]), "it has no tls.key");
        assert_eq!(
            said(&[("tls.crt", "hello"), ("tls.key", &key)]),
            "its tls.crt has no certificate"
        );
        assert_eq!(
            said(&[("tls.crt", &crt), ("tls.key", "hello")]),
            "its tls.key has no private key in PEM"
        );
        let others = other.signing_key.serialize_pem();
        assert_eq!(
            said(&[("tls.crt", &crt), ("tls.key", &others)]),
            "its tls.key is not the key of its tls.crt"
        );
    }
}
