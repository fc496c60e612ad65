//! Where a service may listen.

use std::net::SocketAddr;

use settings::Settings;

use crate::Error;

/// Refuses to listen beyond loopback where callers need no credentials.
///
/// # Errors
/// When it would.
pub fn check_listen(settings: &Settings, listen: SocketAddr) -> Result<(), Error> {
    if settings.auth.required || listen.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Error::OpenToAll { listen })
}

#[cfg(test)]
mod tests {
    use settings::Sources;

    use super::*;

    #[test]
    fn without_credentials_nobody_listens_beyond_loopback() {
        let (open, checked) =
            (Settings::load(&Sources::none().set("auth.required=false")).unwrap(), Settings::default());
        for (at, is_loopback) in [
            ("127.0.0.1:80", true),
            ("127.3.0.1:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("10.0.0.7:80", false),
        ] {
            let at = at.parse().unwrap();
            assert_eq!(check_listen(&open, at).is_ok(), is_loopback, "{at}");
            assert!(check_listen(&checked, at).is_ok(), "{at}");
        }
    }
}
