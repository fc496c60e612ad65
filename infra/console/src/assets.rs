//! The style sheet and the script, compiled in.

use axum::extract::Path;
use axum::response::Response;
use http_api::html::Asset;

/// How everything looks.
pub(crate) const STYLE: Asset = Asset::css("console", include_str!("assets/console.css"));
/// Live parts, times in the viewer's zone, confirmations. Pages do without it.
pub(crate) const SCRIPT: Asset = Asset::js("console", include_str!("assets/console.js"));
/// The picture in the browser's tab.
pub(crate) const ICON: Asset = Asset::svg("icon", include_str!("assets/icon.svg"));

const ALL: &[Asset] = &[STYLE, SCRIPT, ICON];

/// Where a file is.
pub(crate) fn address(asset: &Asset) -> String {
    format!("/console/assets/{}", asset.file_name())
}

/// `GET /console/assets/{file}`
pub(crate) async fn file(Path(file): Path<String>) -> Response {
    Asset::serve(ALL, &file)
}
