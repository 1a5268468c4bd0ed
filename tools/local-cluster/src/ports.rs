//! Free ports on the loopback address.

use std::net::{Ipv4Addr, TcpListener};

use crate::Error;

/// The ports of one attempt to start a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) etcd: u16,
    pub(crate) etcd_peer: u16,
}

impl Ports {
    /// All are held until all are known, so that no two are the same. Another process
    /// can take one before its program does; the start is then tried again.
    pub(crate) fn choose() -> Result<Self, Error> {
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::NoPort);
        let held = [bind()?, bind()?, bind()?];
        let port = |at: &TcpListener| {
            at.local_addr()
                .map(|address| address.port())
                .map_err(Error::NoPort)
        };
        let [server, etcd, etcd_peer] = &held;
        Ok(Self {
            server: port(server)?,
            etcd: port(etcd)?,
            etcd_peer: port(etcd_peer)?,
        })
    }

    pub(crate) fn server_url(self) -> String {
        format!("https://127.0.0.1:{}", self.server)
    }

    pub(crate) fn etcd_url(self) -> String {
        format!("http://127.0.0.1:{}", self.etcd)
    }

    pub(crate) fn etcd_peer_url(self) -> String {
        format!("http://127.0.0.1:{}", self.etcd_peer)
    }
}
