//! What a service's credentials reach, and what they do not.

use crate::Shop;

/// One service's login on the database of another, on the same server.
struct Intrusion {
    /// The Secret of the intruder.
    secret: &'static str,
    /// Its own database, as it stands at the end of its URL.
    own: &'static str,
    /// That of the other.
    other: &'static str,
    /// What the program needs to find the other's things, and the intruder's.
    others_variables: &'static [&'static str],
    own_variables: &'static [&'static str],
    /// What the server says.
    says: &'static str,
}

const INTRUSIONS: [Intrusion; 5] = [
    Intrusion {
        secret: "auth-service-auth-db",
        own: "/auth_db",
        other: "/payment_db",
        own_variables: &["SERVICE=intruder"],
        others_variables: &["SERVICE=intruder"],
        says: "permission denied for database",
    },
    Intrusion {
        secret: "product-service-product-db",
        own: "/product_db",
        other: "/inventory_db",
        own_variables: &["SERVICE=intruder"],
        others_variables: &["SERVICE=intruder"],
        says: "Access denied for user",
    },
    Intrusion {
        secret: "auth-service-auth-sessions",
        own: "/0",
        other: "/0",
        own_variables: &["SERVICE=intruder", "WALL_KEY_PREFIX=auth:"],
        others_variables: &["SERVICE=intruder", "WALL_KEY_PREFIX=cart:"],
        says: "NOPERM",
    },
    Intrusion {
        secret: "payment-service-payment-events",
        own: "/shop",
        other: "/shop",
        own_variables: &["SERVICE=payment-service"],
        others_variables: &["SERVICE=order-service"],
        says: "ACCESS_REFUSED",
    },
    Intrusion {
        secret: "product-service-product-pictures",
        own: "/product-pictures",
        other: "/mail-copies",
        own_variables: &["SERVICE=intruder"],
        others_variables: &["SERVICE=intruder"],
        says: "Access Denied",
    },
];

pub(crate) fn nobody_reaches_anothers_database(shop: &Shop) {
    for intrusion in INTRUSIONS {
        let uri = shop.kubectl.secret(intrusion.secret, "uri");
        assert!(uri.ends_with(intrusion.own), "{}: {uri}", intrusion.secret);
        let own = read(shop, &uri, intrusion.own_variables);
        assert!(
            own.as_ref().is_ok_and(|found| found.contains("seed")),
            "{own:?}"
        );

        let uri = uri.strip_suffix(intrusion.own).unwrap().to_owned() + intrusion.other;
        let told = read(shop, &uri, intrusion.others_variables).unwrap_err();
        assert!(
            told.contains(intrusion.says),
            "{}: {told}",
            intrusion.secret
        );
    }
}

/// What the sample service finds in that database, in a pod that has nothing to do with it.
fn read(shop: &Shop, uri: &str, variables: &[&str]) -> Result<String, String> {
    let url = format!("WALL_URL={uri}");
    let mut command = vec![
        "exec",
        "deployment/web-frontend",
        "--",
        "env",
        "--ignore-environment",
    ];
    command.extend(variables);
    command.extend([&*url, "/usr/local/bin/sample-service", "read"]);
    shop.kubectl.try_answer(&command, "")
}

pub(crate) fn charset_and_collation_are_as_asked(shop: &Shop) {
    let script = r#"MYSQL_PWD=$(cat) mariadb --protocol=tcp -h 127.0.0.1 -u "$0" "$1" -N -e 'SELECT @@character_set_database, @@collation_database'"#;
    for (secret, collation) in [
        ("inventory-service-inventory-db", "utf8mb4_unicode_ci"),
        ("product-service-product-db", "utf8mb4_general_ci"),
    ] {
        let key = |key: &str| shop.kubectl.secret(secret, key);
        let (user, database) = (key("username"), key("database"));
        let command = [
            "exec",
            "--stdin",
            "shop-mariadb-10-11-0",
            "--",
            "bash",
            "-c",
            script,
            &user,
            &database,
        ];
        let told = shop.kubectl.answer(&command, &key("password"));
        assert_eq!(told.trim(), format!("utf8mb4\t{collation}"), "{secret}");
    }
}
