//! From the settings that users write to what this crate takes.

use std::time::Duration;

use crate::{CqlOptions, TlsOptions};

impl CqlOptions {
    /// The database that the settings name.
    pub fn of_settings(cql: &settings::keys::Cql) -> Self {
        let tls = cql.tls.then(|| TlsOptions {
            ca_file: cql.tls_ca_file.clone(),
            certificate_file: cql.tls_cert_file.clone(),
            key_file: cql.tls_key_file.clone(),
        });
        Self {
            nodes: cql.nodes.clone(),
            keyspace: cql.keyspace.clone(),
            replication_factor: cql.replication_factor,
            local_datacenter: cql.local_dc.clone(),
            user: cql.username.clone(),
            password: cql.password.as_ref().map(|secret| secret.expose().to_owned()),
            writers: cql.grant_write.clone(),
            readers: cql.grant_read.clone(),
            tls,
            request_timeout: Duration::from_millis(cql.request_timeout_ms),
            ..Self::local([], "")
        }
    }
}
