//! Pages that are made from the code, so that they can't say anything else.

use std::path::Path;

/// Compares the page with the file under `docs/`; with `UPDATE_DOCS=1` writes it instead.
pub(crate) fn assert_published(page: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == text,
        "docs/{page} is stale; write it anew with: UPDATE_DOCS=1 cargo test --release -p {}",
        env!("CARGO_PKG_NAME")
    );
}
