//! Spring Cloud Config's read API: `/{application}/{profile}[/{label}]`, as its `EnvironmentController` answers, so that an
//! existing Spring Boot service reads its configuration here by `spring.config.import=configserver:`.
//!
//! Profiles are separated by commas; the property sources come with the one first that goes over all others. A label names a
//! branch there; here there is one, and it is only repeated. A secret is left out, whoever asks: nobody is shown one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http_api::{PathParams, Problem};
use live_config::{DEFAULT_PROFILE, Kind, Source, sources};
use serde_json::{Map, Value, json};

use crate::change;
use crate::state::Api;

/// Profiles in one request.
const MOST_PROFILES: usize = 16;

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    PathParams((application, profiles)): PathParams<(String, String)>,
) -> Result<Response, Problem> {
    environment(&api, &application, &profiles, None)
}

pub(super) async fn get_labelled(
    State(api): State<Arc<Api>>,
    PathParams((application, profiles, label)): PathParams<(String, String, String)>,
) -> Result<Response, Problem> {
    environment(&api, &application, &profiles, Some(&label))
}

fn environment(
    api: &Api,
    application: &str,
    profiles: &str,
    label: Option<&str>,
) -> Result<Response, Problem> {
    let profiles: Vec<&str> =
        profiles.split(',').map(str::trim).filter(|profile| !profile.is_empty()).collect();
    if profiles.len() > MOST_PROFILES {
        let said = format!("at most {MOST_PROFILES} profiles can be asked for at once");
        return Err(Problem::invalid_parameter("profile", said));
    }
    let profiles = if profiles.is_empty() { vec![DEFAULT_PROFILE] } else { profiles };
    for profile in &profiles {
        change::key(application, profile, "any")?;
    }
    let history = api.history()?;
    let now = history.now();
    let sources: Vec<_> = sources(&now, application, &profiles).iter().map(property_source).collect();
    let environment = json!({
        "name": application,
        "profiles": profiles,
        "label": label,
        "version": history.version().to_string(),
        "state": "",
        "propertySources": sources,
    });
    Ok(Json(environment).into_response())
}

fn property_source(source: &Source<'_>) -> Value {
    let mut properties = Map::new();
    for (name, change) in &source.entries {
        if let Some(setting) = change.edit.setting.as_ref().filter(|setting| setting.kind != Kind::Secret) {
            properties.insert((*name).to_owned(), setting.kind.to_json(&setting.value));
        }
    }
    json!({ "name": format!("parceltrack:{}/{}", source.application, source.profile), "source": properties })
}
