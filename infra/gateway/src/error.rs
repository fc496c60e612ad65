//! Why the gateway can't run.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the gateway can't run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Callers can't be checked with these settings.
    #[error(transparent)]
    Auth(#[from] auth::Error),
    /// Kafka can't be spoken to with these settings.
    #[error("the registry topic can't be followed")]
    Log(#[from] event_log::Error),
    /// The address of health and metrics can't be listened on.
    #[error("health and metrics can't be served")]
    Ops(#[from] telemetry::ops::Error),
    /// The address can't be listened on.
    #[error("can't listen on {listen}: stop what listens there, or set another address")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// The operating system's words.
        #[source]
        source: io::Error,
    },
    /// The socket file by which gateways follow one another can't be used.
    #[error(
        "the socket at gateway.handover_socket can't be used: it must be a path in a folder that this user may write to"
    )]
    Handover(#[source] io::Error),
    /// Another gateway was started before this one, and isn't ready.
    #[error(
        "another gateway that was started is still getting ready to take over: wait until it has, or end it"
    )]
    HandoverUnderWay,
    /// The threads that connections are served on can't be started.
    #[error("no threads to serve connections on")]
    Threads(#[source] io::Error),
    /// One of the two files of a certificate is set, the other is not.
    #[error("set both gateway.tls_cert_file and gateway.tls_key_file, or neither")]
    HalfACertificate,
    /// A file of the certificate can't be read.
    #[error("can't read {path}: gateway.tls_cert_file and gateway.tls_key_file must name PEM files")]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        #[source]
        source: io::Error,
    },
    /// The certificate and its key can't be used.
    #[error("the certificate and key can't be used: both must be PEM, and belong together")]
    Certificate(#[from] openssl::error::ErrorStack),
}
