//! Kafka and a database that let nobody in without TLS, a name and a password.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use event_log::{Error, Headers, Isolation, Kafka, Outgoing, Producer, ProducerSettings, Reader, Start};
use local_stack::{Endpoints, Part, Security, Stack, StackSettings, silent};
use tempfile::TempDir;
use testkit::{Certificates, Cql};
use tokio::runtime::Runtime;

/// Kafka's users; the first may do everything.
const USERS: [&str; 12] = [
    "admin",
    "operator",
    "command-handler",
    "projector",
    "command-api",
    "query-api",
    "config-service",
    "discovery-service",
    "gateway",
    "console",
    "poster",
    "key-admin",
];

/// Those that the database knows.
const CQL_USERS: [&str; 3] = ["operator", "projector", "query-api"];

/// How long the database may take to make its first user.
const FIRST_USER: Duration = Duration::from_secs(60);
/// How long a client may try.
const PATIENCE: Duration = Duration::from_secs(5);

/// What runs, and who may use it.
pub(crate) struct Secured {
    pub(crate) endpoints: Endpoints,
    pub(crate) certificates: Certificates,
    _stack: Stack,
    runtime: Runtime,
    dir: TempDir,
}

impl Secured {
    /// Starts both; the schema registry is that of the other tests, which keeps its schemas elsewhere.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let certificates = Certificates::new(dir.path()).unwrap();
        let registry = Endpoints::from_env().registry.expect("PARCELTRACK_REGISTRY: run `make test`");
        let security = Security {
            ca: certificates.ca.clone(),
            identity: certificates.identity.clone(),
            subject: certificates.subject.clone(),
            users: USERS.iter().map(|user| ((*user).to_owned(), password(user))).collect(),
        };
        let settings = StackSettings {
            registry: Part::Use(registry),
            security: Some(security),
            ..StackSettings::on_free_ports(dir.path().join("stack"))
        };
        let runtime = Runtime::new().unwrap();
        let stack = runtime.block_on(Stack::start(settings, silent())).unwrap();
        let endpoints = stack.endpoints().clone();
        let secured = Self { endpoints, certificates, runtime, dir, _stack: stack };
        secured.make_database_users();
        secured
    }

    /// Only what each needs: who makes the keyspaces lets the others into them.
    fn make_database_users(&self) {
        let begun = Instant::now();
        let mut first = loop {
            match self.log_in("cassandra", "cassandra") {
                Ok(first) => break first,
                Err(error) => assert!(begun.elapsed() < FIRST_USER, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        for user in CQL_USERS {
            let role =
                format!("CREATE ROLE \"{user}\" WITH LOGIN = true AND PASSWORD = '{}'", password(user));
            first.run(&role).unwrap();
        }
        first.run("GRANT CREATE ON ALL KEYSPACES TO operator").unwrap();
    }

    pub(crate) fn log_in(&self, user: &str, password: &str) -> std::io::Result<Cql> {
        Cql::log_in(self.endpoints.cql.as_deref().unwrap(), &self.certificates.ca, user, password)
    }

    /// What a process of this user is given by `--set`; passwords come out of files.
    pub(crate) fn settings_of(&self, user: &str) -> Vec<String> {
        let properties = self.kafka_properties(user, &password(user));
        let text: Vec<_> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut settings = vec![self.file("kafka.properties_file", user, &text.join("\n"))];
        if CQL_USERS.contains(&user) {
            settings.extend([
                "cql.tls=true".to_owned(),
                format!("cql.tls_ca_file={}", self.certificates.ca.display()),
                format!("cql.username={user}"),
                self.file("cql.password_file", user, &password(user)),
            ]);
        }
        if user == "operator" {
            settings.extend(["cql.grant_write=projector".to_owned(), "cql.grant_read=query-api".to_owned()]);
        }
        settings
    }

    /// A setting that is read from a file, for a user.
    pub(crate) fn file(&self, setting: &str, user: &str, text: &str) -> String {
        let path: PathBuf = self.dir.path().join(format!("{user}.{setting}"));
        std::fs::write(&path, text).unwrap();
        format!("{setting}={}", path.display())
    }

    fn kafka_properties(&self, user: &str, password: &str) -> BTreeMap<String, String> {
        [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", user),
            ("sasl.password", password),
            ("ssl.ca.location", self.certificates.ca.to_str().unwrap()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    /// Kafka as this user meets it.
    pub(crate) fn kafka_of(&self, user: &str) -> Kafka {
        let properties = self.kafka_properties(user, &password(user));
        Kafka::new(self.endpoints.kafka.as_deref().unwrap(), "test", properties).unwrap()
    }

    /// Tries to write a record.
    pub(crate) fn write(&self, user: &str, topic: &str) -> Result<(), Error> {
        let settings = ProducerSettings { delivery_timeout: PATIENCE, ..ProducerSettings::default() };
        let producer = Producer::new(&self.kafka_of(user), &settings)?;
        let record = Outgoing {
            topic: topic.into(),
            partition: 0,
            key: Some("k".into()),
            value: Some("not meant to be here".into()),
            headers: Headers::new(),
            timestamp: None,
        };
        self.runtime.block_on(async { producer.send(&record)?.await.map(drop) })
    }

    /// Tries to read what there is.
    pub(crate) fn read(&self, user: &str, topic: &str) -> Result<(), Error> {
        let start = [(0, Start::Beginning)];
        let mut reader = Reader::open(&self.kafka_of(user), topic, &start, Isolation::Committed)?;
        reader.read_to_end(PATIENCE, |_| Ok(()))
    }
}

/// As good as any in a test: not one that a log has by chance.
pub(crate) fn password(user: &str) -> String {
    format!("hunter2-of-{user}")
}
