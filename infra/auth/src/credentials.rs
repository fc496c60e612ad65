//! What a request says of who calls.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use settings::Secret;

use crate::Denied;
use crate::keys::{PREFIX, Presented};

/// The header for an API key alone.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Bytes of credentials at most: a token with many claims has three thousand.
const LONGEST: usize = 8 * 1024;

const MALFORMED: Denied =
    Denied::Invalid("the Authorization header must be `Bearer …` or `Basic …`, with one key or token in it");
const TWICE: Denied = Denied::Invalid("give credentials once: one Authorization header or one X-Api-Key");
const TOO_LONG: Denied = Denied::Invalid("credentials may have 8 KiB");
const NO_KEY: Denied = Denied::Invalid("this is not what an API key looks like");

/// Whether a request shows credentials, good or not.
pub fn shows_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(API_KEY)
}

/// What a request says of who calls.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nothing.
    None,
    /// An API key.
    Key(Presented),
    /// A token.
    Token(Secret),
}

impl Credentials {
    /// Of a request's headers.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Denied> {
        let (authorization, key) = (one(headers, &header::AUTHORIZATION)?, one(headers, &API_KEY)?);
        match (authorization, key) {
            (Some(_), Some(_)) => Err(TWICE),
            (None, None) => Ok(Self::None),
            (None, Some(key)) => Presented::parse(key).map(Self::Key).ok_or(NO_KEY),
            (Some(authorization), None) => Self::of_authorization(authorization),
        }
    }

    fn of_authorization(text: &str) -> Result<Self, Denied> {
        let (scheme, rest) = text.split_once(' ').ok_or(MALFORMED)?;
        let rest = rest.trim_matches(' ');
        if rest.is_empty() || rest.contains(' ') {
            return Err(MALFORMED);
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            if rest.starts_with(PREFIX) {
                return Presented::parse(rest).map(Self::Key).ok_or(NO_KEY);
            }
            return Ok(Self::Token(Secret::from(rest)));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let decoded = decoded.ok_or(MALFORMED)?;
            // Whatever the user is called: the key says who it is.
            let (_, password) = decoded.split_once(':').ok_or(MALFORMED)?;
            return Presented::parse(password).map(Self::Key).ok_or(NO_KEY);
        }
        Err(MALFORMED)
    }
}

/// The one header of this name, if there is any.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Denied> {
    let mut all = headers.get_all(name).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(TWICE);
    }
    if first.len() > LONGEST {
        return Err(TOO_LONG);
    }
    HeaderValue::to_str(first).map(Some).map_err(|_| MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ptk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn of(headers: &[(&'static str, &str)]) -> Result<Credentials, Denied> {
        let pairs = headers.iter();
        let all =
            pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        let mut map = HeaderMap::new();
        all.for_each(|(name, value)| {
            map.append(name, value);
        });
        Credentials::of(&map)
    }

    #[test]
    fn keys_come_in_three_ways() {
        let basic = format!("Basic {}", STANDARD.encode(format!("eureka:{KEY}")));
        let bearer = format!("bearer {KEY}");
        for header in [("authorization", &*bearer), ("authorization", &basic), ("x-api-key", KEY)] {
            let found = of(&[header]).unwrap();
            assert!(matches!(&found, Credentials::Key(key) if key.id() == "0123456789abcdef"), "{header:?}");
        }
        assert_eq!(of(&[]).unwrap(), Credentials::None);
        assert_eq!(
            of(&[("authorization", "Bearer a.b.c")]).unwrap(),
            Credentials::Token(Secret::from("a.b.c"))
        );
    }

    #[test]
    fn credentials_are_given_once() {
        let bearer = format!("Bearer {KEY}");
        for headers in [
            [("authorization", &*bearer), ("authorization", &*bearer)],
            [("authorization", &*bearer), ("x-api-key", KEY)],
            [("x-api-key", KEY), ("x-api-key", KEY)],
        ] {
            assert_eq!(of(&headers), Err(TWICE));
        }
    }

    #[test]
    fn what_is_malformed_or_too_long_is_refused() {
        let long = format!("Bearer {}", "a".repeat(LONGEST));
        assert_eq!(of(&[("authorization", &long)]), Err(TOO_LONG));
        assert_eq!(of(&[("x-api-key", &long)]), Err(TOO_LONG));
        for bad in ["", "Bearer", "Bearer ", "Bearer a b", "Digest a", "Basic !", "Basic YQ==", "ptk_1_2"] {
            assert_eq!(of(&[("authorization", bad)]), Err(MALFORMED), "{bad}");
        }
        for bad in ["", "a.b.c", "ptk_0123456789abcdef_short"] {
            assert_eq!(of(&[("x-api-key", bad)]), Err(NO_KEY), "{bad}");
        }
    }
}
