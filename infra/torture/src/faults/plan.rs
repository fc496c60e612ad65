//! Which faults, in which order: the same for the same seed.

use std::collections::VecDeque;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::kinds::{Broker, Fault, weight};
use crate::chance;
use crate::cluster::{APIS, HANDLERS, PARTITIONS};
use crate::proxy::{Action, Api};

/// A fault, and how long nothing happens before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// From 1.
    pub number: usize,
    /// The name of its kind.
    pub kind: &'static str,
    /// It.
    pub fault: Fault,
    /// The pause before it.
    pub pause: Duration,
}

/// All faults to come. Each shuffled deck of them is dealt to its end before the next, so that none is left out for long.
pub struct Plan {
    chance: StdRng,
    kinds: Vec<&'static str>,
    deck: VecDeque<&'static str>,
    number: usize,
}

impl Plan {
    /// Of these kinds.
    pub fn new(seed: u64, kinds: &[&'static str]) -> Self {
        let kinds = kinds.iter().flat_map(|kind| std::iter::repeat_n(*kind, weight(kind))).collect();
        Self { chance: chance::of(seed, "faults"), kinds, deck: VecDeque::new(), number: 0 }
    }

    fn seconds(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.chance.random_range(range.start * 1000..range.end * 1000))
    }

    fn handler(&mut self) -> usize {
        self.chance.random_range(1..=HANDLERS)
    }

    fn api(&mut self) -> &'static str {
        APIS[self.chance.random_range(0..APIS.len())]
    }

    fn broker(&mut self) -> Broker {
        match self.chance.random_range(0..3) {
            0 => Broker::OfTheGroup,
            1 => Broker::OfTransactions {
                handler: self.handler(),
                worker: self.chance.random_range(0..2),
                slot: self.chance.random_range(0..3),
            },
            _ => Broker::OfEvents { partition: self.chance.random_range(0..PARTITIONS) },
        }
    }

    fn meddle(&mut self) -> Fault {
        const APIS: [Api; 8] = [
            Api::EndTxn,
            Api::EndTxn,
            Api::AddPartitionsToTxn,
            Api::AddPartitionsToTxn,
            Api::AddOffsetsToTxn,
            Api::TxnOffsetCommit,
            Api::Produce,
            Api::InitProducerId,
        ];
        let api = APIS[self.chance.random_range(0..APIS.len())];
        let action = match self.chance.random_range(0..5) {
            0 => Action::Delay(self.seconds(1..5)),
            // Longer than a call waits.
            1 => Action::Delay(self.seconds(9..12)),
            2 => Action::Cut,
            3 => Action::LoseAnswer,
            _ if api == Api::EndTxn => Action::Zombie,
            _ => Action::Cut,
        };
        Fault::Meddle { handler: self.handler(), api, action, times: self.chance.random_range(1..4) }
    }

    fn fault(&mut self, kind: &str) -> Fault {
        match kind {
            "kill_handler" => Fault::KillHandler { handler: self.handler(), away: self.seconds(0..16) },
            "kill_all_handlers" => Fault::KillAllHandlers { away: self.seconds(0..5) },
            "lose_state" => Fault::LoseState { handler: self.handler() },
            // Shorter than the session, and longer: the latter wakes up as a zombie.
            "freeze_handler" => {
                Fault::FreezeHandler { handler: self.handler(), how_long: self.seconds(1..8) }
            }
            "freeze_handler_long" => {
                Fault::FreezeHandler { handler: self.handler(), how_long: self.seconds(12..20) }
            }
            "isolate_handler" => {
                Fault::IsolateHandler { handler: self.handler(), how_long: self.seconds(3..18) }
            }
            "kill_projector" => {
                Fault::KillProjector { projector: self.chance.random_range(1..3), away: self.seconds(0..12) }
            }
            "freeze_projector" => Fault::FreezeProjector {
                projector: self.chance.random_range(1..3),
                how_long: self.seconds(2..16),
            },
            "kill_api" => Fault::KillApi { api: self.api(), away: self.seconds(0..5) },
            "freeze_api" => Fault::FreezeApi { api: self.api(), how_long: self.seconds(2..14) },
            "kill_broker" => Fault::KillBroker { broker: self.broker(), away: self.seconds(1..12) },
            "freeze_broker" => Fault::FreezeBroker { broker: self.broker(), how_long: self.seconds(2..16) },
            "kill_broker_and_handler" => {
                Fault::KillBrokerAndHandler { broker: self.broker(), handler: self.handler() }
            }
            "kill_database" => Fault::KillDatabase { away: self.seconds(1..8) },
            "freeze_database" => Fault::FreezeDatabase { how_long: self.seconds(2..14) },
            "registry_away" => Fault::RegistryAway { handler: self.handler(), away: self.seconds(3..10) },
            "change_config" => Fault::ChangeConfig { wait_ms: self.chance.random_range(2_000..5_000) },
            "rolling_restart" => Fault::RollingRestart,
            "upgrade" => Fault::Upgrade,
            "add_and_remove_handler" => Fault::AddAndRemoveHandler { stays: self.seconds(5..15) },
            "torn_transaction" => Fault::TornTransaction { handler: self.handler() },
            // Longer than a session, after which another takes over.
            "late_markers" => Fault::LateMarkers { late: self.seconds(14..18) },
            "full_disk" => Fault::FullDisk { how_long: self.seconds(5..12) },
            "clock_jump" => {
                let hours = [-48, -1, 1, 30][self.chance.random_range(0..4)];
                Fault::ClockJump { hours }
            }
            _ => self.meddle(),
        }
    }
}

impl Iterator for Plan {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        if self.deck.is_empty() {
            let mut deck = self.kinds.clone();
            deck.shuffle(&mut self.chance);
            self.deck = deck.into();
        }
        let kind = self.deck.pop_front()?;
        self.number += 1;
        let pause = self.seconds(2..5);
        let fault = self.fault(kind);
        Some(Planned { number: self.number, kind, fault, pause })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::KINDS;
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_plan() {
        let plan = |seed| Plan::new(seed, &KINDS).take(200).collect::<Vec<_>>();
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn every_kind_is_dealt_before_the_deck_begins_again() {
        let size: usize = KINDS.iter().map(|kind| weight(kind)).sum();
        let dealt: BTreeSet<_> = Plan::new(1, &KINDS).take(size).map(|planned| planned.kind).collect();
        assert_eq!(dealt, KINDS.into_iter().collect());
    }

    #[test]
    fn every_name_leads_to_its_own_kind() {
        for kind in KINDS {
            let planned = Plan::new(1, &[kind]).next().unwrap();
            let named = serde_json::to_value(&planned.fault).unwrap()["kind"].as_str().unwrap().to_owned();
            assert_eq!(named, kind.trim_end_matches("_long"), "{planned:?}");
        }
    }

    #[test]
    fn without_kinds_nothing_goes_wrong() {
        assert_eq!(Plan::new(1, &[]).next(), None);
    }
}
