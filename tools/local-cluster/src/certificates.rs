//! The cluster's own authority, the API server's certificate, and the key that
//! signs the tokens of service accounts.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::{Error, folder::Folder};

/// By which the API server shows a real node who it is: to the kubelet, which lets its group
/// do all, and to the servers of further interfaces, which believe whom it speaks for.
pub(crate) const KUBELET_CLIENT: &str = "kubelet-client";
pub(crate) const AGGREGATOR: &str = "aggregator";

const CLIENTS: [(&str, Option<&str>); 2] =
    [(KUBELET_CLIENT, Some("system:masters")), (AGGREGATOR, None)];

/// Writes what is missing; in a folder that is taken up again everything stays,
/// so that tokens and kubeconfigs made before remain valid.
///
/// `addresses` are those that the API server has beside the usual ones.
pub(crate) fn make(folder: &Folder, addresses: &[Ipv4Addr]) -> Result<(), Error> {
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

    let issuer = Issuer::new(authority, authority_key);
    for (name, group) in CLIENTS {
        sign(folder, &issuer, name, client(name, group)?)?;
    }
    // The last, for it tells that all are there.
    sign(folder, &issuer, "server", server(addresses)?)
}

fn sign(
    folder: &Folder,
    issuer: &Issuer<'_, KeyPair>,
    name: &str,
    parameters: CertificateParams,
) -> Result<(), Error> {
    let key = KeyPair::generate()?;
    let certificate = parameters.signed_by(&key, issuer)?;
    write(
        &folder.certificate(&format!("{name}.key")),
        &key.serialize_pem(),
    )?;
    write(
        &folder.certificate(&format!("{name}.crt")),
        &certificate.pem(),
    )
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

fn client(name: &str, group: Option<&str>) -> Result<CertificateParams, Error> {
    let mut parameters = CertificateParams::default();
    let subject = &mut parameters.distinguished_name;
    subject.push(DnType::CommonName, name);
    if let Some(group) = group {
        subject.push(DnType::OrganizationName, group);
    }
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(parameters)
}

/// For every name that a client in or outside the cluster may call the API server by.
fn server(addresses: &[Ipv4Addr]) -> Result<CertificateParams, Error> {
    let names = [
        "127.0.0.1",
        "localhost",
        "kubernetes",
        "kubernetes.default.svc",
        "10.96.0.1",
    ];
    let names = names.into_iter().map(String::from);
    let all: Vec<_> = names
        .chain(addresses.iter().map(Ipv4Addr::to_string))
        .collect();
    let mut parameters = CertificateParams::new(all)?;
    parameters
        .distinguished_name
        .push(DnType::CommonName, "kube-apiserver");
    Ok(parameters)
}

fn write(path: &Path, content: &str) -> Result<(), Error> {
    fs::write(path, content).map_err(Error::file(path, "written"))
}
