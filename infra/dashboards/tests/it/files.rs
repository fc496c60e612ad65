//! The JSON that Grafana reads is what the code says.

use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../grafana/dashboards");

#[test]
fn every_dashboard_lies_there_as_it_is_described() {
    let folder = Path::new(FOLDER);
    let mut expected: Vec<String> = Vec::new();
    for dashboard in dashboards::all() {
        let path = folder.join(format!("{}.json", dashboard.name));
        let text = format!("{:#}\n", dashboard.json());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).is_ok_and(|there| there == text),
            "{} is stale: `UPDATE_DOCS=1 cargo test --release -p dashboards` writes it anew",
            path.display()
        );
        expected.push(format!("{}.json", dashboard.name));
    }
    let there =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<_> = there.collect();
    there.sort();
    expected.sort();
    assert_eq!(there, expected, "a dashboard that nobody describes");
}
