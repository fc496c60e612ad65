use view_store::{CqlOptions, Error, Fault, TlsOptions, ViewStore};

use crate::database::options;

#[tokio::test]
async fn a_tls_file_that_cannot_be_used_is_named() {
    for tls in [
        TlsOptions { ca_file: Some("no/ca.pem".into()), ..TlsOptions::default() },
        TlsOptions { certificate_file: Some("no/cert.pem".into()), ..TlsOptions::default() },
        TlsOptions { key_file: Some("no/key.pem".into()), ..TlsOptions::default() },
    ] {
        let error = ViewStore::connect(&CqlOptions { tls: Some(tls), ..options() }).await.unwrap_err();
        assert!(matches!(error, Error::Tls { .. }), "{error:?}");
        assert_eq!(error.fault(), Fault::Fatal);
    }
}

#[tokio::test]
async fn a_database_without_tls_is_not_spoken_to_in_the_clear() {
    let error = ViewStore::connect(&CqlOptions { tls: Some(TlsOptions::default()), ..options() }).await;
    assert!(matches!(error, Err(Error::Connect { .. })), "{error:?}");
}
