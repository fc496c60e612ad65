//! `/openapi.json`, a page to read it and try it, and a page for each error code.

use std::collections::HashMap;
use std::fmt::Write;
use std::io::{Cursor, Read};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;
use zip::ZipArchive;

use crate::catalogue::{ErrorDoc, codes};
use crate::html::Asset;
use crate::problem::Problem;

/// The files of Swagger UI that the page uses; the archive has more.
const ASSETS: [(&str, &str); 3] = [
    ("swagger-ui.css", "text/css; charset=utf-8"),
    ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("favicon-32x32.png", "image/png"),
];

/// How a page without more to it looks, such as one that says what went wrong.
pub(crate) const PLAIN: Asset = Asset::css("plain", include_str!("docs/plain.css"));

/// The page gets everything from here and nothing from anywhere else. Swagger UI sets styles from its script.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const CACHED: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));

/// Unpacked when the page is first asked for: most processes never are.
static UNPACKED: LazyLock<HashMap<String, Bytes>> = LazyLock::new(|| {
    unpack().unwrap_or_else(|error| {
        tracing::error!(%error, "the documentation page's files can't be unpacked");
        HashMap::new()
    })
});

struct Pages {
    openapi: Bytes,
    title: String,
    errors: Vec<ErrorDoc>,
}

/// `/openapi.json`, `/docs`, `/docs/errors` and `/docs/errors/{code}`, and [the runbooks](crate::RUNBOOKS).
pub fn router(openapi: &Value, mut errors: Vec<ErrorDoc>) -> Router {
    errors.sort_by_key(|doc| doc.code);
    let title = openapi["info"]["title"].as_str().unwrap_or("API").to_owned();
    let pages = Pages { openapi: openapi.to_string().into(), title, errors };
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(page))
        .route("/docs/assets/{file}", get(asset))
        .route("/docs/errors", get(error_list))
        .route("/docs/errors/{code}", get(error_page))
        .with_state(Arc::new(pages))
        .merge(crate::runbooks::router())
}

/// One error's page in Markdown, for `docs/errors/`.
pub fn error_markdown(doc: &ErrorDoc) -> String {
    format!(
        "# {}: {}\n\nHTTP status {}.\n\n## What it means\n\n{}\n\n## What to do\n\n{}\n",
        doc.code, doc.title, doc.status, doc.meaning, doc.remedy
    )
}

async fn document(State(pages): State<Arc<Pages>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], pages.openapi.clone()).into_response()
}

async fn page(State(pages): State<Arc<Pages>>) -> Response {
    let html = include_str!("docs/page.html").replace("{{title}}", &escaped(&pages.title));
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

async fn asset(Path(file): Path<String>) -> Response {
    if file == "page.js" {
        let script = include_str!("docs/page.js");
        return ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], script).into_response();
    }
    let known = ASSETS.iter().find(|(name, _)| *name == file);
    match known.and_then(|(name, media_type)| Some((*media_type, UNPACKED.get(*name)?.clone()))) {
        Some((media_type, bytes)) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), CACHED], bytes).into_response()
        }
        None => Asset::serve(&[PLAIN], &file),
    }
}

async fn error_list(State(pages): State<Arc<Pages>>) -> Response {
    let mut body = String::from("<h1>Error codes</h1>\n<ul>\n");
    for doc in &pages.errors {
        let _ = writeln!(body, "<li><a href=\"errors/{0}\">{0}</a> {1}</li>", doc.code, escaped(doc.title));
    }
    body.push_str("</ul>");
    plain_page("Error codes", &body)
}

async fn error_page(State(pages): State<Arc<Pages>>, Path(code): Path<String>) -> Response {
    let Some(doc) = pages.errors.iter().find(|doc| doc.code == code) else {
        return Problem::http(codes::NO_SUCH_ADDRESS).detail("no error has this code").into_response();
    };
    let reason = StatusCode::from_u16(doc.status).ok().and_then(|status| status.canonical_reason());
    let body = format!(
        "<h1>{}: {}</h1>\n<p>HTTP status {} {}</p>\n<h2>What it means</h2>\n<p>{}</p>\n<h2>What to do</h2>\n\
         <p>{}</p>\n<p><a href=\"../errors\">All error codes</a></p>",
        doc.code,
        escaped(doc.title),
        doc.status,
        reason.unwrap_or_default(),
        escaped(doc.meaning),
        escaped(doc.remedy)
    );
    plain_page(doc.code, &body)
}

fn plain_page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <link rel=\"icon\" href=\"/docs/assets/favicon-32x32.png\">\n<style>body{{font:1rem/1.5 system-ui,sans-serif;\
         max-width:44rem;margin:2rem auto;padding:0 1rem}}</style>\n{body}\n</html>\n"
    );
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn unpack() -> Result<HashMap<String, Bytes>, zip::result::ZipError> {
    let mut archive = ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    let names: Vec<String> =
        archive.file_names().map(|name| name.map(std::borrow::Cow::into_owned)).collect::<Result<_, _>>()?;
    let mut files = HashMap::new();
    for (asset, _) in ASSETS {
        let suffix = format!("/dist/{asset}");
        let Some(name) = names.iter().find(|name| name.ends_with(&suffix)) else { continue };
        let mut bytes = Vec::new();
        archive.by_name(name)?.read_to_end(&mut bytes)?;
        files.insert(asset.to_owned(), bytes.into());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_has_every_file_of_the_page() {
        let files = unpack().unwrap();
        for (asset, _) in ASSETS {
            assert!(files[asset].len() > 500, "{asset}");
        }
    }
}
