//! The addresses of a cluster with a real node. Each cluster on a machine has a number.

use std::net::Ipv4Addr;

/// The numbers that are tried, and with them the networks 10.200.0.0/16 to 10.239.0.0/16.
pub(crate) const NUMBERS: std::ops::Range<u8> = 200..240;

/// The network of one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    number: u8,
}

impl Network {
    pub(crate) fn new(number: u8) -> Self {
        Self { number }
    }

    /// The machine's end of the link to the node, where the API server answers.
    pub(crate) fn host(self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.number, 255, 1)
    }

    /// The node's end of the link.
    pub(crate) fn node(self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.number, 255, 2)
    }

    /// Where pods have their addresses.
    pub(crate) fn pods(self) -> String {
        format!("10.{}.0.0/17", self.number)
    }

    /// Where Services have their addresses.
    pub(crate) fn services(self) -> String {
        format!("10.{}.128.0/18", self.number)
    }

    /// The Service `kubernetes`: the first address of their range.
    pub(crate) fn kubernetes_service(self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.number, 128, 1)
    }

    /// The folder of control groups that all of the node's are in.
    pub(crate) fn control_group(self) -> String {
        format!("/gravity-local-cluster-{}", self.number)
    }
}
