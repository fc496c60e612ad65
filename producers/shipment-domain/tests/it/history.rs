//! What holds of every history that commands can make.

use proptest::prelude::*;
use shipment_events::{Outcome, ShipmentSnapshot, Status, fold};

use crate::arbitrary;
use crate::given::{World, command, register, scan};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_log_and_the_snapshot_tell_the_same(commands in arbitrary::commands()) {
        let mut world = World::default();
        for command in &commands {
            let version = world.state().version;
            let decided = world.when(command);
            match &decided.outcome {
                Outcome::Accepted(accepted) => {
                    prop_assert_eq!(accepted.events as usize, decided.events.len());
                    prop_assert_eq!(decided.snapshot.is_some(), !decided.events.is_empty());
                    prop_assert!(accepted.version <= world.state().version && accepted.version.get() >= 1);
                }
                Outcome::Rejected(rejected) => {
                    prop_assert!(decided.events.is_empty() && decided.snapshot.is_none());
                    prop_assert_eq!(rejected.version, version);
                    prop_assert!(shipment_domain::Rule::from_code(&rejected.code).is_some() && !rejected.text.is_empty());
                }
            }
        }
        prop_assert_eq!(fold(&world.log), world.state());
        prop_assert!(world.snapshot.is_none_or(|s| s.accepted.len() <= ShipmentSnapshot::REMEMBERED));
    }

    #[test]
    fn each_event_goes_on_where_the_one_before_ended(commands in arbitrary::commands()) {
        let mut world = World::default();
        for command in &commands {
            world.when(command);
        }
        for (n, event) in world.log.iter().enumerate() {
            let state = fold(&world.log[..=n]);
            prop_assert_eq!(event.sequence.get(), n as i64 + 1);
            prop_assert_eq!((Some(event.status_after), Some(event.status_since)), (state.status(), state.standing().map(|s| s.since)));
            prop_assert_eq!(&event.keys, &state.list_keys());
            let before = n.checked_sub(1).map(|before| &world.log[before]);
            prop_assert_eq!(event.status_before, before.map(|e| e.status_after));
            prop_assert!(before.is_none_or(|e| e.recorded_at <= event.recorded_at));
            let keys_before = before.and_then(|e| e.keys.clone());
            let expected = if keys_before == event.keys { None } else { keys_before };
            prop_assert_eq!(&event.keys_before, &expected);
        }
    }

    #[test]
    fn posting_everything_again_changes_nothing(commands in arbitrary::commands()) {
        let mut world = World::default();
        let mut accepted = Vec::new();
        for command in commands {
            if let Outcome::Accepted(answer) = world.when(&command).outcome {
                accepted.push((command, answer.version));
            }
        }
        let (log, snapshot) = (world.log.clone(), world.snapshot.clone());
        for (command, version) in accepted {
            let Outcome::Accepted(again) = world.when(&command).outcome else {
                return Err(TestCaseError::fail(format!("{command:?} was accepted before")));
            };
            prop_assert_eq!((again.version, again.events), (version, 0));
        }
        prop_assert_eq!((world.log, world.snapshot), (log, snapshot));
    }

    #[test]
    fn scans_in_any_order_and_before_or_after_the_registration_end_alike(
        (scans, other, first) in proptest::collection::btree_map(-90..0_i64, arbitrary::status(), 1..12)
            .prop_flat_map(|scans| {
                let scans: Vec<(i64, Status)> = scans.into_iter().filter(|(_, s)| s.can_be_scanned()).collect();
                (Just(scans.clone()), Just(scans).prop_shuffle(), any::<bool>())
            })
    ) {
        let arrive = |scans: &[(i64, Status)], registered_first: bool| {
            let mut world = World::default();
            let mut commands: Vec<_> = scans.iter().map(|&(at, s)| command(at.unsigned_abs().into(), scan(s, at))).collect();
            commands.insert(if registered_first { 0 } else { scans.len() }, command(1_000, register()));
            for command in &commands {
                world.when(command);
            }
            world.state().standing().map(|s| (s.status, s.event_id))
        };
        prop_assert_eq!(arrive(&scans, true), arrive(&other, first));
    }
}
