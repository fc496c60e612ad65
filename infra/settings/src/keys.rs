//! The table of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::checks::{
    HOST, HOST_PORTS, HTTP_URL, KEYSPACE, LOG_LEVEL, NAME, ROLES, Rule, SECRET_16, SHARE, TOPIC_PREFIX,
};
use crate::live::Live;
use crate::secret::Secret;
use crate::table::settings;
use crate::value::{LogFormat, Properties};

settings! {
    /// Kafka, the log that everything else follows from.
    kafka: Kafka {
        /// Brokers to begin with.
        bootstrap: String = "127.0.0.1:9092", HOST_PORTS => "PARCELTRACK_KAFKA";
        /// What every topic's name begins with; another prefix is another system on the same cluster.
        topic_prefix: String = "parceltrack", TOPIC_PREFIX;
        /// Partitions of each shipment topic. Fixed for life: handlers stop if it changes.
        partitions: i32 = 6, Rule::Between(1, 1024);
        /// Copies of each partition; at least 3 in production.
        replication: i32 = 1, Rule::Between(1, 9);
        /// Any librdkafka properties, for all clients: SASL, TLS, buffers. One alone: `--set kafka.properties.linger.ms=5`.
        properties: Properties = "";
    }

    /// The schema registry (Confluent's HTTP API).
    registry: Registry {
        /// Base address of the registry's Confluent API.
        url: String = "http://127.0.0.1:8081/apis/ccompat/v7", HTTP_URL => "PARCELTRACK_REGISTRY";
        /// User for basic authentication.
        username: Option<String> = "";
        /// Password for basic authentication.
        password: Option<Secret> = "";
        /// Milliseconds to wait for one answer.
        timeout_ms: u64 = 10_000, Rule::Between(100, 300_000);
    }

    /// ScyllaDB or Cassandra, where the views are.
    cql: Cql {
        /// Nodes to begin with.
        nodes: Vec<String> = "127.0.0.1:9042", HOST_PORTS => "PARCELTRACK_CQL";
        /// The base keyspace; generations of the views add `_g1`, `_g2`, … to it.
        keyspace: String = "parceltrack", KEYSPACE;
        /// Copies of each row, in each data centre; at least 3 in production.
        replication_factor: u32 = 1, Rule::Between(1, 9);
        /// The data centre to prefer, and to replicate in; without it, whichever the nodes are in.
        local_dc: Option<String> = "";
        /// User for password authentication.
        username: Option<String> = "";
        /// Password for password authentication.
        password: Option<Secret> = "";
        /// Whether to speak TLS to the nodes.
        tls: bool = false;
        /// PEM file with the authorities that may sign the nodes' certificates; without it, the system's.
        tls_ca_file: Option<PathBuf> = "";
        /// PEM file with our own certificate, where the nodes ask for one.
        tls_cert_file: Option<PathBuf> = "";
        /// PEM file with the key of our own certificate.
        tls_key_file: Option<PathBuf> = "";
        /// Roles that may read and write in each keyspace that is made here: whoever makes a generation says so. None: nothing is granted.
        grant_write: Vec<String> = "", ROLES;
        /// Roles that may only read there.
        grant_read: Vec<String> = "", ROLES;
        /// Milliseconds to wait for one answer.
        request_timeout_ms: u64 = 5_000, Rule::Between(100, 300_000);
    }

    /// How a role makes itself known in the registry topic.
    discovery: Discovery {
        /// Name of this instance among those of its service; without it, its host and port.
        instance: Option<String> = "", NAME;
        /// Host under which others reach this process; without it, the address it listens on, or the machine's name if that is every address.
        host: Option<String> = "", HOST;
        /// Zone or rack that this process is in.
        zone: Option<String> = "", NAME;
        /// Milliseconds between two heartbeats.
        heartbeat_ms: u64 = 2_500, Rule::Between(100, 60_000);
        /// Milliseconds without a heartbeat after which an instance is gone; at least two heartbeats.
        ttl_ms: u64 = 7_500, Rule::Between(1_000, 3_600_000);
    }

    /// The discovery service: the registry over HTTP, for people, Prometheus and Eureka clients.
    discovery_service: DiscoveryService {
        /// Address and port to listen on.
        listen: SocketAddr = "127.0.0.1:8761";
        /// Requests served at once; above that 503 with Retry-After.
        max_in_flight: usize = 256, Rule::Between(1, 65_536);
        /// Bytes a request body may have.
        max_body_bytes: usize = 65_536, Rule::Between(1_024, 1_048_576);
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
    }

    /// The command API: HTTP in, commands topic out, outcome back.
    command_api: CommandApi {
        /// Address and port to listen on.
        listen: SocketAddr = "127.0.0.1:8091";
        /// Milliseconds to wait for a command's outcome before answering 202.
        deadline_ms: Live<u64> = 5_000, Rule::Between(10, 120_000);
        /// Bytes a request body may have; a command record may not have more either.
        max_body_bytes: usize = 262_144, Rule::Between(1_024, 262_144);
        /// Requests served at once; above that 503 with Retry-After.
        max_in_flight: usize = 1_024, Rule::Between(1, 65_536);
        /// Commands of one NDJSON stream waiting for their outcome at once.
        ndjson_in_flight: usize = 256, Rule::Between(1, 16_384);
        /// NDJSON streams at once; above that 503 with Retry-After.
        ndjson_streams: usize = 64, Rule::Between(1, 4_096);
        /// Bytes one line of an NDJSON stream may have.
        ndjson_max_line_bytes: usize = 262_144, Rule::Between(1_024, 262_144);
        /// Milliseconds an NDJSON stream may go without a byte before it is closed.
        ndjson_idle_ms: u64 = 60_000, Rule::Between(1_000, 3_600_000);
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
        /// Where reads are found from outside, for the Location of a 202: the gateway.
        query_url: String = "http://127.0.0.1:8080", HTTP_URL;
        /// Secret from which command ids are derived; the same for all instances and for ever, or retries are not recognised.
        namespace_secret: Option<Secret> = "", SECRET_16;
        /// Name of this instance, shown in the source of its commands and in the broker's logs.
        instance_id: Option<String> = "", NAME;
    }

    /// The command handler: commands in; events, snapshots and replies out.
    command_handler: CommandHandler {
        /// Consumer group; without it `{kafka.topic_prefix}.command-handler`.
        group: Option<String> = "", NAME;
        /// Name of this instance in the group. Stable over restarts, and unlike any other instance's.
        instance: String = "handler-1", NAME;
        /// Threads, each a member of the group.
        workers: usize = 2, Rule::Between(1, 64);
        /// Transactional producers that take turns in each worker.
        producers_per_worker: usize = 3, Rule::Between(1, 8);
        /// Commands in one transaction at most.
        batch_records: usize = 2_000, Rule::Between(1, 100_000);
        /// Bytes of commands in one transaction at most.
        batch_bytes: usize = 4_194_304, Rule::Between(262_144, 67_108_864);
        /// Milliseconds without a command after which a partition's offset is moved past control records, so that retention never overtakes it.
        quiet_ms: u64 = 600_000, Rule::Between(100, 86_400_000);
        /// Folder of the state store; it can be lost, and is then read back from the snapshots topic.
        state_dir: PathBuf = ".local/state/command-handler";
        /// Bytes of memory for the state store's cache.
        state_cache_bytes: u64 = 16_777_216, Rule::Between(1_048_576, 68_719_476_736);
        /// Milliseconds without a heartbeat after which the group gives a worker's partitions to another.
        session_timeout_ms: u32 = 10_000, Rule::Between(6_000, 300_000);
        /// Milliseconds after which the broker aborts a transaction left open.
        transaction_timeout_ms: u32 = 10_000, Rule::Between(1_000, 300_000);
        /// Address and port of health and metrics.
        ops_listen: SocketAddr = "127.0.0.1:8093";
    }

    /// The projector: events in, view rows out.
    projector: Projector {
        /// Consumer group; each generation of the views adds its number, `.g1`, `.g2`, …; without it `{kafka.topic_prefix}.projector`.
        group: Option<String> = "", NAME;
        /// Name of this instance in the group. Stable over restarts, and unlike any other instance's.
        instance: String = "projector-1", NAME;
        /// Events written between two commits of offsets at most.
        batch_records: usize = 2_000, Rule::Between(1, 100_000);
        /// Bytes of events held at once at most.
        batch_bytes: usize = 8_388_608, Rule::Between(2_097_152, 268_435_456);
        /// Writes in flight at most.
        concurrency: usize = 128, Rule::Between(1, 16_384);
        /// Milliseconds of the longest pause between two tries when the registry is away or a dead letter can't be written.
        retry_max_ms: u64 = 5_000, Rule::Between(10, 300_000);
        /// Milliseconds without a heartbeat after which the group gives our partitions to another.
        session_timeout_ms: u32 = 10_000, Rule::Between(6_000, 300_000);
        /// Milliseconds between two measurements of the lag.
        lag_interval_ms: Live<u64> = 5_000, Rule::Between(100, 300_000);
        /// Address and port of health and metrics.
        ops_listen: SocketAddr = "127.0.0.1:8094";
    }

    /// The query API: reads only.
    query_api: QueryApi {
        /// Address and port to listen on.
        listen: SocketAddr = "127.0.0.1:8092";
        /// Secret for the keyed hash under which phones are looked up; the projector must have the same.
        phone_hash_key: Option<Secret> = "", SECRET_16;
        /// Secret that signs list cursors; the same for all instances.
        cursor_key: Option<Secret> = "", SECRET_16;
        /// Milliseconds a read with `min_version` waits at most.
        min_version_wait_ms: Live<u64> = 5_000, Rule::Between(0, 60_000);
        /// Milliseconds between two heartbeats of a live stream.
        sse_heartbeat_ms: Live<u64> = 15_000, Rule::Between(100, 120_000);
        /// Live streams at once; above that 503 with Retry-After.
        sse_max_clients: usize = 4_096, Rule::Between(1, 1_000_000);
        /// Requests served at once; above that 503 with Retry-After.
        max_in_flight: usize = 1_024, Rule::Between(1, 65_536);
        /// Bytes a request body may have.
        max_body_bytes: usize = 65_536, Rule::Between(1_024, 1_048_576);
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
    }

    /// Who calls: API keys, and tokens of an OIDC issuer.
    auth: Auth {
        /// Whether callers need credentials; without, nothing may listen beyond loopback.
        required: bool = true;
        /// The OIDC issuer whose tokens are good, as its tokens name it in `iss`; without it, only API keys are.
        issuer: Option<String> = "", HTTP_URL;
        /// Where the issuer's keys are; without it, as `{issuer}/.well-known/openid-configuration` says. https, or loopback.
        jwks_url: Option<String> = "", HTTP_URL;
        /// Whom tokens must be meant for, in `aud`.
        audience: String = "parceltrack", NAME;
        /// Seconds by which the issuer's clock and ours may differ.
        clock_skew_s: u64 = 30, Rule::Between(0, 300);
        /// Claim that names the customers whose shipments a token shows; `*` in it is all of them.
        customers_claim: String = "customers", NAME;
        /// Secret that signs the tokens of `parceltrack token`; for development only, for whoever has it can be anybody.
        development_secret: Option<Secret> = "", SECRET_16;
    }

    /// The gateway: one address for all services.
    gateway: Gateway {
        /// Address and port to listen on; 443 with a certificate.
        listen: SocketAddr = "127.0.0.1:8080";
        /// Address and port of health and metrics.
        ops_listen: SocketAddr = "127.0.0.1:8095";
        /// PEM file with the certificate, its issuers behind it; without it the gateway speaks plain HTTP. Read again when it changes.
        tls_cert_file: Option<PathBuf> = "";
        /// PEM file with the key of the certificate. Read again when it changes.
        tls_key_file: Option<PathBuf> = "";
        /// Origins whose scripts may read answers in a browser, with commas between: `https://shop.example`; `*` for all.
        cors_origins: Live<String> = "";
        /// Connections at once; further ones wait to be accepted.
        max_connections: usize = 16_384, Rule::Between(1, 1_000_000);
        /// Bytes that a request's headers may have.
        max_header_bytes: usize = 32_768, Rule::Between(1_024, 1_048_576);
        /// Milliseconds that a request's headers may take to come.
        header_timeout_ms: u64 = 10_000, Rule::Between(100, 300_000);
        /// Bytes that the body of a command may have.
        max_body_bytes_command: Live<u64> = 262_144, Rule::Between(1_024, 16_777_216);
        /// Bytes that the body of a call of the public tracking may have, and of any other that reads.
        max_body_bytes_track: Live<u64> = 65_536, Rule::Between(1_024, 16_777_216);
        /// Bytes that the body of a call to the configuration or registry may have.
        max_body_bytes_control: Live<u64> = 1_048_576, Rule::Between(1_024, 16_777_216);
        /// Bytes that a form of the console may have.
        max_body_bytes_console: Live<u64> = 65_536, Rule::Between(1_024, 16_777_216);
        /// Milliseconds that a command may take to come, and its answer to begin.
        timeout_ms_command: Live<u64> = 15_000, Rule::Between(100, 300_000);
        /// Milliseconds until the answer to a read begins.
        timeout_ms_read: Live<u64> = 10_000, Rule::Between(100, 300_000);
        /// Milliseconds until a list begins.
        timeout_ms_list: Live<u64> = 15_000, Rule::Between(100, 300_000);
        /// Milliseconds until the configuration or registry answers.
        timeout_ms_control: Live<u64> = 30_000, Rule::Between(100, 300_000);
        /// Milliseconds until a page of the console begins.
        timeout_ms_console: Live<u64> = 30_000, Rule::Between(100, 300_000);
        /// Milliseconds that a stream of commands or events may go without a byte, and an answer without being read.
        idle_ms: Live<u64> = 120_000, Rule::Between(1_000, 3_600_000);
        /// Commands in a minute for each caller.
        rate_command: Live<u64> = 60_000, Rule::Between(0, 1_000_000_000);
        /// Streams of commands begun in a minute for each caller.
        rate_command_stream: Live<u64> = 600, Rule::Between(0, 1_000_000_000);
        /// Reads in a minute for each caller.
        rate_read: Live<u64> = 120_000, Rule::Between(0, 1_000_000_000);
        /// Pages of lists in a minute for each caller.
        rate_list: Live<u64> = 12_000, Rule::Between(0, 1_000_000_000);
        /// Live streams begun in a minute for each caller.
        rate_live: Live<u64> = 600, Rule::Between(0, 1_000_000_000);
        /// Live streams that a caller may have open at once, those without credentials each address; above that 429.
        live_open: Live<u64> = 256, Rule::Between(1, 1_000_000);
        /// Calls of the public tracking in a minute for each caller, for those without credentials each address.
        rate_track: Live<u64> = 1_200, Rule::Between(0, 1_000_000_000);
        /// Calls to the configuration and registry in a minute for each caller.
        rate_control: Live<u64> = 6_000, Rule::Between(0, 1_000_000_000);
        /// Pages of the console, and their refreshes, in a minute for each caller; for those not signed in, each address.
        rate_console: Live<u64> = 6_000, Rule::Between(0, 1_000_000_000);
        /// Requests in a minute with credentials that are not good, for each address; then none with credentials passes from there.
        rate_denied: Live<u64> = 60, Rule::Between(1, 1_000_000_000);
        /// Requests out of a hundred that may be sent again after an instance broke off.
        retry_budget_percent: Live<u32> = 20, Rule::Between(0, 100);
        /// Requests in a row that an instance leaves without an answer before it is passed over.
        breaker_failures: Live<u32> = 5, Rule::Between(1, 1_000);
        /// Milliseconds for which it then is, at first; twice as long each time, up to 30 s.
        breaker_open_ms: Live<u64> = 5_000, Rule::Between(100, 30_000);
        /// Socket file at which a gateway that is started takes over from the one that serves, as in an upgrade; without it none does.
        handover_socket: Option<PathBuf> = "";
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
    }

    /// The config topic, from which roles take settings while they run.
    config: Config {
        /// Profile of this installation; its entries go over those of the profile `default`.
        profile: String = "default", NAME;
        /// Secret from which the key is derived that sealed values are encrypted with; the same for every role.
        secret_key: Option<Secret> = "", SECRET_16;
        /// Folder of the last copy of what the topic said, for a start while Kafka is away.
        copy_dir: PathBuf = ".local/state/config";
        /// Milliseconds to wait for the topic at the start, before the last copy is taken.
        patience_ms: u64 = 3_000, Rule::Between(100, 300_000);
    }

    /// The config service: the config topic over HTTP.
    config_service: ConfigService {
        /// Address and port to listen on.
        listen: SocketAddr = "127.0.0.1:9999";
        /// Requests served at once; above that 503 with Retry-After.
        max_in_flight: usize = 256, Rule::Between(1, 65_536);
        /// Bytes a request body may have.
        max_body_bytes: usize = 1_048_576, Rule::Between(1_024, 16_777_216);
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
    }

    /// The console: pages for whoever keeps the system running.
    console: Console {
        /// Address and port to listen on.
        listen: SocketAddr = "127.0.0.1:8096";
        /// Requests served at once; above that 503 with Retry-After.
        max_in_flight: usize = 256, Rule::Between(1, 65_536);
        /// Bytes a form may have.
        max_body_bytes: usize = 65_536, Rule::Between(1_024, 1_048_576);
        /// Milliseconds to wait for one answer of another service.
        timeout_ms: Live<u64> = 10_000, Rule::Between(100, 300_000);
        /// Milliseconds that requests under way have to end in, once told to stop.
        drain_ms: u64 = 15_000, Rule::Between(0, 300_000);
    }

    /// The commands that ask a running system: `track`, `config`, `services`.
    client: Client {
        /// Where the system is, as `--gateway` says for one command; without it, where the one on this machine listens.
        gateway: Option<String> = "", HTTP_URL;
        /// API key to ask with; without it, the admin's of the system on this machine.
        key: Option<Secret> = "";
    }

    /// The local stack that `parceltrack up` starts for what is not given from outside.
    local_stack: LocalStack {
        /// Folder for the data, logs and generated secrets of a local system.
        dir: PathBuf = ".local";
        /// Kafka brokers to start: 1 or 3.
        brokers: u16 = 1, Rule::Text("1 or 3", |text| matches!(text, "1" | "3"));
        /// Port of the first Kafka broker; further brokers and the controllers take the ones above.
        kafka_port: u16 = 9092, Rule::Between(1_024, 65_500);
        /// Port of Cassandra.
        cql_port: u16 = 9042, Rule::Between(1_024, 65_535);
        /// Port of the schema registry.
        registry_port: u16 = 8081, Rule::Between(1_024, 65_535);
        /// Mebibytes of heap for each Kafka broker.
        kafka_heap_mb: u32 = 512, Rule::Between(256, 65_536);
        /// Mebibytes of heap for Cassandra.
        cassandra_heap_mb: u32 = 768, Rule::Between(512, 65_536);
        /// Mebibytes of heap for the schema registry.
        registry_heap_mb: u32 = 256, Rule::Between(128, 65_536);
        /// Port of Prometheus, which is started where it is installed; 0 for none.
        prometheus_port: u16 = 9090, Rule::Between(0, 65_535);
    }

    /// Traces: what became of one request, in spans of every role that it came to.
    tracing: Tracing {
        /// Share of the traces begun here that are sampled, from 0 (none) to 1 (all). A request that comes with a `traceparent` is sampled if that says so.
        sample_ratio: Live<f64> = 0.01, SHARE;
        /// Where spans are sent by OTLP over HTTP, as in `http://tempo:4318`; without a path, `/v1/traces` is added. Without it, spans are only kept in memory.
        otlp_endpoint: Option<String> = "", HTTP_URL;
        /// Spans that wait to be sent at most; further ones are dropped, and counted.
        queue_spans: usize = 8_192, Rule::Between(512, 1_048_576);
        /// Spans that each role keeps in memory for `parceltrack trace`, the last ones.
        ring_spans: usize = 4_096, Rule::Between(0, 1_048_576);
    }

    /// Log lines, on standard error.
    log: Log {
        /// How lines are written: text for people, json for machines.
        format: LogFormat = "text";
        /// What is written: off, error, warn, info, debug or trace; also by module, as in `info,projector=debug`.
        level: Live<String> = "info", LOG_LEVEL;
    }
}
