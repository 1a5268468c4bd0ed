//! The resolution as `gravity resolve --output json` prints it.

use serde::Serialize;

use super::Resolution;

/// A resolution to be printed: first what starts first, then by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolutionView {
    /// The services.
    pub services: Vec<ResolvedView>,
}

/// A service of a [`ResolutionView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedView {
    /// Its name.
    pub name: String,
    /// The version that was chosen.
    pub version: String,
    /// How many ordered dependencies lie below it at the most.
    pub wave: usize,
    /// Who asks for it.
    pub required_by: Vec<RequirementView>,
}

/// Who asks for a service of a [`ResolutionView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequirementView {
    /// The name of the service that asks, or of the app.
    pub name: String,
    /// The range of versions.
    pub range: String,
    /// The range of contracts, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
}

impl From<&Resolution> for ResolutionView {
    fn from(resolution: &Resolution) -> Self {
        let mut services: Vec<ResolvedView> = resolution
            .services
            .iter()
            .map(|(name, resolved)| ResolvedView {
                name: name.clone(),
                version: resolved.service.version.to_string(),
                wave: resolved.wave,
                required_by: resolved
                    .required_by
                    .iter()
                    .map(|requirement| RequirementView {
                        name: requirement.name.clone(),
                        range: requirement.range.clone(),
                        contract: requirement.contract.clone(),
                    })
                    .collect(),
            })
            .collect();
        services.sort_by(|one, two| (one.wave, &one.name).cmp(&(two.wave, &two.name)));
        Self { services }
    }
}
