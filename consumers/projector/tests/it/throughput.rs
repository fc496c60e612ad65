//! How fast it is here and now: `cargo test --release -p projector --test it -- --ignored --nocapture figures`.

use std::time::{Duration, Instant};

use shipment_events::{Sequence, Status};
use tokio_util::sync::CancellationToken;

use crate::histories::{Step, history};
use crate::world::{World, interleaved, new_id};

const SHIPMENTS: usize = 15_000;

/// As in a carrier's day: registered, then scanned along the way.
fn journey(n: usize) -> Vec<Step> {
    let scan = |status| Step::Scan { status, hours: 0 };
    let number = u8::try_from(n % 200).unwrap();
    vec![
        Step::Register { phone: Some(number), number: Some(number), reference: n.is_multiple_of(3) },
        scan(Status::InfoReceived),
        scan(Status::PickedUp),
        scan(Status::InTransit),
        scan(Status::InTransit),
        scan(Status::OutForDelivery),
        scan(Status::Delivered),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and takes its time"]
async fn figures() {
    let world = World::make(6).await;
    let histories: Vec<_> = (0..SHIPMENTS).map(|n| history(new_id(), &journey(n))).collect();
    let events = interleaved(&histories);
    world.write(&events).await;
    let running = world.start().await;
    let begun = Instant::now();
    running.until_ready().await;
    let live = begun.elapsed().as_secs_f64();
    println!("live: {} events in {live:.1} s, {:.0} a second", events.len(), events.len() as f64 / live);

    let mut delays = Vec::new();
    for n in 0..50 {
        let one = history(new_id(), &journey(n)[..1]);
        let begun = Instant::now();
        world.write(&one).await;
        let reader = world.store.reader().await.unwrap();
        while reader.version(one[0].shipment_id).await.unwrap() != Some(Sequence::new(1)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        delays.push(begun.elapsed());
    }
    delays.sort();
    println!("idle, from the topic to the row: p50 {:?}, worst of 50 {:?}", delays[25], delays[49]);

    let told = std::sync::Mutex::new(None);
    let tell = |progress: &projector::RebuildProgress| {
        let step = Some((progress.stage, progress.done * 4 / progress.total.max(1)));
        if std::mem::replace(&mut *told.lock().unwrap(), step) != step {
            println!(
                "rebuild: {:?}, {:.0} % after {:?}",
                progress.stage,
                progress.percent(),
                progress.elapsed
            );
        }
    };
    let rebuilt = world.projector().await.rebuild(tell, &CancellationToken::new()).await.unwrap();
    let rate = rebuilt.events as f64 / rebuilt.seconds;
    println!("rebuild: {} events in {:.1} s, {rate:.0} a second", rebuilt.events, rebuilt.seconds);
    world.agrees_with(&histories).await;
    running.stop().await;
    world.drop().await;
}
