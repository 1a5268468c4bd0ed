//! PgBouncer (pgbouncer.org, "Configuration", version 1.23 and later), for PostgreSQL and its
//! kin.

use super::pooler::Pooler;
use super::profile::{File, Provisioning, Rotation};

pub(super) static POOLER: Pooler = Pooler {
    title: "PgBouncer",
    image: "edoburu/pgbouncer:v1.24.1-p1",
    user: 70,
    group: 70,
    files: &[
        File {
            name: "pgbouncer.ini",
            text: include_str!("scripts/pgbouncer.ini"),
        },
        File {
            name: "start.sh",
            text: include_str!("scripts/pgbouncer-start.sh"),
        },
        File {
            name: "stop.sh",
            text: include_str!("scripts/pgbouncer-stop.sh"),
        },
    ],
    start: &["sh", "/etc/gravity/start.sh"],
    stop: &["sh", "/etc/gravity/stop.sh"],
    login: "gravity_pooler",
    provisioning: Provisioning {
        command: &["bash", "-euc"],
        script: include_str!("scripts/postgresql-pooler.sh"),
        variables: &[],
        revision: 1,
        rotation: Rotation::Never("its login is Gravity's own"),
    },
    // DISCARD ALL would leave the session in no role, and what it then makes would belong to
    // one of the two logins instead of their owner.
    reset: "CLOSE ALL; RESET ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD PLANS; DISCARD SEQUENCES; DISCARD TEMP; RESET SESSION AUTHORIZATION; RESET ROLE",
    requests: ("100m", "64Mi"),
    memory_limit: "256Mi",
};
