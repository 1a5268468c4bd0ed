//! The cluster's own authority, the API server's certificate, and the key that
//! signs the tokens of service accounts.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::{Error, folder::Folder};

/// Writes what is missing; in a folder that is taken up again everything stays,
/// so that tokens and kubeconfigs made before remain valid.
pub(crate) fn make(folder: &Folder) -> Result<(), Error> {
    if folder.certificate("server.crt").exists() {
        return Ok(());
    }
    let authority_key = KeyPair::generate()?;
    let authority = authority()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let account_key = KeyPair::generate()?;
    write(
        &folder.certificate("service-account.key"),
        &account_key.serialize_pem(),
    )?;
    write(
        &folder.certificate("service-account.pub"),
        &account_key.public_key_pem(),
    )?;
    write(
        &folder.certificate("ca.key"),
        &authority_key.serialize_pem(),
    )?;
    write(&folder.certificate("ca.crt"), &authority_certificate.pem())?;

    let server_key = KeyPair::generate()?;
    let server = server()?.signed_by(&server_key, &Issuer::new(authority, authority_key))?;
    write(
        &folder.certificate("server.key"),
        &server_key.serialize_pem(),
    )?;
    write(&folder.certificate("server.crt"), &server.pem())
}

fn authority() -> Result<CertificateParams, Error> {
    let mut parameters = CertificateParams::default();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "local-cluster");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(parameters)
}

/// For every name that a client in or outside the cluster may call the API server by.
fn server() -> Result<CertificateParams, Error> {
    let names = [
        "127.0.0.1",
        "localhost",
        "kubernetes",
        "kubernetes.default.svc",
        "10.96.0.1",
    ];
    let mut parameters = CertificateParams::new(names.map(String::from))?;
    parameters
        .distinguished_name
        .push(DnType::CommonName, "kube-apiserver");
    Ok(parameters)
}

fn write(path: &Path, content: &str) -> Result<(), Error> {
    fs::write(path, content).map_err(Error::file(path, "written"))
}
