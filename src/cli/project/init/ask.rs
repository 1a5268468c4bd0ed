//! What was not said is asked of a person at a terminal, and never in a script.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use dialoguer::{Input, Select};

use super::{Arguments, Gateway, HOST, Wish, preset};
use crate::catalog::{Preset, presets};
use crate::cli::catalog::ShelfError;
use crate::cli::{Error, host};

/// What the application is to be.
pub(super) fn wish(arguments: &Arguments) -> Result<Wish, Error> {
    let said = arguments.preset.as_deref().map(preset).transpose()?;
    let is_person = io::stdin().is_terminal() && io::stderr().is_terminal();
    let all_said = arguments.host.is_some() && arguments.gateway.is_some() && said.is_some();
    if arguments.yes || all_said || !is_person {
        return Ok(Wish {
            host: arguments.host.clone().unwrap_or_else(|| HOST.to_owned()),
            gateway: arguments.gateway.unwrap_or(Gateway::Traefik),
            preset: said,
        });
    }
    Ok(Wish {
        preset: match said {
            Some(preset) => Some(preset),
            None => ask_preset()?,
        },
        gateway: match arguments.gateway {
            Some(gateway) => gateway,
            None => ask_gateway()?,
        },
        host: match &arguments.host {
            Some(host) => host.clone(),
            None => Input::new()
                .with_prompt("The host that it answers for")
                .default(HOST.to_owned())
                .validate_with(|text: &String| host::parse(text).map(drop))
                .interact_text()
                .map_err(broken)?,
        },
    })
}

fn ask_preset() -> Result<Option<Preset>, Error> {
    let all: Vec<Preset> = presets().collect();
    let nothing = "nothing: services of your own are added later".to_owned();
    let names = all
        .iter()
        .map(|it| format!("{:10} {}", it.name, it.summary));
    let items: Vec<String> = std::iter::once(nothing).chain(names).collect();
    let chosen = select("Begin with", &items)?;
    Ok(chosen
        .checked_sub(1)
        .and_then(|index| all.get(index).copied()))
}

fn ask_gateway() -> Result<Gateway, Error> {
    let all = Gateway::value_variants();
    let item = |gateway: &Gateway| {
        let value = gateway.to_possible_value().unwrap_or_else(|| "".into());
        let help = value
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!("{:12} {help}", value.get_name())
    };
    let items: Vec<String> = all.iter().map(item).collect();
    let chosen = select("Requests come in by", &items)?;
    Ok(all.get(chosen).copied().unwrap_or(Gateway::Traefik))
}

fn select(prompt: &str, items: &[String]) -> Result<usize, Error> {
    let chosen = Select::new()
        .with_prompt(prompt)
        .items(items)
        .default(0)
        .interact_opt()
        .map_err(broken)?;
    chosen.ok_or_else(|| ShelfError::Declined.into())
}

fn broken(dialoguer::Error::IO(error): dialoguer::Error) -> Error {
    Error::StandardInput(error)
}
