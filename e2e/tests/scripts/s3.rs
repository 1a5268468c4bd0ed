//! S3.

use std::fs;

use e2e::Room;
use gravity::engines::Engine;

use crate::jobs::Server;
use crate::{ADMIN, PASSWORDS};

#[test]
fn passwords_are_data_to_s3() {
    let room = Room::of("s3");
    room.prepare("mkdir -p /etc/gravity; install -d -o 1000 -g 1000 /var/lib/s3");
    for file in Engine::S3.profile().files {
        fs::write(room.path("/etc/gravity").join(file.name), file.text).unwrap();
    }
    let root = [("ROOT_ACCESS_KEY", "admin"), ("ROOT_SECRET_KEY", ADMIN)];
    room.start(&["sh", "/etc/gravity/start.sh"], &root);
    room.wait(
        &[
            "wget",
            "-q",
            "-O",
            "/dev/null",
            "http://127.0.0.1:7070/health",
        ],
        &[],
    );
    let admin = [("ADMIN_USERNAME", "admin"), ("ADMIN_PASSWORD", ADMIN)];
    let server = Server::new(Engine::S3, room, &admin);
    for (login, password) in [
        ("photos_a", PASSWORDS[0]),
        ("photos_a", PASSWORDS[1]),
        ("photos_b", PASSWORDS[3]),
    ] {
        let said = server.provision(&[
            ("DATABASE_NAME", "photos"),
            ("DATABASE_OWNER", "photos"),
            ("DATABASE_USERNAME", login),
            ("DATABASE_PASSWORD", password),
        ]);
        assert!(said.is_ok(), "{password:?}: {}", said.unwrap_err());
        let buckets = server.room.run(
            &["versitygw", "admin", "list-buckets"],
            &[
                ("ADMIN_ACCESS_KEY", "admin"),
                ("ADMIN_SECRET_KEY", ADMIN),
                ("ADMIN_ENDPOINT_URL", "http://127.0.0.1:7070"),
            ],
        );
        let buckets = buckets.unwrap();
        let owner = buckets
            .lines()
            .find(|line| line.starts_with("photos"))
            .unwrap();
        assert!(owner.contains(login), "{buckets}");
    }
    server.kept_to_itself(&[ADMIN]);
}
