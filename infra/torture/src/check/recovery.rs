//! How long the system took to get over each fault.

use super::Check;
use crate::faults::Inflicted;

/// Session, transaction, and the scan for aborted ones: beyond this many milliseconds it is a defect.
pub const LIMIT: u64 = 30_000;

/// Each partition answered again in time, after each fault; and rows caught up with the answers.
pub fn recovery(inflicted: &[Inflicted]) -> Check {
    let mut check = Check::new("recovery", "after each fault every partition answers again within 30 s");
    for fault in inflicted.iter().filter(|fault| fault.skipped.is_none()) {
        let name = format!("fault {} ({})", fault.number, fault.kind);
        for (partition, recovery) in &fault.recovery {
            check.expect(recovery.is_some_and(|took| took <= LIMIT), &name, || match recovery {
                Some(took) => format!("partition {partition} took {:.1} s", *took as f64 / 1000.0),
                None => format!("partition {partition} is stuck"),
            });
        }
        check.expect(fault.quick_again, &name, || "a partition didn't answer at once again".to_owned());
        check.expect(fault.views.is_some(), &name, || "the rows didn't catch up within a minute".to_owned());
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(recovery: &[(i32, Option<u64>)], views: Option<u64>) -> Inflicted {
        Inflicted {
            number: 1,
            kind: "kill_broker".to_owned(),
            text: String::new(),
            skipped: None,
            began: 0,
            ended: 0,
            settled: 0,
            quick_again: true,
            counted_from: 0,
            recovery: recovery.iter().copied().collect(),
            views,
        }
    }

    #[test]
    fn what_is_stuck_or_slow_is_found() {
        let findings = |fault| recovery(&[fault]).findings.len();
        assert_eq!(findings(fault(&[(0, Some(30_000)), (1, Some(10))], Some(5))), 0);
        assert_eq!(findings(fault(&[(0, Some(30_001))], Some(5))), 1);
        assert_eq!(findings(fault(&[(0, None)], Some(5))), 1);
        assert_eq!(findings(fault(&[(0, Some(10))], None)), 1);
        let slow = Inflicted { quick_again: false, ..fault(&[(0, Some(10))], Some(5)) };
        assert_eq!(findings(slow), 1);
        let skipped = Inflicted { skipped: Some("no root".to_owned()), ..fault(&[], None) };
        assert_eq!(findings(skipped), 0);
    }
}
