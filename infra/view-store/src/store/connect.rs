use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use openssl::error::ErrorStack;
use openssl::ssl::{SslConnector, SslFiletype, SslMethod};
use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::{OpenSsl010Config, TlsContext};
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::Consistency;
use tokio_util::sync::CancellationToken;

use super::{Inner, ViewStore};
use crate::backoff::persist;
use crate::metrics::Operation;
use crate::{CqlOptions, Error, TlsOptions};

impl ViewStore {
    /// Connects, or says why not.
    pub async fn connect(options: &CqlOptions) -> Result<Self, Error> {
        crate::metrics::register();
        check(options)?;
        // A majority of the copies in this data centre writes and reads: what was acknowledged is seen.
        let profile = ExecutionProfile::builder()
            .consistency(Consistency::LocalQuorum)
            .request_timeout(Some(options.request_timeout))
            .build();
        let mut builder = SessionBuilder::new()
            .known_nodes(&options.nodes)
            .default_execution_profile_handle(profile.into_handle())
            // Enough to find a row's replicas by; columns and types of every keyspace there is are not wanted.
            .fetch_full_schema_metadata(false)
            .schema_agreement_interval(Duration::from_millis(50))
            // Once, after all of them are made: see `make`.
            .refresh_metadata_on_auto_schema_agreement(false);
        if let Some(datacenter) = &options.local_datacenter {
            builder = builder.prefer_datacenter(datacenter.clone());
        }
        if let Some(user) = &options.user {
            builder = builder.user(user, options.password.as_deref().unwrap_or(""));
        }
        if let Some(tls) = &options.tls {
            builder = builder.tls_context(Some(tls_context(tls)?));
        }
        let session = builder
            .build()
            .await
            .map_err(|source| Error::Connect { nodes: options.nodes.clone(), source: Box::new(source) })?;
        Ok(Self { inner: Arc::new(Inner { session, options: options.clone() }) })
    }

    /// Connects, however long the database takes to be there; only what waiting can't mend is an error.
    pub async fn connect_patiently(options: &CqlOptions, cancel: &CancellationToken) -> Result<Self, Error> {
        persist(Operation::Connect, cancel, &AtomicU64::new(0), || Self::connect(options)).await
    }
}

fn check(options: &CqlOptions) -> Result<(), Error> {
    let setting = |setting, reason: &str| Error::Setting { setting, reason: reason.to_owned() };
    if options.nodes.is_empty() {
        return Err(setting("nodes", "name at least one node, as host:port"));
    }
    let keyspace = &options.keyspace;
    let plain = keyspace.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !plain || !keyspace.starts_with(|c: char| c.is_ascii_lowercase()) || keyspace.len() > 40 {
        let reason = "a lower-case letter, then letters, digits and _, 40 in all";
        return Err(setting("keyspace", reason));
    }
    if options.writers.iter().chain(&options.readers).any(|role| role.contains('"')) {
        return Err(setting("grant_write or grant_read", "no quotes in it"));
    }
    if options.replication_factor == 0 {
        return Err(setting("replication_factor", "at least 1"));
    }
    if options.local_datacenter.as_deref().is_some_and(|dc| dc.contains('\'')) {
        return Err(setting("local_datacenter", "no quotes in it"));
    }
    Ok(())
}

fn tls_context(options: &TlsOptions) -> Result<TlsContext, Error> {
    let of = |file: &Path| {
        let file = file.to_owned();
        move |source: ErrorStack| Error::Tls { file, source }
    };
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(Error::TlsSetup)?;
    if let Some(file) = &options.ca_file {
        builder.set_ca_file(file).map_err(of(file))?;
    }
    if let Some(file) = &options.certificate_file {
        builder.set_certificate_chain_file(file).map_err(of(file))?;
    }
    if let Some(file) = &options.key_file {
        builder.set_private_key_file(file, SslFiletype::PEM).map_err(of(file))?;
    }
    Ok(TlsContext::OpenSsl010Config(OpenSsl010Config::new(builder)))
}
