//! The console, as a person meets it: through the gateway, before a whole system.

use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder};
use reqwest::redirect::Policy;

use crate::system::{System, eventually};

/// Browsers that follow nothing by themselves.
fn http() -> Client {
    Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(20)).build().unwrap()
}

fn browser(request: RequestBuilder) -> RequestBuilder {
    request.header("accept", "text/html").header("sec-fetch-site", "same-origin")
}

#[test]
fn a_person_signs_in_and_sees_the_whole_system() {
    let mut system = System::prepare();
    system.ask_who_calls(Vec::new());
    system.run_all();
    let (http, at) = (http(), |path: &str| system.at_gateway(path));
    let get = |path: &str| browser(http.get(at(path)));

    let located = |request: RequestBuilder| {
        let answer = request.send().unwrap();
        let location = answer.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location)
    };
    eventually("who is not signed in is sent to sign in", || {
        located(get("/console")) == (303, Some("/console/sign-in?next=%2Fconsole".to_owned()))
    });
    assert_eq!(http.get(at("/console")).send().unwrap().status(), 401, "a program is told so");
    eventually("the form comes", || get("/console/sign-in").send().unwrap().status() == 200);

    let sign_in = |credential: &str| {
        let form = [("credential", credential), ("next", "/console/services")];
        browser(http.post(at("/console/sign-in")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form_of(&form))
            .send()
            .unwrap()
    };
    assert_eq!(sign_in("nonsense").status(), 401);
    let (operator, reader) = (
        system.key(&["--name", "ada", "--role", "operator"]),
        system.key(&["--name", "eve", "--role", "reader", "--customer", "acme"]),
    );
    eventually("a reader is known, and not let in", || sign_in(&reader).status() == 403);
    eventually("an operator is let in", || sign_in(&operator).status() == 303);
    let answer = sign_in(&operator);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();

    let page = |path: &str| get(path).header("cookie", &cookie).send().unwrap();
    eventually("every role is up", || {
        page("/console/services").text().unwrap().matches("badge good").count() == 8
    });
    let overview = page("/console");
    let policy = overview.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(overview.headers()["referrer-policy"], "same-origin");
    eventually("its figures are told", || {
        let text = page("/console").text().unwrap();
        text.contains("/s</text>")
    });
    assert_eq!(page("/console/config").status(), 200);
    assert_eq!(page("/console/no-such-page").status(), 404);
    // The cookie opens nothing else.
    let elsewhere = http.get(at("/api/v1/services")).header("cookie", &cookie).send().unwrap();
    assert_eq!(elsewhere.status(), 401);
    let forged = http
        .post(at("/console/sign-out"))
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .send()
        .unwrap();
    assert_eq!(forged.status(), 403);

    let id = operator.split('_').nth(1).unwrap();
    assert!(system.parceltrack(&["keys", "revoke", id]).status.success());
    eventually("a revoked key is out", || page("/console").status() == 303);
    for role in ["gateway", "console"] {
        let log = system.log(role);
        assert!(!log.contains(&operator) && !log.contains(&reader), "a key in the log of the {role}");
    }
}

fn form_of(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('/', "%2F")))
        .collect::<Vec<_>>()
        .join("&")
}
