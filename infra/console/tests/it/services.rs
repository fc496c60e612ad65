//! Services, with somebody to ask and without.

use auth::Role;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_taken_out_and_put_back_in_the_callers_name() {
    let world = World::start().await;
    let cookie = world.signed_in(Role::Operator).await;
    let listed = async || world.page("/console/services", &cookie).await.text;
    world.until("both are there", async || listed().await.matches("badge good").count() == 2).await;
    let text = listed().await;
    let begin = text.find("/console/services/config-service/").unwrap();
    let address = text[begin..].split('"').next().unwrap();
    let page = world.page(address, &cookie).await;
    assert!(page.text.contains("It is the only config-service that is up"), "{}", page.text);

    let unsaid = world.form(address, &cookie, &[("action", "take-out"), ("reason", " ")]).await;
    assert_eq!(unsaid.status, 422);
    let done = world.form(address, &cookie, &[("action", "take-out"), ("reason", "a <new> disk")]).await;
    assert_eq!((done.status, done.location), (303, Some(format!("{address}?done=taken-out"))));
    world
        .until("it shows, with the reason", async || {
            let text = listed().await;
            text.contains("OUT_OF_SERVICE</span>") && text.contains("a &lt;new&gt; disk")
        })
        .await;
    let overview = world.page("/console", &cookie).await;
    assert!(overview.text.contains("is out of rotation"), "{}", overview.text);

    let done = world.form(address, &cookie, &[("action", "put-back")]).await;
    assert_eq!(done.location, Some(format!("{address}?done=put-back")));
    world.until("it is back", async || !listed().await.contains("OUT_OF_SERVICE</span>")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_anybody_to_ask_pages_come_and_say_so() {
    let world = World::alone().await;
    let cookie = world.signed_in(Role::Admin).await;
    let overview = world.page("/console", &cookie).await;
    assert_eq!(overview.status, 200);
    assert!(
        overview.text.contains("No gateway runs") && overview.text.contains("No projector runs"),
        "{}",
        overview.text
    );
    let services = world.page("/console/services", &cookie).await;
    assert!(services.status == 200 && services.text.contains("none runs"), "{}", services.text);
    let config = world.page("/console/config", &cookie).await;
    assert_eq!(config.status, 503);
    assert!(config.text.contains("No instance of the config-service is up"), "{}", config.text);
    let gone = world.page("/console/services/query-api/10.0.0.1%3A1", &cookie).await;
    assert_eq!(gone.status, 404);
    let refused =
        world.form("/console/services/query-api/10.0.0.1%3A1", &cookie, &[("action", "put-back")]).await;
    assert_eq!(refused.status, 503);
    assert!(refused.text.contains("Nothing was changed"), "{}", refused.text);
}
