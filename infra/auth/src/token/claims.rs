//! What a token says, and whether that is for us and for now.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Customers, Denied, Principal, Role};

/// Characters of a subject at most (OpenID Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;

/// What counts of a token's payload.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    sub: Option<String>,
    #[serde(default)]
    aud: Value,
    exp: Option<f64>,
    nbf: Option<f64>,
    /// When it was made.
    pub(crate) iat: Option<f64>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// What a token must say.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) audience: String,
    /// Seconds.
    pub(crate) skew: f64,
    /// The claim that names customers.
    pub(crate) customers: String,
}

impl Claims {
    /// Of the payload's JSON; else why it is none.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(payload).map_err(|_| "the claims are not what they must be")
    }

    /// Whether it is of this issuer, for us and for now, in seconds since 1970; else why not.
    pub(crate) fn check(&self, issuer: &str, expected: &Expected, now: f64) -> Result<(), &'static str> {
        if self.iss != issuer {
            return Err("another issuer");
        }
        if !texts(&self.aud, false).any(|audience| audience == expected.audience) {
            return Err("another audience");
        }
        let exp = self.exp.filter(|exp| exp.is_finite()).ok_or("no exp")?;
        if now >= exp + expected.skew {
            return Err("expired");
        }
        if self.nbf.is_some_and(|nbf| now + expected.skew < nbf) {
            return Err("not valid yet");
        }
        match &self.sub {
            Some(sub) if (1..=LONGEST_SUBJECT).contains(&sub.len()) && !sub.contains(char::is_control) => {
                Ok(())
            }
            _ => Err("no subject"),
        }
    }

    /// Who calls. Without a role of ours, nobody who may anything.
    pub(crate) fn principal(&self, expected: &Expected) -> Result<Principal, Denied> {
        let role = self.role().ok_or(Denied::Forbidden)?;
        let named = self.rest.get(&expected.customers).into_iter();
        let named = named.flat_map(|claim| texts(claim, true)).map(str::to_owned);
        let name = format!("oidc:{}#{}", self.iss, self.sub.as_deref().unwrap_or_default());
        Ok(Principal::new(name, role, Customers::named(role, named)))
    }

    /// Until when it is good; none where that is further away than times go.
    pub(crate) fn until(&self, expected: &Expected) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(((self.exp? + expected.skew) * 1000.0) as i64)
    }

    /// The highest of ours, from the first of the usual places that has any.
    fn role(&self) -> Option<Role> {
        let realm = self.rest.get("realm_access").and_then(|access| access.get("roles"));
        let places = [realm, self.rest.get("roles"), self.rest.get("role")];
        let highest = |place: &Value| texts(place, false).filter_map(|name| name.parse().ok()).max();
        places.into_iter().flatten().find_map(highest)
    }
}

/// A text, or those of an array; blanks between several, where that is a form.
fn texts(value: &Value, blanks: bool) -> impl Iterator<Item = &str> {
    let several = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let one = value.as_str().into_iter();
    one.flat_map(move |text| text.split(move |c: char| blanks && c.is_whitespace()))
        .chain(several)
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: f64 = 1_000_000.0;

    fn expected() -> Expected {
        Expected { audience: "parceltrack".to_owned(), skew: 30.0, customers: "customers".to_owned() }
    }

    fn claims(change: &Value) -> Claims {
        let mut all = json!({
            "iss": "https://id.example", "sub": "ada", "aud": ["account", "parceltrack"], "exp": NOW + 60.0,
            "realm_access": { "roles": ["offline_access", "reader", "producer"] }, "customers": ["acme"],
        });
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        Claims::parse(all.to_string().as_bytes()).unwrap()
    }

    fn check(change: &Value) -> Result<(), &'static str> {
        claims(change).check("https://id.example", &expected(), NOW)
    }

    #[test]
    fn a_token_is_for_us_and_for_now() {
        assert_eq!(check(&json!({})), Ok(()));
        assert_eq!(check(&json!({ "aud": "parceltrack" })), Ok(()));
        for (change, why) in [
            (json!({ "iss": "https://id.example/" }), "another issuer"),
            (json!({ "iss": "parceltrack-development" }), "another issuer"),
            (json!({ "aud": "account" }), "another audience"),
            (json!({ "aud": "parceltrack account" }), "another audience"),
            (json!({ "aud": null }), "another audience"),
            (json!({ "exp": null }), "no exp"),
            (json!({ "exp": NOW - 30.0 }), "expired"),
            (json!({ "nbf": NOW + 31.0 }), "not valid yet"),
            (json!({ "sub": null }), "no subject"),
            (json!({ "sub": "" }), "no subject"),
            (json!({ "sub": "a\nb" }), "no subject"),
        ] {
            assert_eq!(check(&change), Err(why), "{change}");
        }
    }

    #[test]
    fn clocks_may_differ_by_the_skew() {
        assert_eq!(check(&json!({ "exp": NOW - 29.0, "nbf": NOW + 30.0 })), Ok(()));
    }

    #[test]
    fn claims_of_the_wrong_type_are_none() {
        for bad in [
            r#"{"sub":"a"}"#,
            r#"{"iss":1}"#,
            r#"{"iss":"a","exp":"1"}"#,
            "[]",
            "",
            r#"{"iss":"a","iss":"b"}"#,
        ] {
            assert!(Claims::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_highest_role_of_ours_counts() {
        let role = |change: Value| claims(&change).principal(&expected()).map(|it| it.role());
        assert_eq!(role(json!({})), Ok(Role::Producer));
        assert_eq!(role(json!({ "realm_access": null, "roles": ["operator", "admin"] })), Ok(Role::Admin));
        assert_eq!(role(json!({ "realm_access": null, "role": "reader" })), Ok(Role::Reader));
        assert_eq!(role(json!({ "realm_access": { "roles": ["x"] }, "role": "reader" })), Ok(Role::Reader));
        for none in
            [json!({ "realm_access": null }), json!({ "realm_access": { "roles": ["public", "Admin"] } })]
        {
            assert_eq!(role(none), Err(Denied::Forbidden));
        }
    }

    #[test]
    fn customers_are_those_that_the_claim_names() {
        let sees =
            |change: Value, id| claims(&change).principal(&expected()).unwrap().customers().include(id);
        assert!(sees(json!({}), "acme") && !sees(json!({}), "globex"));
        assert!(sees(json!({ "customers": "acme  globex" }), "globex"));
        assert!(!sees(json!({ "customers": null }), "acme"), "none is none");
        assert!(sees(json!({ "customers": ["*"] }), "anybody"));
        assert!(sees(json!({ "customers": null, "realm_access": { "roles": ["operator"] } }), "anybody"));
        let name = claims(&json!({})).principal(&expected()).unwrap();
        assert_eq!(name.name(), "oidc:https://id.example#ada");
    }
}
