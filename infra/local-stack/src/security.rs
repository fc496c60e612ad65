//! Services that nobody may use without a name and a password, over TLS alone.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// What a broker and a database node need to be closed to strangers.
#[derive(Clone, PartialEq, Eq)]
pub struct Security {
    /// PEM file with the authority that signed the services' certificate.
    pub ca: PathBuf,
    /// PEM file with that certificate and its key (PKCS #8, not encrypted). It must be good for 127.0.0.1.
    pub identity: PathBuf,
    /// The certificate's subject, such as `CN=parceltrack-local`: brokers know each other by it.
    pub subject: String,
    /// Kafka's users and their passwords (SCRAM-SHA-512). The first may do everything; the others, what they are given the
    /// right to. The passwords go through a command line when the storage is formatted: for tests, not for use.
    pub users: Vec<(String, String)>,
}

impl Security {
    /// What the broker's `server.properties` have besides: clients come by SASL over TLS, brokers by their certificate.
    pub(crate) fn broker_properties(&self) -> String {
        let (ca, identity, subject) = (self.ca.display(), self.identity.display(), &self.subject);
        let admin = self.users.first().map_or("admin", |(name, _)| name.as_str());
        format!(
            "
ssl.keystore.type=PEM
ssl.keystore.location={identity}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
listener.name.between.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config={SCRAM} required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{admin};User:{subject}
"
        )
    }

    /// What `kafka-storage.sh format` is told of the users.
    pub(crate) fn format_args(&self) -> impl Iterator<Item = String> {
        self.users.iter().flat_map(|(name, password)| {
            ["--add-scram".to_owned(), format!("SCRAM-SHA-512=[name={name},password={password}]")]
        })
    }

    /// What `cassandra.yaml` has instead of letting everybody in.
    pub(crate) fn cassandra_yaml(&self) -> String {
        let (ca, identity) = (self.ca.display(), self.identity.display());
        format!(
            "authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
role_manager: CassandraRoleManager
client_encryption_options:
  enabled: true
  optional: false
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
  keystore: {identity}
  truststore: {ca}
"
        )
    }

    /// The same with absolute paths: services run in folders of their own.
    pub(crate) fn absolute(&self) -> Result<Self, Error> {
        let absolute = |path: &Path| fs::canonicalize(path).map_err(Error::io("read", path));
        Ok(Self { ca: absolute(&self.ca)?, identity: absolute(&self.identity)?, ..self.clone() })
    }
}

impl fmt::Debug for Security {
    /// Without passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users: Vec<&String> = self.users.iter().map(|(name, _)| name).collect();
        f.debug_struct("Security").field("ca", &self.ca).field("users", &users).finish_non_exhaustive()
    }
}

const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";

#[cfg(test)]
mod tests {
    use super::*;

    fn security() -> Security {
        Security {
            ca: "/tls/ca.pem".into(),
            identity: "/tls/identity.pem".into(),
            subject: "CN=local".to_owned(),
            users: vec![("admin".to_owned(), "hunter2".to_owned()), ("reader".to_owned(), "x".to_owned())],
        }
    }

    #[test]
    fn only_the_first_user_and_the_brokers_may_do_everything() {
        let properties = security().broker_properties();
        assert!(properties.contains("super.users=User:admin;User:CN=local\n"), "{properties}");
        assert!(properties.contains("allow.everyone.if.no.acl.found=false\n"), "{properties}");
    }

    #[test]
    fn passwords_are_not_shown() {
        assert!(!format!("{:?}", security()).contains("hunter2"));
        assert!(!security().broker_properties().contains("hunter2"));
    }
}
