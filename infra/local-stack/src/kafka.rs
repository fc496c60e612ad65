//! One broker, which is also a controller (KRaft).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Error;
use crate::component::Name;
use crate::kafka_wire::{self, Created, NewTopic};
use crate::ports::free_port;
use crate::process::ProcessSpec;
use crate::security::Security;
use crate::settings::ProxiedPort;
use crate::tls;

/// Where and how one broker runs.
pub(crate) struct Broker<'a> {
    pub(crate) id: u8,
    pub(crate) port: u16,
    pub(crate) proxied: Option<ProxiedPort>,
    pub(crate) heap_mb: u32,
    /// Whether it says what its log cleaner does.
    pub(crate) cleaner_lines: bool,
    /// How it is closed to strangers.
    pub(crate) security: Option<Secured<'a>>,
    /// The controller port of every broker, in the order of their ids.
    pub(crate) controllers: &'a [u16],
    /// This broker's own folder.
    pub(crate) dir: &'a Path,
}

/// The security of a broker, and its second listener.
#[derive(Clone, Copy)]
pub(crate) struct Secured<'a> {
    pub(crate) security: &'a Security,
    /// Where brokers, known by their certificate, speak to this one.
    pub(crate) between: u16,
}

impl<'a> Secured<'a> {
    pub(crate) fn new(security: &'a Security) -> Result<Self, Error> {
        Ok(Self { security, between: free_port()? })
    }
}

impl Broker<'_> {
    fn replication(&self) -> usize {
        self.controllers.len().min(3)
    }

    /// `server.properties`.
    fn properties(&self) -> String {
        let Self { id, port, controllers, dir, .. } = self;
        let controller = controllers[usize::from(*id) - 1];
        let voters: Vec<String> =
            controllers.iter().enumerate().map(|(at, port)| format!("{}@127.0.0.1:{port}", at + 1)).collect();
        let voters = voters.join(",");
        let replication = self.replication();
        let in_sync = if replication > 1 { 2 } else { 1 };
        let data = dir.join("data");
        let data = data.display();
        let second = |name: &str, port: u16| format!(",{name}://127.0.0.1:{port}");
        let open = "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT";
        let (listens, advertised, protocols, between) = match (self.security, self.proxied) {
            (Some(Secured { between, .. }), _) => {
                let second = second("BETWEEN", between);
                (second.clone(), second, "CLIENT:SASL_SSL,BETWEEN:SSL,CONTROLLER:SSL".to_owned(), "BETWEEN")
            }
            (None, None) => (String::new(), String::new(), open.to_owned(), "CLIENT"),
            (None, Some(ProxiedPort { listens, advertised })) => (
                second("PROXIED", listens),
                second("PROXIED", advertised),
                format!("{open},PROXIED:PLAINTEXT"),
                "PROXIED",
            ),
        };
        let closed = self.security.map(|secured| secured.security.broker_properties()).unwrap_or_default();
        format!(
            "process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
listeners=CLIENT://127.0.0.1:{port}{listens},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://127.0.0.1:{port}{advertised}
listener.security.protocol.map={protocols}
inter.broker.listener.name={between}
controller.listener.names=CONTROLLER
log.dirs={data}

# A topic that nobody declared is a mistake, not a wish.
auto.create.topics.enable=false
default.replication.factor={replication}
min.insync.replicas={in_sync}
unclean.leader.election.enable=false
offsets.topic.replication.factor={replication}
offsets.topic.num.partitions=12
transaction.state.log.replication.factor={replication}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=12
share.coordinator.state.topic.replication.factor={replication}
share.coordinator.state.topic.min.isr={in_sync}

# A stack that was switched off for a fortnight must find its groups where it left them.
offsets.retention.minutes=525600
# Nobody else joins a local group: waiting for more members only delays the start.
group.initial.rebalance.delay.ms=0

message.max.bytes=2097152
replica.fetch.max.bytes=4194304
# The default takes 128 MB of the heap.
log.cleaner.dedupe.buffer.size=33554432
num.network.threads=2
num.io.threads=4
{closed}"
        )
    }

    /// Writes the configuration, formats the storage the first time, and says how to run the broker.
    pub(crate) fn prepare(&self, java: &Path, package: &Path, log: PathBuf) -> Result<ProcessSpec, Error> {
        fs::create_dir_all(self.dir).map_err(Error::io("create", self.dir))?;
        let properties = self.dir.join("server.properties");
        fs::write(&properties, self.properties()).map_err(Error::io("write", &properties))?;
        let logging = self.dir.join("log4j2.properties");
        let level = if self.cleaner_lines { "INFO" } else { "WARN" };
        fs::write(&logging, format!("{LOGGING}logger.cleaner.level={level}\n"))
            .map_err(Error::io("write", &logging))?;
        let jars = format!("{}/*", package.display());
        let logging = format!("-Dlog4j2.configurationFile={}", logging.display());
        if !self.dir.join("data/meta.properties").exists() {
            self.format(java, &jars, &logging, &properties)?;
        }
        let heap = self.heap_mb;
        let mut args: Vec<std::ffi::OsString> = vec![
            format!("-Xms{}m", heap / 2).into(),
            format!("-Xmx{heap}m").into(),
            "-XX:+UseG1GC".into(),
            "-XX:MaxGCPauseMillis=20".into(),
            "-XX:+ExitOnOutOfMemoryError".into(),
            "-Djava.awt.headless=true".into(),
            "-Djava.net.preferIPv4Stack=true".into(),
            logging.into(),
            "-cp".into(),
            jars.into(),
            "kafka.Kafka".into(),
        ];
        args.push(properties.into());
        Ok(ProcessSpec { program: java.to_owned(), args, env: Vec::new(), dir: self.dir.to_owned(), log })
    }

    fn format(&self, java: &Path, jars: &str, logging: &str, properties: &Path) -> Result<(), Error> {
        let name = Name::Kafka(self.id);
        let cluster = cluster_id(self.dir.parent().unwrap_or(self.dir))?;
        let output = Command::new(java)
            .args(["-Xmx128m", "-XX:TieredStopAtLevel=1", logging, "-cp", jars, "kafka.tools.StorageTool"])
            .args(["format", "--cluster-id", &cluster, "--config"])
            .arg(properties)
            .args(self.security.iter().flat_map(|secured| secured.security.format_args()))
            .output()
            .map_err(|source| Error::Spawn { program: java.display().to_string(), source })?;
        if output.status.success() {
            return Ok(());
        }
        let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Format { name, detail })
    }
}

