//! Ending in good order, and beginning with what is missing.

use std::time::Duration;

use command_api::{CommandApi, Error};
use settings::{Settings, Sources};

use crate::world::{World, client, registration};

#[tokio::test]
async fn who_waits_as_it_stops_still_gets_the_answer() {
    let api = World::start(&[]);
    api.control.slow(Duration::from_millis(1500));
    let (answer, refused) =
        futures::future::join(api.post("/api/v1/shipments", &[], registration()), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            api.stop();
            tokio::time::sleep(Duration::from_millis(300)).await;
            client().get(format!("{}/livez", api.url)).send().await
        })
        .await;
    assert_eq!((answer.status, answer.header("etag")), (201, "\"1\""), "{answer:?}");
    assert!(refused.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn without_its_secret_it_does_not_begin_and_says_how_to_set_it() {
    let settings = Settings::load(&Sources::none().set("command_api.listen=127.0.0.1:0")).unwrap();
    let error = CommandApi::bind(&settings).await.err().unwrap();
    assert!(matches!(error, Error::Settings(_)));
    assert!(error.to_string().contains("PARCELTRACK_COMMAND_API_NAMESPACE_SECRET"), "{error}");
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let sources = Sources::none()
        .set(format!("command_api.listen={listen}"))
        .set("command_api.namespace_secret=only-for-these-tests");
    let error = CommandApi::bind(&Settings::load(&sources).unwrap()).await.err().unwrap();
    assert!(error.to_string().contains(&listen.to_string()), "{error}");
}
