//! The listener's certificate, read again when it changes.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::pkey::PKey;
use openssl::ssl::{AlpnError, Ssl, SslAcceptor, SslMethod, SslVersion, select_next_proto};
use openssl::x509::X509;
use settings::keys::Gateway;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::metrics;

/// Time between two looks at the files.
const LOOK: Duration = Duration::from_secs(2);

/// How long a caller may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What we speak, the best first, in ALPN's form.
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// A certificate in force. Clones share it.
#[derive(Clone)]
pub(crate) struct Tls {
    cert_file: PathBuf,
    key_file: PathBuf,
    now: Arc<RwLock<Loaded>>,
}

struct Loaded {
    files: [Vec<u8>; 2],
    acceptor: SslAcceptor,
}

impl Tls {
    /// Of the settings; none when no certificate is set.
    pub(crate) fn of(settings: &Gateway) -> Result<Option<Self>, Error> {
        let (cert_file, key_file): (PathBuf, PathBuf) =
            match (&settings.tls_cert_file, &settings.tls_key_file) {
                (None, None) => return Ok(None),
                (Some(cert_file), Some(key_file)) => (cert_file.clone(), key_file.clone()),
                _ => return Err(Error::HalfACertificate),
            };
        let files = [read(&cert_file)?, read(&key_file)?];
        let acceptor = acceptor(&files)?;
        show_expiry(&acceptor);
        Ok(Some(Self { cert_file, key_file, now: Arc::new(RwLock::new(Loaded { files, acceptor })) }))
    }

    /// Shakes hands; none when that fails.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<SslStream<TcpStream>> {
        let ssl = {
            let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
            Ssl::new(now.acceptor.context()).ok()?
        };
        let mut stream = SslStream::new(ssl, stream).ok()?;
        match tokio::time::timeout(HANDSHAKE, Pin::new(&mut stream).accept()).await {
            Ok(Ok(())) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a caller did not shake hands");
                None
            }
            Err(_) => None,
        }
    }

    /// Looks at the files until `stop`. A certificate that can't be used leaves the one before in force.
    pub(crate) async fn watch(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            match self.look() {
                Ok(true) => tracing::info!("a new certificate is in force"),
                Ok(false) => {}
                Err(error) => {
                    metrics::CERTIFICATE_FAULTS.inc();
                    tracing::warn!(
                        error = telemetry::chain(&error),
                        "the certificate changed, but can't be used"
                    );
                }
            }
        }
    }

    /// Whether there is a new one.
    fn look(&self) -> Result<bool, Error> {
        let files = [read(&self.cert_file)?, read(&self.key_file)?];
        if self.now.read().unwrap_or_else(PoisonError::into_inner).files == files {
            return Ok(false);
        }
        let acceptor = acceptor(&files)?;
        show_expiry(&acceptor);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Loaded { files, acceptor };
        Ok(true)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::CertificateFile { path: path.to_owned(), source })
}

/// Until when the certificate is good that callers are shown.
fn show_expiry(acceptor: &SslAcceptor) {
    let good_until = acceptor.context().certificate().and_then(|certificate| {
        let since = Asn1Time::from_unix(0).ok()?.diff(certificate.not_after()).ok()?;
        Some(f64::from(since.days) * 86_400.0 + f64::from(since.secs))
    });
    metrics::CERTIFICATE_EXPIRY.set(good_until);
}

/// TLS 1.2 and 1.3 with Mozilla's intermediate ciphers.
fn acceptor([cert, key]: &[Vec<u8>; 2]) -> Result<SslAcceptor, Error> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    let mut chain = X509::stack_from_pem(cert)?.into_iter();
    if let Some(own) = chain.next() {
        builder.set_certificate(&own)?;
    }
    for issuer in chain {
        builder.add_extra_chain_cert(issuer)?;
    }
    builder.set_private_key(&*PKey::private_key_from_pem(key)?)?;
    builder.check_private_key()?;
    builder
        .set_alpn_select_callback(|_, theirs| select_next_proto(PROTOCOLS, theirs).ok_or(AlpnError::NOACK));
    Ok(builder.build())
}
