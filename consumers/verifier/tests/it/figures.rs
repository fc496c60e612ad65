//! How fast it is here and now:
//! `SHIPMENTS=200000 cargo test --release -p verifier --test it -- --ignored --nocapture figures`. With `KEEP=1` the system stays,
//! and how `parceltrack` finds it is printed.

use std::time::Instant;

use crate::system::{System, journeys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and takes its time"]
async fn figures() {
    let shipments: usize = std::env::var("SHIPMENTS").map_or(20_000, |text| text.parse().unwrap());
    let system = System::make(6).await;
    let begun = Instant::now();
    for lot in (0..shipments).step_by(2_000) {
        system.write_with_every_snapshot(&journeys(2_000.min(shipments - lot))).await;
        // A projector is waited for no longer than tests wait.
        if lot % 20_000 == 18_000 {
            system.project().await;
        }
    }
    system.project().await;
    println!("written and projected in {:.1} s", begun.elapsed().as_secs_f64());
    for _ in 0..2 {
        let verified = system.verify_at_rest().await;
        verified.is_clean();
        let summary = &verified.summary;
        assert_eq!(summary.shipments as usize, shipments);
        let rate = shipments as f64 / summary.seconds;
        println!("verified in {:.1} s, {rate:.0} shipments a second: {summary:?}", summary.seconds);
    }
    if std::env::var("KEEP").is_ok() {
        let settings = &system.settings;
        println!(
            "parceltrack --set kafka.topic_prefix={} --set kafka.partitions=6 --set cql.keyspace={} --set \
             query_api.phone_hash_key='{}'",
            settings.kafka.topic_prefix,
            settings.cql.keyspace,
            settings.query_api.phone_hash_key.as_ref().unwrap().expose()
        );
        return;
    }
    system.drop().await;
}
