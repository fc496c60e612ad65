//! Apicurio Registry, which keeps its schemas in a topic of our own Kafka.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Error;
use crate::process::ProcessSpec;

/// The topics that hold the registry's state.
pub(crate) const TOPICS: [&str; 2] = ["kafkasql-journal", "kafkasql-snapshots"];

/// Where and how the registry runs.
pub(crate) struct Registry<'a> {
    pub(crate) port: u16,
    pub(crate) heap_mb: u32,
    pub(crate) kafka: &'a str,
    pub(crate) dir: &'a Path,
}

impl Registry<'_> {
    fn env(&self) -> Vec<(OsString, OsString)> {
        [
            ("APICURIO_STORAGE_KIND", "kafkasql"),
            ("APICURIO_KAFKASQL_BOOTSTRAP_SERVERS", self.kafka),
            ("APICURIO_EVENTS_KAFKA_CONFIG_BOOTSTRAP_SERVERS", self.kafka),
            // At start it polls an empty journal once; the default of 5 s is all that start's length.
            ("APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT", "100"),
            // A snapshot is a local file named in a topic: a second truth that the journal does not need.
            ("APICURIO_KAFKASQL_SNAPSHOT_EVERY_SECONDS", "off"),
            ("QUARKUS_HTTP_HOST", "127.0.0.1"),
            ("QUARKUS_HTTP_PORT", &self.port.to_string()),
            ("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "false"),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
    }

    /// Says how to run the registry.
    pub(crate) fn prepare(&self, java: &Path, package: &Path, log: PathBuf) -> Result<ProcessSpec, Error> {
        fs::create_dir_all(self.dir).map_err(Error::io("create", self.dir))?;
        let args = vec![
            format!("-Xmx{}m", self.heap_mb).into(),
            "-XX:+UseSerialGC".into(),
            // Half the start of this one is the optimising compiler.
            "-XX:TieredStopAtLevel=1".into(),
            "-XX:+ExitOnOutOfMemoryError".into(),
            "-Djava.awt.headless=true".into(),
            "-Djava.net.preferIPv4Stack=true".into(),
            "-jar".into(),
            package.join(crate::packages::REGISTRY_JAR).into(),
        ];
        let dir = self.dir.to_owned();
        Ok(ProcessSpec { program: java.to_owned(), args, env: self.env(), dir, log })
    }
}

/// The base URL for any client of Confluent's API.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/apis/ccompat/v7")
}

/// The registry says that it is ready, its storage included.
pub(crate) async fn answers(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = "GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        std::io::Result::Ok(status)
    };
    matches!(timeout(Duration::from_secs(3), ask).await, Ok(Ok(status)) if status.ends_with(b" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_loopback_and_keeps_its_state_in_kafka() {
        let registry =
            Registry { port: 8081, heap_mb: 256, kafka: "127.0.0.1:9092", dir: Path::new("/data") };
        let env = registry.env();
        let get = |name: &str| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!(get("QUARKUS_HTTP_HOST"), Some("127.0.0.1".into()));
        assert_eq!(get("QUARKUS_HTTP_PORT"), Some("8081".into()));
        assert_eq!(get("APICURIO_STORAGE_KIND"), Some("kafkasql".into()));
        assert_eq!(get("APICURIO_KAFKASQL_BOOTSTRAP_SERVERS"), Some("127.0.0.1:9092".into()));
    }
}
