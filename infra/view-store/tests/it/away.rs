//! A database that goes away and comes back, played by a proxy that refuses and forwards.

use std::net::SocketAddr;
use std::time::Duration;

use shipment_events::Status;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracking_view::merge;
use view_store::{CqlOptions, Error, Fault, ViewStore};

use crate::database::{Database, never, new_id, project, write};
use crate::histories::{Step, history};

/// Forwards connections while it lives; when it is stopped all are cut and new ones refused.
struct Proxy {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    async fn start(at: SocketAddr, to: String) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stopped.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                let (mut client, _) = accepted.unwrap();
                let (to, stopped) = (to.clone(), stopped.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(to).await.unwrap();
                    tokio::select! {
                        () = stopped.cancelled() => {}
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                    }
                });
            }
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn through(database: &Database, at: SocketAddr) -> CqlOptions {
    CqlOptions {
        nodes: vec![at.to_string()],
        request_timeout: Duration::from_secs(2),
        ..database.store.options().clone()
    }
}

#[tokio::test]
async fn a_writer_waits_for_a_database_that_is_away_and_skips_nothing() {
    let database = Database::make().await;
    let node = database.store.options().nodes[0].clone();
    let at = free_address().await;
    let proxy = Proxy::start(at, node.clone()).await;
    let store = ViewStore::connect(&through(&database, at)).await.unwrap();
    let writer = store.writer(1).await.unwrap();
    let register = Step::Register { phone: None, number: None, reference: false };
    let id = new_id();
    let events = history(id, &[register, Step::Scan { status: Status::InTransit, hours: 0 }]);
    write(&writer, &events[..1]).await;

    proxy.stop().await;
    let away = writer.clone();
    let second = events[1].clone();
    let writing = tokio::spawn(async move { write(&away, &[second]).await });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!writing.is_finished());
    assert!(writer.requests_and_retries().1 > 0);

    // Who gives up is let go at once.
    let cancel = CancellationToken::new();
    let given_up = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        given_up.cancel();
    });
    let result = writer.write(&merge(project(&events[1])), &cancel).await;
    assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");

    let proxy = Proxy::start(at, node).await;
    tokio::time::timeout(Duration::from_secs(40), writing).await.expect("it comes back").unwrap();
    let reader = database.store.reader().await.unwrap();
    assert_eq!(reader.version(id).await.unwrap().map(shipment_events::Sequence::get), Some(2));
    proxy.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn connecting_waits_if_asked_to() {
    let database = Database::make().await;
    let at = free_address().await;
    let options = through(&database, at);
    let error = ViewStore::connect(&options).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Retry, "{error:?}");
    assert!(error.to_string().contains("PARCELTRACK_CQL"), "{error}");
    let connecting = tokio::spawn(async move { ViewStore::connect_patiently(&options, &never()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let proxy = Proxy::start(at, database.store.options().nodes[0].clone()).await;
    let store = tokio::time::timeout(Duration::from_secs(20), connecting).await.unwrap().unwrap().unwrap();
    store.ping().await.unwrap();
    proxy.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn tables_that_went_away_stop_the_writer_and_park_nothing() {
    let database = Database::make().await;
    let writer = database.writer().await;
    let drop = format!("DROP KEYSPACE {}", database.keyspace());
    database.session().await.query_unpaged(drop, ()).await.unwrap();
    let register = Step::Register { phone: None, number: None, reference: false };
    let events = history(new_id(), &[register]);
    let error = writer.write(&merge(events.iter().flat_map(project)), &never()).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Fatal, "{error:?}");
    database.drop().await;
}
