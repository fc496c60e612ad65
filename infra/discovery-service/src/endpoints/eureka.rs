//! Eureka's addresses; see [`crate::eureka`] for whose they are.

mod accept;
mod changing;
mod reading;
mod renewing;

use std::sync::Arc;

use http_api::{Problem, Routes, codes};
use service_registry::Instance;

use super::not_found;
use crate::state::Api;

/// Adds them.
pub(super) fn routes(routes: Routes<Arc<Api>>) -> Routes<Arc<Api>> {
    routes
        .get("/eureka/apps", reading::all)
        // Spring asks with the slash.
        .get("/eureka/apps/", reading::all)
        .get("/eureka/apps/delta", reading::delta)
        .get("/eureka/apps/{app}", reading::application)
        .get("/eureka/apps/{app}/{id}", reading::instance)
        .get("/eureka/instances/{id}", reading::instance_by_id)
        .get("/eureka/vips/{vip}", reading::vip)
        .get("/eureka/svips/{vip}", reading::secure_vip)
        .post("/eureka/apps/{app}", renewing::register)
        .put("/eureka/apps/{app}/{id}", renewing::renew)
        .delete("/eureka/apps/{app}/{id}", renewing::cancel)
        .put("/eureka/apps/{app}/{id}/status", changing::set_status)
        .delete("/eureka/apps/{app}/{id}/status", changing::put_back)
        .put("/eureka/apps/{app}/{id}/metadata", changing::set_metadata)
}

/// That an application, in whatever case, is none of ours. Credentials are sent to whoever is registered under the name of one, so
/// nobody but the role itself says where it is.
fn not_ours(app: &str) -> Result<(), Problem> {
    let service = app.to_ascii_lowercase();
    if !live_config::is_ours(&service) {
        return Ok(());
    }
    let detail = format!(
        "{service} is a service of ParcelTrack itself: it registers by itself, and /api/v1/services takes it out and puts it back"
    );
    Err(Problem::http(codes::FORBIDDEN).detail(detail))
}

/// An instance by its application's name, in whatever case, and its id.
fn find(api: &Api, app: &str, id: &str) -> Result<Instance, Problem> {
    let is_it = |instance: &Instance| {
        instance.lease.service.as_str().eq_ignore_ascii_case(app) && instance.lease.instance.as_str() == id
    };
    let found = api.directory()?.all().into_iter().find(is_it);
    found.ok_or_else(|| not_found("no such instance is registered; register it again"))
}
