//! Which build this is, as a metric.

/// Its name; one of its own, for it is of no crate.
pub const BUILD_INFO: &str = "parceltrack_build_info";

/// Shows which version of the program runs, in which role: a gauge that is always 1.
pub fn show_build(version: &str, role: &str) {
    let info = super::gauge_vec(
        BUILD_INFO,
        "Always 1: which version of the program runs, in which role.",
        &["version", "role"],
    );
    info.with_label_values(&[version, role]).set(1);
}
