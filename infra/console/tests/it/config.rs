//! Configuration: checked, set, compared, rolled back.

use auth::Role;

use crate::world::World;

const ENTRY: &str = "/console/config/query_api.min_version_wait_ms?application=parceltrack&profile=default";

/// A hidden field of a page's form.
fn hidden(text: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {name}: {text}"));
    rest.split('"').next().unwrap().replace("&quot;", "\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_checked_set_and_rolled_back() {
    let world = World::start().await;
    let cookie = world.signed_in(Role::Operator).await;
    world
        .until("the settings are shown", async || world.page("/console/config", &cookie).await.status == 200)
        .await;
    let page = world.page(ENTRY, &cookie).await;
    assert!(page.text.contains("the default counts"), "{}", page.text);
    let form = async |fields: &[(&str, &str)]| {
        let all = [&[("application", "parceltrack"), ("profile", "default")], fields].concat();
        world.form(ENTRY, &cookie, &all).await
    };

    let bad = form(&[("action", "check"), ("value", "-1"), ("reason", "a test"), ("tag", "")]).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text.contains("can't be set") && bad.text.contains("value=\"-1\""), "{}", bad.text);
    let unsaid = form(&[("action", "set"), ("value", "2000"), ("reason", ""), ("tag", "")]).await;
    assert!(unsaid.status == 422 && unsaid.text.contains("Say why"), "{}", unsaid.text);

    let checked = form(&[("action", "check"), ("value", "2000"), ("reason", "a <test>"), ("tag", "")]).await;
    assert_eq!(checked.status, 200);
    assert!(checked.text.contains("<ins><code>2000</code></ins>"), "{}", checked.text);
    assert!(world.page(ENTRY, &cookie).await.text.contains("the default counts"), "checking changes nothing");
    let set = form(&[("action", "set"), ("value", "2000"), ("reason", "a <test>"), ("tag", "")]).await;
    assert_eq!((set.status, set.location), (303, Some(format!("{ENTRY}&done=set"))));
    let page = world.page(ENTRY, &cookie).await;
    assert!(page.text.contains("<code>2000</code>") && page.text.contains("a &lt;test&gt;"), "{}", page.text);
    let tag = hidden(&page.text, "tag");

    let late = form(&[("action", "set"), ("value", "3000"), ("reason", "late"), ("tag", "")]).await;
    assert_eq!(late.status, 412, "{}", late.text);
    assert!(late.text.contains("Somebody else changed it meanwhile"), "{}", late.text);
    let set = form(&[("action", "set"), ("value", "3000"), ("reason", "in time"), ("tag", &tag)]).await;
    assert_eq!(set.status, 303, "{}", set.text);

    let history =
        world.page("/console/config-history?application=parceltrack&profile=default", &cookie).await;
    assert!(
        history.text.contains("in time") && history.text.contains("<code>3000</code>"),
        "{}",
        history.text
    );
    let from = history.text.split("&amp;from=").nth(1).unwrap().split('"').next().unwrap();
    let compared = world
        .page(
            &format!("/console/config-history?application=parceltrack&profile=default&from={from}"),
            &cookie,
        )
        .await;
    assert!(
        compared.text.contains("Set 1 back") && compared.text.contains("<code>2000</code>"),
        "{}",
        compared.text
    );
    let back = async |seen: &str| {
        let fields = [
            ("application", "parceltrack"),
            ("profile", "default"),
            ("to", from),
            ("from", seen),
            ("reason", "back again"),
        ];
        world.form("/console/config-history", &cookie, &fields).await
    };
    let unseen = back(from).await;
    assert_eq!(unseen.status, 412, "{}", unseen.text);
    assert!(
        unseen.text.contains("Somebody else changed it meanwhile") && unseen.text.contains("Set 1 back"),
        "{}",
        unseen.text
    );
    let back = back(&hidden(&compared.text, "from")).await;
    assert_eq!(back.status, 303, "{}", back.text);
    let page = world.page(ENTRY, &cookie).await;
    assert_eq!(hidden(&page.text, "value"), "2000");

    let gone = form(&[("action", "delete"), ("reason", "enough"), ("tag", &hidden(&page.text, "tag"))]).await;
    assert_eq!(gone.location, Some(format!("{ENTRY}&done=deleted")));
    assert!(world.page(ENTRY, &cookie).await.text.contains("the default counts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_never_shown() {
    let world = World::start().await;
    let cookie = world.signed_in(Role::Admin).await;
    let entry = "/console/config/query_api.cursor_key?application=query-api&profile=default";
    world.until("the entry is shown", async || world.page(entry, &cookie).await.status == 200).await;
    let secret = "0123456789abcdef-not-to-be-seen";
    let fields = [
        ("application", "query-api"),
        ("profile", "default"),
        ("action", "set"),
        ("value", secret),
        ("reason", "a test"),
        ("tag", ""),
    ];
    let set = world.form(entry, &cookie, &fields).await;
    assert_eq!(set.status, 303, "{}", set.text);
    assert!(!set.text.contains(secret), "{}", set.text);
    let topic = world.config_topic().await;
    assert!(topic.contains("v1:") && !topic.contains(secret), "{topic}");
    for path in
        [entry, "/console/config?application=query-api", "/console/config-history?application=query-api"]
    {
        assert!(!world.page(path, &cookie).await.text.contains(secret), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_another_application_stays_one() {
    let world = World::start().await;
    let cookie = world.signed_in(Role::Operator).await;
    let entry = "/console/config/spring.datasource.password?application=orders&profile=prod";
    world.until("the entry is shown", async || world.page(entry, &cookie).await.status == 200).await;
    let form = async |action: &str, kind: &str, value: &str, tag: &str| {
        let fields = [
            ("application", "orders"),
            ("profile", "prod"),
            ("action", action),
            ("kind", kind),
            ("value", value),
            ("reason", "a test"),
            ("tag", tag),
        ];
        world.form(entry, &cookie, &fields).await
    };
    let asked = form("check", "secret", "hunter2", "").await;
    assert_eq!(asked.status, 422, "{}", asked.text);
    assert!(asked.text.contains("type=\"password\"") && !asked.text.contains("hunter2"), "{}", asked.text);
    assert_eq!(form("set", &hidden(&asked.text, "kind"), "hunter2", "").await.status, 303);
    let page = world.page(entry, &cookie).await.text;
    let again = form("set", &hidden(&page, "kind"), "12345 ", &hidden(&page, "tag")).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let page = world.page(entry, &cookie).await.text;
    let unsaid = form("set", "", "hunter3", &hidden(&page, "tag")).await;
    assert!(unsaid.status == 400 && unsaid.text.contains("is a secret"), "{}", unsaid.text);
    let topic = world.config_topic().await;
    assert_eq!(topic.matches("v1:").count(), 2, "{topic}");
    assert!(!topic.contains("hunter") && !topic.contains("12345"), "{topic}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_form_that_can_not_be_understood_is_answered_with_a_page() {
    let world = World::alone().await;
    let cookie = world.signed_in(Role::Operator).await;
    for path in ["/console/projections/dead-letters?skip=x", "/console/config-history?from=x"] {
        let page = world.page(path, &cookie).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text.contains("invalid digit") && page.text.contains("Overview"), "{}", page.text);
    }
    for (path, fields) in [
        ("/console/config-history", &[("to", "7")][..]),
        ("/console/config/log.level", &[("action", "explode")]),
        ("/console/services/query-api/10.0.0.1%3A1", &[("action", "explode")]),
    ] {
        let page = world.form(path, &cookie, fields).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(page.text.contains("Nothing was done") && page.text.contains("Overview"), "{}", page.text);
    }
}
