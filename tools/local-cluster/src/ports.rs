//! Free ports on the loopback address.

use std::net::{Ipv4Addr, TcpListener};

use crate::Error;

/// So many free ports, no two the same: all are held until all are known. Another process
/// can take one before its program does; the start is then tried again.
pub(crate) fn free<const COUNT: usize>() -> Result<[u16; COUNT], Error> {
    let mut held = Vec::with_capacity(COUNT);
    let mut ports = [0; COUNT];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::NoPort)?;
        *port = listener.local_addr().map_err(Error::NoPort)?.port();
        held.push(listener);
    }
    Ok(ports)
}

/// The API server's port where its address is its own: the customary one.
const OWN_ADDRESS_PORT: u16 = 6443;

/// The addresses and ports of one attempt to start a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// Where the API server listens.
    pub(crate) host: Ipv4Addr,
    pub(crate) server: u16,
    pub(crate) etcd: u16,
    pub(crate) etcd_peer: u16,
}

impl Ports {
    pub(crate) fn choose() -> Result<Self, Error> {
        let [server, etcd, etcd_peer] = free()?;
        Ok(Self {
            host: Ipv4Addr::LOCALHOST,
            server,
            etcd,
            etcd_peer,
        })
    }

    /// With the API server where a real node can reach it.
    pub(crate) fn with_server_at(self, host: Ipv4Addr) -> Self {
        Self {
            host,
            server: OWN_ADDRESS_PORT,
            ..self
        }
    }

    pub(crate) fn server_url(self) -> String {
        format!("https://{}:{}", self.host, self.server)
    }

    pub(crate) fn etcd_url(self) -> String {
        format!("http://127.0.0.1:{}", self.etcd)
    }

    pub(crate) fn etcd_peer_url(self) -> String {
        format!("http://127.0.0.1:{}", self.etcd_peer)
    }
}
