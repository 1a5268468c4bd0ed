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

/// The ports of one attempt to start a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) etcd: u16,
    pub(crate) etcd_peer: u16,
}

impl Ports {
    pub(crate) fn choose() -> Result<Self, Error> {
        let [server, etcd, etcd_peer] = free()?;
        Ok(Self {
            server,
            etcd,
            etcd_peer,
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
