//! Who gets in, and who doesn't.

use std::time::Duration;

use auth::Role;
use reqwest::Method;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_is_led_on_and_signs_out() {
    let world = World::alone().await;
    let asked = world.page("/console/services?x=1", "").await;
    assert_eq!(
        (asked.status, asked.location.as_deref()),
        (303, Some("/console/sign-in?next=%2Fconsole%2Fservices%3Fx%3D1"))
    );
    let form = world.page(&asked.location.unwrap(), "").await;
    assert_eq!(form.status, 200);
    assert!(form.text.contains("value=\"/console/services?x=1\""), "{}", form.text);

    let operator = world.key(Role::Operator).await;
    world.sign_in(operator.key.expose()).await;
    let fields = [("credential", operator.key.expose().as_str()), ("next", "/console/services?x=1")];
    let answer = world.form("/console/sign-in", "", &fields).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/console/services?x=1")));
    let cookie = answer.cookie.unwrap();
    for told in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
        assert!(cookie.contains(told), "{told}");
    }
    assert!(!cookie.contains("Secure"), "over plain HTTP it would be thrown away");
    let cookie = cookie.split(';').next().unwrap();
    let page = world.page("/console/services", cookie).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains(&format!("key:{}", operator.id)) && page.text.contains("operator"),
        "{}",
        page.text
    );

    let out = world.form("/console/sign-out", cookie, &[]).await;
    assert_eq!((out.status, out.location.as_deref()), (303, Some("/console/sign-in?why=out")));
    assert!(out.cookie.unwrap().contains("Max-Age=0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_credentials_is_said_and_no_cookie_is_given() {
    let world = World::alone().await;
    let reader = world.key(Role::Reader).await;
    world
        .until("a reader's key is known, and not enough", async || {
            world.form("/console/sign-in", "", &[("credential", reader.key.expose())]).await.status == 403
        })
        .await;
    for (credential, status, said) in [
        (reader.key.expose().as_str(), 403, "takes an operator's or an admin's"),
        ("", 401, "That is no key or token"),
        ("two words", 401, "That is no key or token"),
        ("ptk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401, "is not good"),
        ("a.b.c", 401, "is not good"),
        (&"a".repeat(5_000), 401, "too long"),
    ] {
        let answer = world.form("/console/sign-in", "", &[("credential", credential)]).await;
        assert_eq!((answer.status, &answer.cookie), (status, &None), "{}", answer.text);
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
        assert!(credential.is_empty() || !answer.text.contains(credential), "it is not shown again");
    }
    let cookie = format!("parceltrack_console={}", reader.key.expose());
    let refused = world.page("/console", &cookie).await;
    assert_eq!(refused.location.as_deref(), Some("/console/sign-in?next=%2Fconsole&why=forbidden"));
    assert_eq!(
        world.send(world.program(Method::GET, "/console").header("cookie", &cookie)).await.status,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_the_problem_and_may_show_a_key_as_anywhere() {
    let world = World::alone().await;
    let refused = world.send(world.program(Method::GET, "/console")).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("PT-0016"), "{}", refused.text);
    for path in ["/console/services", "/console/config", "/console/config-history", "/console/no-such-page"] {
        assert_eq!(world.send(world.program(Method::GET, path)).await.status, 401, "{path}");
    }
    let admin = world.key(Role::Admin).await;
    let with_key = || world.program(Method::GET, "/console/services").bearer_auth(admin.key.expose());
    world.until("the key is known", async || world.send(with_key()).await.status == 200).await;
    let missing =
        world.send(world.program(Method::GET, "/console/no-such-page").bearer_auth(admin.key.expose())).await;
    assert_eq!(missing.status, 404);
    assert!(missing.text.contains("There is no such page"), "{}", missing.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_have_nothing_done() {
    let world = World::start().await;
    let cookie = world.signed_in(Role::Admin).await;
    let post = |headers: &[(&'static str, &str)]| {
        let request = world.program(Method::POST, "/console/sign-out").header("cookie", &cookie);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for headers in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        let refused = world.send(post(headers)).await;
        assert_eq!((refused.status, &refused.cookie), (403, &None), "{headers:?}");
        assert!(refused.text.contains("nothing was done"), "{}", refused.text);
    }
    assert_eq!(world.send(post(&[("sec-fetch-site", "same-origin")])).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_out_within_a_second() {
    let world = World::alone().await;
    let operator = world.key(Role::Operator).await;
    let cookie = world.sign_in(operator.key.expose()).await;
    assert_eq!(world.page("/console", &cookie).await.status, 200);
    world.keys().revoke(&operator.id, "test").await.unwrap();
    let took = world.until("it is out", async || world.page("/console", &cookie).await.status == 303).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    let sent = world.page("/console", &cookie).await.location.unwrap();
    assert!(sent.ends_with("&why=invalid"), "{sent}");
    let told = world.page(&sent, &cookie).await;
    assert_eq!(told.status, 200, "the cookie keeps nobody from signing in");
    assert!(told.text.contains("no longer good"), "{}", told.text);
}
