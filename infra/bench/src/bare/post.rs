//! A command API without commands: what is posted goes into the topic as it is, and who posted it is answered when the
//! reply comes. It checks nothing and derives nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use clap::Args;
use event_codec::headers::PT_REPLY_TO;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};
use tokio::sync::oneshot;

use super::ApiArgs;
use crate::world::PARTITIONS;

/// Where it listens, and whose topics it uses.
#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    #[command(flatten)]
    api: ApiArgs,
}

struct App {
    producer: ThreadedProducer<DefaultProducerContext>,
    topic: String,
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<i64>>>,
}

pub(super) fn run(args: &PostArgs) -> Result<()> {
    let producer = ClientConfig::new()
        .set("bootstrap.servers", &args.api.bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "1")
        .set("compression.type", "lz4")
        .create()?;
    let app = Arc::new(App {
        producer,
        topic: format!("{}.shipment.commands.v1", args.api.prefix),
        last: AtomicU64::new(0),
        waiting: Mutex::default(),
    });
    let replies = replies(args)?;
    let reading = app.clone();
    std::thread::spawn(move || read(&replies, &reading));
    let router = Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/api/v1/shipments/{id}/scans", post(scan))
        .with_state(app);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(args.api.serve(router))
}

async fn scan(State(app): State<Arc<App>>, Path(id): Path<String>, body: Bytes) -> (StatusCode, String) {
    let number = app.last.fetch_add(1, Ordering::Relaxed);
    let (sender, answer) = oneshot::channel();
    app.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sender);
    let address = number.to_string();
    let headers =
        OwnedHeaders::new_with_capacity(1).insert(Header { key: PT_REPLY_TO, value: Some(&address) });
    let record = BaseRecord::<str, [u8]>::to(&app.topic)
        .partition(event_log::partition_for(id.as_bytes(), PARTITIONS))
        .key(&id)
        .payload(&body)
        .headers(headers);
    if app.producer.send(record).is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    }
    match answer.await {
        Ok(offset) => (StatusCode::CREATED, format!("{{\"shipment_id\":\"{id}\",\"offset\":{offset}}}")),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    }
}

fn read(replies: &BaseConsumer, app: &App) {
    loop {
        let Some(Ok(reply)) = replies.poll(Duration::from_secs(1)) else { continue };
        let number = reply.key().and_then(|key| std::str::from_utf8(key).ok()?.parse::<u64>().ok());
        let waiting = number
            .and_then(|number| app.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&number));
        if let Some(waiting) = waiting {
            // Who has hung up waits for nothing.
            let _ = waiting.send(reply.offset());
        }
    }
}

fn replies(args: &PostArgs) -> Result<BaseConsumer> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &args.api.bootstrap)
        .set("group.id", format!("{}.bare-replies", args.api.prefix))
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.wait.max.ms", "100")
        .create()?;
    let topic = format!("{}.shipment.replies.v1", args.api.prefix);
    let mut ends = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        let (_, high) = consumer.fetch_watermarks(&topic, partition, Duration::from_secs(10))?;
        ends.add_partition_offset(&topic, partition, Offset::Offset(high))?;
    }
    consumer.assign(&ends).context("reading replies")?;
    Ok(consumer)
}
