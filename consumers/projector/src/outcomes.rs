//! Commands' outcomes: from the replies topic to their table, which no generation has a copy of.

use event_log::{Received, StreamEvent};
use telemetry::chain;
use tokio_util::sync::CancellationToken;
use tracking_view::{OutcomeWrite, project_reply};
use view_store::{Fault, Writer};

use crate::intake::Unprojectable;
use crate::parking::now;
use crate::worker::Member;
use crate::{Error, Projector, metrics};

impl Projector {
    /// The group that reads the replies: one for all generations, because replies aren't kept and so never rebuilt.
    pub(crate) fn outcomes_group(&self) -> String {
        format!("{}.outcomes", self.base_group)
    }

    /// Keeps the outcomes up to date, until `cancel` or an error that waiting doesn't mend.
    pub(crate) async fn keep_outcomes(
        &self,
        writer: &Writer,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let settings = self.group_settings(&self.outcomes_group(), &self.topics.replies);
        let mut member = Member::join(self, settings)?;
        let worked = self.keep_outcomes_as(&mut member, writer, cancel).await;
        member.stream.close().await;
        match worked {
            Err(error) if error.is_cancelled() => Ok(()),
            other => other,
        }
    }

    async fn keep_outcomes_as(
        &self,
        member: &mut Member,
        writer: &Writer,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        while let Some(event) = member.next(cancel).await? {
            if let StreamEvent::Batch(records) = event {
                self.settle_replies(&records, writer, cancel).await?;
                member.commit(records.iter().map(|r| (r.topic_partition(), r.offset + 1))).await;
            }
        }
        Ok(())
    }

    async fn settle_replies(
        &self,
        records: &[Received],
        writer: &Writer,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let mut outcomes = Vec::with_capacity(records.len());
        for record in records {
            match self.intake.reply(record, cancel).await? {
                Ok(reply) => outcomes.push((record, project_reply(&reply))),
                Err(why) => self.parking.park(record, &why, cancel).await?,
            }
        }
        let all: Vec<OutcomeWrite> = outcomes.iter().map(|(_, outcome)| outcome.clone()).collect();
        match writer.write_outcomes(&all, now(), cancel).await {
            Err(error) if error.fault() == Fault::Value => {
                for (record, outcome) in &outcomes {
                    self.write_outcome(record, outcome, writer, cancel).await?;
                }
            }
            written => written?,
        }
        metrics::OUTCOMES.inc_by(outcomes.len() as u64);
        Ok(())
    }

    async fn write_outcome(
        &self,
        record: &Received,
        outcome: &OutcomeWrite,
        writer: &Writer,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        match writer.write_outcomes(std::slice::from_ref(outcome), now(), cancel).await {
            Err(error) if error.fault() == Fault::Value => {
                let why = Unprojectable { code: "refused-by-database", text: chain(&error) };
                self.parking.park(record, &why, cancel).await
            }
            written => Ok(written?),
        }
    }
}
