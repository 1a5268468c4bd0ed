//! telemetry: what the operator tells about itself: logs, metrics and its health.

pub mod logs;
pub mod metrics;
pub mod server;
