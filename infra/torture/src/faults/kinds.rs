//! What can go wrong, by kinds.

use std::time::Duration;

use serde::Serialize;

use crate::proxy::{Action, Api};

/// A broker, by what it does at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Broker {
    /// It coordinates the handlers' group.
    OfTheGroup,
    /// It coordinates the transactions of one of a handler's producers.
    OfTransactions {
        /// The handler's number.
        handler: usize,
        /// The worker's.
        worker: usize,
        /// The producer's.
        slot: usize,
    },
    /// It leads a partition of the events.
    OfEvents {
        /// Which.
        partition: i32,
    },
}

/// Something that goes wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fault {
    /// A handler is killed, and comes back after a while.
    KillHandler {
        /// Its number.
        handler: usize,
        /// How long it is away.
        away: Duration,
    },
    /// All handlers are killed.
    KillAllHandlers {
        /// How long they are away.
        away: Duration,
    },
    /// A handler is killed, and its state is lost.
    LoseState {
        /// Its number.
        handler: usize,
    },
    /// A handler is frozen and wakes up: a zombie, if that takes longer than its session.
    FreezeHandler {
        /// Its number.
        handler: usize,
        /// For how long.
        how_long: Duration,
    },
    /// Nothing of a handler reaches the brokers, nor the other way round.
    IsolateHandler {
        /// Its number.
        handler: usize,
        /// For how long.
        how_long: Duration,
    },
    /// A projector is killed.
    KillProjector {
        /// Its number.
        projector: usize,
        /// How long it is away.
        away: Duration,
    },
    /// A projector is frozen.
    FreezeProjector {
        /// Its number.
        projector: usize,
        /// For how long.
        how_long: Duration,
    },
    /// An API is killed.
    KillApi {
        /// Its name.
        api: &'static str,
        /// How long it is away.
        away: Duration,
    },
    /// An API is frozen.
    FreezeApi {
        /// Its name.
        api: &'static str,
        /// For how long.
        how_long: Duration,
    },
    /// A broker is killed.
    KillBroker {
        /// Which.
        broker: Broker,
        /// How long it is away.
        away: Duration,
    },
    /// A broker is frozen.
    FreezeBroker {
        /// Which.
        broker: Broker,
        /// For how long.
        how_long: Duration,
    },
    /// A broker and a handler are killed at once.
    KillBrokerAndHandler {
        /// Which broker.
        broker: Broker,
        /// Which handler.
        handler: usize,
    },
    /// The database is killed.
    KillDatabase {
        /// How long it is away.
        away: Duration,
    },
    /// The database is frozen.
    FreezeDatabase {
        /// For how long.
        how_long: Duration,
    },
    /// The registry is away, and a handler that restarts has to wait for it.
    RegistryAway {
        /// The handler.
        handler: usize,
        /// For how long.
        away: Duration,
    },
    /// A setting is changed that is in force at once, and every role must say that it runs on it.
    ChangeConfig {
        /// How long a read that asks for a version waits for it, in milliseconds.
        wait_ms: u64,
    },
    /// Every role is restarted in good order, one after the other; the gateway is taken over from by another.
    RollingRestart,
    /// The same, from this version to the next, and back.
    Upgrade,
    /// A handler joins the group, and leaves it again.
    AddAndRemoveHandler {
        /// How long it stays.
        stays: Duration,
    },
    /// Some requests of a handler are meddled with on their way.
    Meddle {
        /// The handler's number.
        handler: usize,
        /// Which requests.
        api: Api,
        /// What is done to them.
        action: Action,
        /// To how many.
        times: u32,
    },
    /// The end of a transaction arrives in the middle of a later one of its producer, whose handler is then killed.
    TornTransaction {
        /// The handler's number.
        handler: usize,
    },
    /// Brokers are late in telling each other how transactions ended, and another handler takes over from those that have
    /// just decided them and died.
    LateMarkers {
        /// How late.
        late: Duration,
    },
    /// The disk of a handler's state is full.
    FullDisk {
        /// For how long.
        how_long: Duration,
    },
    /// The clock of a handler jumps, and back.
    ClockJump {
        /// By how many hours.
        hours: i32,
    },
}

/// Every kind, by its name.
pub const KINDS: [&str; 25] = [
    "kill_handler",
    "kill_all_handlers",
    "lose_state",
    "freeze_handler",
    "freeze_handler_long",
    "isolate_handler",
    "kill_projector",
    "freeze_projector",
    "kill_api",
    "freeze_api",
    "kill_broker",
    "freeze_broker",
    "kill_broker_and_handler",
    "kill_database",
    "freeze_database",
    "registry_away",
    "change_config",
    "rolling_restart",
    "upgrade",
    "add_and_remove_handler",
    "meddle",
    "torn_transaction",
    "late_markers",
    "full_disk",
    "clock_jump",
];

/// How often a kind is in the deck: what is at the heart of the matter, more often.
pub(super) fn weight(kind: &str) -> usize {
    match kind {
        "meddle" => 4,
        "kill_broker" | "freeze_broker" => 3,
        "kill_handler" | "freeze_handler_long" | "torn_transaction" => 2,
        _ => 1,
    }
}
