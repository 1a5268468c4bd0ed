//! Single values: text → what it means, or a message that quotes it and says what to
//! write instead.

pub(super) mod cidr;
pub(super) mod cron;
pub(super) mod duration;
pub(super) mod header;
pub(super) mod image;
pub(super) mod name;
pub(super) mod quantity;
pub(super) mod version;
