//! What addresses and forms say, or a page that says what is wrong with them.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use maud::html;
use serde::de::DeserializeOwned;

use crate::caller::Caller;
use crate::layout::{self, Page, Section};
use crate::parts;

/// What stands behind the question mark of an address.
pub(super) struct Query<T>(pub(super) T);

/// A form that was sent. It must be a handler's last argument.
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(request: &mut Parts, state: &S) -> Result<Self, Response> {
        let why = match extract::Query::<T>::try_from_uri(&request.uri) {
            Ok(extract::Query(asked)) => return Ok(Self(asked)),
            Err(why) => why,
        };
        let caller = Caller::from_request_parts(request, state).await.ok();
        Err(misspelt(caller.as_ref(), &why))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut head, state).await.ok();
        match extract::Form::<T>::from_request(Request::from_parts(head, body), state).await {
            Ok(extract::Form(typed)) => Ok(Self(typed)),
            Err(why) => Err(unreadable(caller.as_ref(), &why)),
        }
    }
}

fn misspelt(caller: Option<&Caller>, why: &QueryRejection) -> Response {
    let what = "The address may be misspelt, or of another version.";
    refused(caller, why.status(), "This address can't be understood", what, &why.body_text())
}

fn unreadable(caller: Option<&Caller>, why: &FormRejection) -> Response {
    let what = "Nothing was done. The form may be of another version: open its page again.";
    refused(caller, why.status(), "This form can't be understood", what, &why.body_text())
}

/// Whoever isn't known gets it without navigation.
fn refused(caller: Option<&Caller>, status: StatusCode, title: &str, what: &str, why: &str) -> Response {
    let why = reason(why);
    let Some(caller) = caller else { return layout::alone(status, title, &format!("{what} ({why})")) };
    let text = html! {
        p { (what) }
        p { code { (why) } }
        p { a href="/console" { "The overview" } " leads everywhere." }
    };
    Page::new(Section::Elsewhere, title).status(status).of(caller, &parts::empty("Nothing to show", text))
}

/// Without "Failed to deserialize …", which says nothing to whoever reads it.
fn reason(text: &str) -> &str {
    match text.split_once(": ") {
        Some((begin, rest)) if begin.starts_with("Failed to deserialize") => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Typed {
        #[serde(rename = "to")]
        _to: u64,
    }

    async fn shown(answer: Response) -> (u16, String) {
        let status = answer.status().as_u16();
        let html = answer.headers()["content-type"].to_str().unwrap().starts_with("text/html");
        assert!(html, "{answer:?}");
        (status, String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_can_not_be_understood_is_answered_with_a_page_that_says_why() {
        let asked = http::Request::get("/console?to=%3Cx%3E").body(Body::empty()).unwrap();
        let (mut head, _) = asked.into_parts();
        let Err(refused) = Query::<Typed>::from_request_parts(&mut head, &()).await else { panic!() };
        let (status, text) = shown(refused).await;
        assert!(status == 400 && text.contains("to: invalid digit"), "{status} {text}");
        let sent = http::Request::post("/console");
        let sent = sent.header("content-type", "application/x-www-form-urlencoded");
        let sent = sent.body(Body::from("reason=x")).unwrap();
        let Err(refused) = Form::<Typed>::from_request(sent, &()).await else { panic!() };
        let (status, text) = shown(refused).await;
        assert!(status == 422 && text.contains("missing field"), "{status} {text}");
        assert!(text.contains("Nothing was done") && !text.contains("deserialize"), "{text}");
    }
}
