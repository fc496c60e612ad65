//! The document is true and the pages are there.

use std::path::Path;

use http_api::{HTTP_ERRORS, docs, openapi};
use serde_json::Value;

use crate::{api, ask, document, routes};

#[tokio::test]
async fn the_document_describes_what_is_served() {
    let (status, _, body) = ask(&api(8), "GET", "/openapi.json", &[], "").await;
    assert_eq!(status.as_u16(), 200);
    let served: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(openapi::faults(&served, routes().declared()), Vec::<String>::new());
    assert_eq!(openapi::faults(&document(), routes().declared()), Vec::<String>::new());
}

#[tokio::test]
async fn the_page_to_try_it_needs_nothing_from_elsewhere() {
    let (status, headers, html) = ask(&api(8), "GET", "/docs", &[], "").await;
    assert_eq!(status.as_u16(), 200);
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(html.contains("<title>Parcels &amp; more</title>"), "{html}");
    let linked = html.split(['"']).filter(|part| part.starts_with("docs/assets/"));
    let mut found = 0;
    for asset in linked {
        let (status, _, body) = ask(&api(8), "GET", &format!("/{asset}"), &[], "").await;
        assert_eq!(status.as_u16(), 200, "{asset}");
        assert!(body.len() > 100, "{asset}");
        found += 1;
    }
    assert_eq!(found, 4, "{html}");
    assert!(!html.contains("://"), "{html}");
}

#[tokio::test]
async fn every_error_has_a_page() {
    let api = api(8);
    let (_, _, list) = ask(&api, "GET", "/docs/errors", &[], "").await;
    for doc in HTTP_ERRORS {
        assert!(list.contains(doc.code));
        let (status, _, page) = ask(&api, "GET", &format!("/docs/errors/{}", doc.code), &[], "").await;
        assert_eq!(status.as_u16(), 200);
        assert!(page.contains(&doc.title.replace('"', "&quot;")), "{page}");
    }
    assert_eq!(ask(&api, "GET", "/docs/errors/PT-9999", &[], "").await.0.as_u16(), 404);
}

#[test]
fn the_error_pages_in_the_repository_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for doc in HTTP_ERRORS {
        let page = folder.join(format!("{}.md", doc.code));
        let written = docs::error_markdown(doc);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(&folder).expect("make docs/errors");
            std::fs::write(&page, &written).expect("write the page");
        }
        let there = std::fs::read_to_string(&page).unwrap_or_default();
        let code = doc.code;
        assert!(
            there == written,
            "docs/errors/{code}.md is stale: `UPDATE_DOCS=1 cargo test --release -p http-api` writes it anew"
        );
    }
}

#[tokio::test]
async fn every_runbook_in_the_repository_is_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/runbooks");
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".md").filter(|name| *name != "README").map(str::to_owned))
        .collect();
    pages.sort();
    assert_eq!(pages, http_api::RUNBOOKS.map(|(name, _)| name));
    let api = api(8);
    for page in pages {
        let (status, headers, text) = ask(&api, "GET", &format!("/docs/runbooks/{page}"), &[], "").await;
        assert!(status.is_success() && text.contains("## How to mend it"), "{page}: {status}");
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(text, ask(&api, "GET", &format!("/docs/runbooks/{page}.md"), &[], "").await.2);
    }
    assert!(ask(&api, "GET", "/docs/runbooks", &[], "").await.2.contains("# Runbooks"));
    assert_eq!(ask(&api, "GET", "/docs/runbooks/Nothing", &[], "").await.0.as_u16(), 404);
}
