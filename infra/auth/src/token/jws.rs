//! A JWT's three parts (RFC 7515, compact form).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Algorithm;

/// A token that was taken apart, and is not known to be good.
#[derive(Debug)]
pub(crate) struct Jws<'t> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    /// What is signed.
    pub(crate) signed: &'t str,
    pub(crate) signature: Vec<u8>,
    /// JSON, or what should be.
    pub(crate) payload: Vec<u8>,
}

/// What counts of a header. An unknown algorithm is none of ours; `none` is one of those.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// What must be understood: we understand nothing of that kind.
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

impl<'t> Jws<'t> {
    /// Of a token's text; else why it is none.
    pub(crate) fn parse(token: &'t str) -> Result<Self, &'static str> {
        let (signed, signature) = token.rsplit_once('.').ok_or("not three parts")?;
        let (header, payload) = signed.split_once('.').ok_or("not three parts")?;
        if payload.contains('.') {
            return Err("not three parts");
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| "not base64url");
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| "the header is not JSON")?;
        if header.crit.is_some() {
            return Err("a critical extension");
        }
        let algorithm = Algorithm::of_jose(&header.alg).ok_or("an algorithm that is not taken")?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { algorithm, kid: header.kid, signed, signature, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn only_what_is_on_the_list_is_taken() {
        for good in ["RS256", "PS256", "ES256", "EdDSA", "HS256"] {
            let token = token(&format!(r#"{{"alg":"{good}","kid":"k","typ":"JWT"}}"#));
            assert_eq!(Jws::parse(&token).unwrap().kid.as_deref(), Some("k"));
        }
        for bad in ["none", "None", "nOnE", "", "RS1", "HS512", "RS384", "rs256", "ES256K", "dir"] {
            let token = token(&format!(r#"{{"alg":"{bad}"}}"#));
            assert_eq!(Jws::parse(&token).unwrap_err(), "an algorithm that is not taken", "{bad}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let critical = token(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#);
        let good = token(r#"{"alg":"RS256"}"#);
        let twice = token(r#"{"alg":"RS256","alg":"none"}"#);
        let padded = format!("{good}=");
        for bad in
            ["", ".", "..", "a.b", "a.b.c", "e30.e30.", &format!("{good}.AA"), &critical, &twice, &padded]
        {
            assert!(Jws::parse(bad).is_err(), "{bad}");
        }
        assert!(Jws::parse(&good).is_ok());
        assert!(Jws::parse(&token(r#"{"kid":"k"}"#)).is_err());
    }
}
