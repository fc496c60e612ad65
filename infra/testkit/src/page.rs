//! Pages that show what the code says.

use std::path::Path;

/// Holds a fence of a page in `docs/` against what the code says, or writes it anew where `UPDATE_DOCS` is set. The fence
/// begins with a line ```` ```text NAME ````.
///
/// # Panics
/// When the page hasn't got the fence, or it is stale.
pub fn assert_fence(page: &str, name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let whole = std::fs::read_to_string(&path).expect("the page can be read");
    let begin = format!("```text {name}\n");
    let (before, rest) = whole.split_once(&begin).expect("the page has the fence");
    let (found, after) = rest.split_once("```\n").expect("the fence ends");
    if found == text {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/{page} is stale: run this test with UPDATE_DOCS=1, which writes {name} anew"
    );
    std::fs::write(&path, [before, &begin, text, "```\n", after].concat()).expect("the page can be written");
}
