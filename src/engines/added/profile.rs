//! What was stated as a `Profile`.
//!
//! A profile lives as long as the program, for the built-in ones do and whoever holds an
//! engine may ask it. Files are read once, at the start, so what is leaked here is as much as
//! they have and does not grow.

use super::stated::{self, Stated};
use crate::api::app::ServerMode;
use crate::engines::profile::{
    Admin, Backup, Cache, Dump, Events, File, Inherits, Port, Probes, Profile, Provisioning,
    Rotation, Series, Source, Start, Storage, Tenancy, Url, Variable,
};

/// The profile of what was stated, which has been checked.
pub(super) fn profile(stated: Stated) -> &'static Profile {
    let name = text(stated.name);
    Box::leak(Box::new(Profile {
        name,
        title: stated.title.map_or(name, text),
        aliases: texts(stated.aliases),
        image: text(stated.image),
        series: list(stated.series, series),
        ports: list(stated.ports, port),
        user: stated.user,
        group: stated.group,
        writable_root: stated.writable_root,
        storage: Storage {
            mount: text(stated.storage.mount),
            size: text(stated.storage.size),
        },
        scratch: texts(stated.scratch),
        admin: admin(stated.admin),
        variables: list(stated.variables, variable),
        files: list(stated.files, file),
        start: Start {
            command: texts(stated.start.command),
            arguments: texts(stated.start.arguments),
        },
        probes: Probes {
            ready: texts(stated.probes.ready),
            period: stated.probes.period,
            timeout: stated.probes.timeout,
        },
        requests: (text(stated.requests.cpu), text(stated.requests.memory)),
        memory_limit: text(stated.memory_limit),
        connections: stated.connections,
        pooler: None,
        url: url(stated.url),
        provisioning: provisioning(stated.provisioning),
        mode: mode(stated.mode),
        external: stated.external,
        replica_set: stated.replica_set,
        tenancy: tenancy(stated.tenancy),
        dns_names: stated.dns_names,
        events: stated.events.map(events),
        shared_by_prefix: stated.shared_by_prefix,
        login_limit: stated.login_limit,
        identifier_limit: stated.identifier_limit,
        reserved: texts(stated.reserved),
        extensions: texts(stated.extensions),
        cache: stated.cache.map(|cache| Cache {
            files: list(cache.files, file),
        }),
        backup: backup(stated.backup),
    }))
}

fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn texts(all: Vec<String>) -> &'static [&'static str] {
    list(all, text)
}

fn list<Stated, Fact>(all: Vec<Stated>, fact: impl Fn(Stated) -> Fact) -> &'static [Fact] {
    let all: Box<[Fact]> = all.into_iter().map(fact).collect();
    Box::leak(all)
}

fn series(stated: stated::Series) -> Series {
    Series {
        name: text(stated.name),
        tag: text(stated.tag),
        default: stated.default,
    }
}

fn port(stated: stated::Port) -> Port {
    Port {
        name: text(stated.name),
        number: stated.number,
    }
}

fn admin(stated: stated::Admin) -> Admin {
    Admin {
        username: text(stated.username),
        generated: list(stated.generated, |it| (text(it.key), it.length)),
    }
}

fn variable(stated: stated::Variable) -> Variable {
    Variable {
        name: text(stated.name),
        value: match (stated.admin, stated.pod) {
            (Some(key), _) => Source::Admin(text(key)),
            (None, Some(stated::Pod::Name)) => Source::PodName,
            (None, Some(stated::Pod::Address)) => Source::PodAddress,
            (None, None) => Source::Text(stated.value.map_or("", text)),
        },
    }
}

fn file(stated: stated::File) -> File {
    File {
        name: text(stated.name),
        text: text(stated.text),
    }
}

fn url(stated: stated::Url) -> Url {
    Url {
        schemes: texts(stated.schemes),
        template: text(stated.template),
        srv: stated.srv.map(text),
        external: stated.external.map(text),
        inherits: inherits(stated.inherits),
    }
}

fn inherits(stated: stated::Inherits) -> Inherits {
    let parameter = |it: stated::Parameter| (text(it.name), texts(it.spellings));
    match stated.scheme {
        Some(schemes) => Inherits::Scheme(text(schemes.plain), text(schemes.encrypted)),
        None if stated.parameters.is_empty() => Inherits::Nothing,
        None => Inherits::Parameters(list(stated.parameters, parameter)),
    }
}

fn provisioning(stated: stated::Provisioning) -> Provisioning {
    let given = |it: stated::Given| {
        let value = match it.admin {
            Some(key) => format!("admin:{key}"),
            None => it.value.unwrap_or_default(),
        };
        (text(it.name), text(value))
    };
    Provisioning {
        command: texts(stated.command),
        script: text(stated.script),
        variables: list(stated.variables, given),
        revision: stated.revision,
        rotation: match stated.never_rotates {
            Some(why) => Rotation::Never(text(why)),
            None => Rotation::TwoLogins,
        },
    }
}

fn mode(stated: stated::Mode) -> ServerMode {
    match stated {
        stated::Mode::Shared => ServerMode::Shared,
        stated::Mode::Dedicated => ServerMode::Dedicated,
    }
}

fn tenancy(stated: stated::Tenancy) -> Tenancy {
    match stated {
        stated::Tenancy::Database => Tenancy::Database,
        stated::Tenancy::Indices => Tenancy::Indices,
        stated::Tenancy::Keys => Tenancy::Keys,
        stated::Tenancy::App => Tenancy::App,
    }
}

fn events(stated: stated::Events) -> Events {
    match stated {
        stated::Events::Queues => Events::Queues,
        stated::Events::Groups => Events::Groups,
    }
}

fn backup(stated: stated::Backup) -> Backup {
    match stated.dump {
        Some(dump) => Backup::Dump(Dump {
            script: text(dump.script),
            extension: text(dump.extension),
            whole: dump.whole.map(text),
        }),
        None => Backup::Never(stated.never.map_or("", text)),
    }
}