/// Every broker of the cluster is up and knows the others.
pub(crate) async fn cluster_has(port: u16, brokers: usize) -> bool {
    kafka_wire::brokers(&format!("127.0.0.1:{port}")).await.is_ok_and(|up| up.len() >= brokers)
}

/// This broker answers, whoever else is up.
pub(crate) async fn answers(port: u16) -> bool {
    kafka_wire::brokers(&format!("127.0.0.1:{port}")).await.is_ok()
}

/// The same of a broker that takes nothing but TLS: who asks which requests it knows needs no password yet.
pub(crate) async fn answers_over_tls(port: u16, ca: &Path) -> bool {
    const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    tls::ask::<10>(port, ca, &API_VERSIONS).await.is_ok_and(|answer| answer[8..] == [0, 0])
}

/// Apicurio would create these with the broker's seven days of retention and forget every schema after
/// that. So they are made first, to be kept for ever.
pub(crate) async fn create_registry_topics(bootstrap: &str, replication: i16) -> Result<(), Error> {
    for name in crate::registry::TOPICS {
        let configs = [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")];
        let topic = NewTopic { name, partitions: 1, replication, configs: &configs };
        let failed = |detail: String| Error::Topic { topic: name, bootstrap: bootstrap.to_owned(), detail };
        let first = bootstrap.split(',').next().unwrap_or(bootstrap).trim();
        let mut left = 60;
        loop {
            let answer = kafka_wire::create_topic(first, &topic).await;
            left -= 1;
            match answer {
                Ok(Created::There) => break,
                Ok(Created::Refused(code, text)) => return Err(failed(format!("error {code} {text}"))),
                Ok(Created::Later(code)) if left == 0 => {
                    return Err(failed(format!("error {code}, for 30 s")));
                }
                Err(error) if left == 0 => return Err(failed(error.to_string())),
                Ok(Created::Later(_)) | Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }
    Ok(())
}

/// The cluster's id, made once and then read: brokers with another would refuse to work together.
fn cluster_id(dir: &Path) -> Result<String, Error> {
    let path = dir.join("cluster-id");
    if let Ok(id) = fs::read_to_string(&path) {
        return Ok(id.trim().to_owned());
    }
    let id = loop {
        let id = URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes());
        // The format tool would take a leading dash for an option.
        if !id.starts_with('-') {
            break id;
        }
    };
    fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    fs::write(&path, &id).map_err(Error::io("write", &path))?;
    Ok(id)
}

const LOGGING: &str = "status=ERROR
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %m (%c{1})%n
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=OUT
# Each client and coordinator prints its hundreds of settings otherwise.
logger.config.name=org.apache.kafka.common.config.AbstractConfig
logger.config.level=WARN
logger.cleaner.name=org.apache.kafka.storage.internals.log.LogCleaner
";

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(controllers: &[u16]) -> Broker<'_> {
        Broker {
            id: 1,
            port: 9092,
            proxied: None,
            heap_mb: 512,
            cleaner_lines: false,
            security: None,
            controllers,
            dir: Path::new("/data/kafka/1"),
        }
    }

    fn properties(controllers: &[u16]) -> String {
        broker(controllers).properties()
    }

    #[test]
    fn one_broker_replicates_nothing() {
        let text = properties(&[21_000]);
        assert!(text.contains("controller.quorum.voters=1@127.0.0.1:21000\n"), "{text}");
        assert!(text.contains("transaction.state.log.replication.factor=1\n"));
        assert!(text.contains("transaction.state.log.min.isr=1\n"));
        assert!(text.contains("log.dirs=/data/kafka/1/data\n"));
    }

    #[test]
    fn three_brokers_keep_three_copies_and_need_two() {
        let text = properties(&[21_000, 21_001, 21_002]);
        assert!(text.contains("voters=1@127.0.0.1:21000,2@127.0.0.1:21001,3@127.0.0.1:21002\n"), "{text}");
        assert!(text.contains("offsets.topic.replication.factor=3\n"));
        assert!(text.contains("min.insync.replicas=2\n"));
    }

    #[test]
    fn every_listener_is_on_loopback() {
        let text = properties(&[21_000]);
        let listeners: Vec<&str> = text.lines().filter(|line| line.contains("listeners=")).collect();
        assert_eq!(listeners.len(), 2);
        for listener in listeners.iter().flat_map(|line| line.split(',')) {
            assert!(listener.contains("://127.0.0.1:"), "{listener}");
        }
    }

    #[test]
    fn behind_a_proxy_others_are_told_the_proxys_port() {
        let proxied = Some(ProxiedPort { listens: 22_000, advertised: 23_000 });
        let text = Broker { proxied, ..broker(&[21_000]) }.properties();
        for line in [
            "listeners=CLIENT://127.0.0.1:9092,PROXIED://127.0.0.1:22000,CONTROLLER://127.0.0.1:21000",
            "advertised.listeners=CLIENT://127.0.0.1:9092,PROXIED://127.0.0.1:23000",
            "inter.broker.listener.name=PROXIED",
        ] {
            assert!(text.lines().any(|l| l == line), "{text}");
        }
        assert!(!properties(&[21_000]).contains("PROXIED"));
    }

    #[test]
    fn a_secured_broker_has_no_listener_without_tls() {
        let security = Security {
            ca: "/ca.pem".into(),
            identity: "/identity.pem".into(),
            subject: "CN=local".to_owned(),
            users: Vec::new(),
        };
        let security = Some(Secured { security: &security, between: 22_000 });
        let text = Broker { security, ..broker(&[21_000]) }.properties();
        assert!(!text.contains("PLAINTEXT"), "{text}");
        assert!(text.contains("inter.broker.listener.name=BETWEEN\n"), "{text}");
    }

    #[test]
    fn the_cluster_id_is_made_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let id = cluster_id(dir.path()).expect("an id");
        assert_eq!(id.len(), 22);
        assert_eq!(cluster_id(dir.path()).expect("an id"), id);
    }
}
