//! The stack for real: each test starts its own, on free ports, in a folder of its own.

mod abandoned;
mod cluster;
mod compose;
mod whole;

use std::path::Path;

use local_stack::{Stack, StackSettings, silent};

/// Small heaps: these tests hold no data to speak of.
fn settings(dir: &Path) -> StackSettings {
    StackSettings {
        kafka_heap_mb: 384,
        cassandra_heap_mb: 640,
        registry_heap_mb: 192,
        ..StackSettings::on_free_ports(dir)
    }
}

async fn start(settings: StackSettings) -> Stack {
    Stack::start(settings, silent()).await.unwrap_or_else(|error| panic!("{error}"))
}
