//! One node of Apache Cassandra: it speaks the CQL that ScyllaDB speaks.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Error;
use crate::process::ProcessSpec;
use crate::security::Security;
use crate::tls;

/// Where and how the node runs.
pub(crate) struct Node<'a> {
    pub(crate) port: u16,
    /// The port between nodes: there is only one, but it listens all the same.
    pub(crate) storage_port: u16,
    /// Whether a write is on the disk before it is acknowledged.
    pub(crate) sync: bool,
    pub(crate) heap_mb: u32,
    pub(crate) security: Option<&'a Security>,
    pub(crate) dir: &'a Path,
}

impl Node<'_> {
    /// `cassandra.yaml`.
    fn yaml(&self) -> String {
        let Self { port, storage_port, dir, .. } = self;
        let sync = if self.sync { "batch" } else { "periodic\ncommitlog_sync_period: 10000ms" };
        let data = dir.join("data");
        let data = data.display();
        let entry = self.security.map_or_else(|| OPEN.to_owned(), Security::cassandra_yaml);
        format!(
            "cluster_name: parceltrack-local
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: \"127.0.0.1:{storage_port}\"
listen_address: 127.0.0.1
storage_port: {storage_port}
rpc_address: 127.0.0.1
start_native_transport: true
native_transport_port: {port}
{entry}data_file_directories: [\"{data}/tables\"]
commitlog_directory: \"{data}/commitlog\"
saved_caches_directory: \"{data}/saved-caches\"
hints_directory: \"{data}/hints\"
cdc_raw_directory: \"{data}/cdc\"
# Unless each write waits for the disk, a kill -9 loses what no marker in the log covers yet, a tenth of a second, and a
# power cut ten seconds.
commitlog_sync: {sync}
commitlog_total_space: 512MiB
disk_failure_policy: stop
commit_failure_policy: stop
# Tests drop keyspaces by the dozen; a snapshot of each would fill the disk.
auto_snapshot: false
# Two shared cores pause for longer than a server's would.
read_request_timeout: 10000ms
range_request_timeout: 15000ms
write_request_timeout: 10000ms
# A status list keeps a tombstone for each shipment that moved on. ScyllaDB reads over any number of them; the default here
# refuses a page at 100,000.
tombstone_warn_threshold: 100000
tombstone_failure_threshold: 10000000
"
        )
    }

    /// Writes the configuration and says how to run the node.
    pub(crate) fn prepare(&self, java: &Path, package: &Path, log: PathBuf) -> Result<ProcessSpec, Error> {
        fs::create_dir_all(self.dir).map_err(Error::io("create", self.dir))?;
        let yaml = self.dir.join("cassandra.yaml");
        fs::write(&yaml, self.yaml()).map_err(Error::io("write", &yaml))?;
        let logging = self.dir.join("logback.xml");
        fs::write(&logging, LOGGING).map_err(Error::io("write", &logging))?;
        let heap = self.heap_mb;
        let mut args: Vec<OsString> = [
            format!("-Xms{heap}m"),
            format!("-Xmx{heap}m"),
            format!("-Dcassandra.config=file://{}", yaml.display()),
            format!("-Dcassandra.storagedir={}", self.dir.join("data").display()),
            format!("-Dlogback.configurationFile={}", logging.display()),
        ]
        .into_iter()
        .map(OsString::from)
        .collect();
        args.extend(JVM.iter().map(OsString::from));
        args.extend(
            OPENED.iter().map(|package| OsString::from(format!("--add-opens={package}=ALL-UNNAMED"))),
        );
        args.extend(
            EXPORTED.iter().map(|package| OsString::from(format!("--add-exports={package}=ALL-UNNAMED"))),
        );
        args.extend(["-cp".into(), format!("{}/*", package.display()).into()]);
        args.push("org.apache.cassandra.service.CassandraDaemon".into());
        Ok(ProcessSpec { program: java.to_owned(), args, env: Vec::new(), dir: self.dir.to_owned(), log })
    }
}

/// The node answers CQL: OPTIONS is met with SUPPORTED.
pub(crate) async fn answers(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(&OPTIONS).await?;
        let mut header = [0; 9];
        stream.read_exact(&mut header).await?;
        std::io::Result::Ok(header[4])
    };
    matches!(timeout(Duration::from_secs(3), ask).await, Ok(Ok(SUPPORTED)))
}

/// The same of a node that takes nothing but TLS: who asks this needs no password yet.
pub(crate) async fn answers_over_tls(port: u16, ca: &Path) -> bool {
    tls::ask::<9>(port, ca, &OPTIONS).await.is_ok_and(|header| header[4] == SUPPORTED)
}

const OPTIONS: [u8; 9] = [4, 0, 0, 0, 5, 0, 0, 0, 0];
const SUPPORTED: u8 = 6;

const OPEN: &str = "authenticator: AllowAllAuthenticator
authorizer: AllowAllAuthorizer
";

const JVM: [&str; 8] = [
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Djdk.attach.allowAttachSelf=true",
    // Newer Javas refuse the security manager that Cassandra installs, unless told.
    "-Djava.security.manager=allow",
    // There are no other nodes to wait for.
    "-Dcassandra.ring_delay_ms=1",
    "-Dcassandra.skip_wait_for_gossip_to_settle=0",
    "-Dcassandra.superuser_setup_delay_ms=0",
];

const OPENED: [&str; 15] = [
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/sun.nio.ch",
    "jdk.management/com.sun.management.internal",
];

const EXPORTED: [&str; 9] = [
    "java.base/java.lang.ref",
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.unsupported/sun.misc",
];

const LOGGING: &str = "<configuration>
  <appender name=\"OUT\" class=\"ch.qos.logback.core.ConsoleAppender\">
    <encoder><pattern>%date{ISO8601} %-5level [%thread] %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <root level=\"INFO\"><appender-ref ref=\"OUT\"/></root>
  <!-- A line for every flush and compaction buries what matters. -->
  <logger name=\"org.apache.cassandra.db\" level=\"WARN\"/>
</configuration>
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_yaml_keeps_to_loopback_and_to_its_folder() {
        let node = |sync| Node {
            port: 9042,
            storage_port: 21_005,
            sync,
            heap_mb: 768,
            security: None,
            dir: Path::new("/data/cassandra"),
        };
        assert!(node(true).yaml().contains("commitlog_sync: batch\n"));
        let yaml = node(false).yaml();
        assert!(yaml.contains("commitlog_sync: periodic\ncommitlog_sync_period: 10000ms\n"));
        assert!(yaml.contains("native_transport_port: 9042\n"), "{yaml}");
        assert!(yaml.contains("listen_address: 127.0.0.1\n") && yaml.contains("rpc_address: 127.0.0.1\n"));
        assert!(yaml.contains("seeds: \"127.0.0.1:21005\""));
        for line in yaml.lines().filter(|line| line.contains("_director")) {
            assert!(line.contains("/data/cassandra/data/"), "{line}");
        }
    }
}
