//! Who may know whom: the design's fences, held against what cargo says.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crates of ours, with the folder they lie in and what they depend on outside tests.
fn crates() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let root = metadata.workspace_root.clone();
    metadata
        .packages
        .into_iter()
        .map(|package| {
            let folder = package.manifest_path.parent().unwrap().strip_prefix(&root).unwrap().to_string();
            let dependencies = package
                .dependencies
                .iter()
                .filter(|d| d.kind == DependencyKind::Normal)
                .map(|d| d.name.clone())
                .collect();
            (package.name.to_string(), (folder, dependencies))
        })
        .collect()
}

#[test]
fn a_crates_name_is_its_folders() {
    for (name, (folder, _)) in crates() {
        assert_eq!(folder.rsplit('/').next().unwrap(), name);
    }
}

#[test]
fn the_pure_crates_name_no_io() {
    let crates = crates();
    for pure in ["shipment-events", "shipment-domain", "tracking-view", "event-codec"] {
        for io in ["tokio", "rdkafka", "scylla", "axum", "reqwest", "hyper"] {
            assert!(!crates[pure].1.contains(io), "{pure} depends on {io}");
        }
    }
    for (pure, ours) in [("shipment-domain", "shipment-events"), ("tracking-view", "shipment-events")] {
        let known: Vec<_> = crates[pure].1.iter().filter(|d| crates.contains_key(*d)).collect();
        assert_eq!(known, [ours], "{pure}");
    }
}

/// Beside them the replayer, which stands alone as a user's own program would, and the benches, which measure what our
/// crates cost beside none.
#[test]
fn one_crate_each_names_kafka_and_the_database() {
    for (name, (_, dependencies)) in crates() {
        assert!(
            !dependencies.contains("rdkafka") || ["event-log", "replayer", "bench"].contains(&name.as_str()),
            "{name} names rdkafka"
        );
        assert!(
            !dependencies.contains("scylla") || ["view-store", "bench"].contains(&name.as_str()),
            "{name} names scylla"
        );
    }
}

#[test]
fn producers_and_consumers_do_not_know_each_other() {
    let crates = crates();
    let side = |folder: &str| folder.split('/').next().unwrap_or_default().to_owned();
    for (name, (folder, dependencies)) in &crates {
        for dependency in dependencies.iter().filter_map(|d| crates.get(d)) {
            let (from, to) = (side(folder), side(&dependency.0));
            let forbidden = matches!(
                (from.as_str(), to.as_str()),
                ("producers", "consumers") | ("consumers" | "query-api", "producers")
            );
            assert!(!forbidden, "{name} ({folder}) depends on {}", dependency.0);
        }
    }
    assert!(!crates["command-handler"].1.contains("view-store"), "the command side never reads the views");
    assert!(!crates["command-api"].1.contains("view-store"), "the command side never reads the views");
}

#[test]
fn bugs_are_planted_only_when_a_build_asks_for_it() {
    const FEATURE: &str = "planted-bugs";
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let with = metadata.packages.iter().filter(|package| package.features.contains_key(FEATURE));
    assert!(with.count() > 0, "there is no feature {FEATURE} any more");
    for package in &metadata.packages {
        let by_default = package.features.get("default").map_or(&[][..], Vec::as_slice);
        assert!(!by_default.iter().any(|feature| feature.ends_with(FEATURE)), "{}", package.name);
        for dependency in &package.dependencies {
            assert!(!dependency.features.iter().any(|f| f == FEATURE), "{} asks for it", package.name);
        }
    }
}

#[test]
fn what_tests_share_and_what_tortures_is_used_by_nothing_else() {
    for (name, (_, dependencies)) in crates() {
        assert!(!dependencies.contains("torture"), "{name} depends on torture");
        assert!(!dependencies.contains("testkit") || name == "torture", "{name} depends on testkit");
        assert!(!dependencies.contains("browser"), "{name} depends on browser");
    }
}
