//! A parcel as the page shows it: made from the public tracking view alone, so that it can tell no more than that.

use chrono::{DateTime, NaiveDate, Utc};
use shipment_events::Status;

use super::dates::Moment;
use super::promise::Promise;
use super::stages::Stages;
use crate::view::{PublicPlace, TrackingView};

/// A parcel.
pub(crate) struct Parcel<'v> {
    pub(crate) view: &'v TrackingView,
    pub(crate) status: Status,
    /// Since when it stands there, on the clock of the step that put it there.
    pub(crate) since: Option<Moment>,
    pub(crate) steps: Vec<Step<'v>>,
}

/// A step on the way.
pub(crate) struct Step<'v> {
    pub(crate) at: Moment,
    pub(crate) status: Status,
    pub(crate) place: Option<&'v PublicPlace>,
}

impl<'v> Parcel<'v> {
    /// Of what everybody may see.
    pub(crate) fn of(view: &'v TrackingView) -> Self {
        let decided =
            |step: &&crate::view::StepView| step.status == view.status && step.time == view.status_since;
        let own_clock = view.events.iter().find(decided).and_then(|step| Moment::parse(&step.local_time));
        let step = |step: &'v crate::view::StepView| {
            let at = Moment::parse(&step.local_time)?;
            Some(Step { at, status: step.status, place: step.place.as_ref() })
        };
        Self {
            view,
            status: view.status,
            since: own_clock.or_else(|| Moment::parse(&view.status_since)),
            steps: view.events.iter().filter_map(step).collect(),
        }
    }

    /// Whether nothing more is expected.
    pub(crate) fn is_over(&self) -> bool {
        self.status.is_final() || self.view.archived
    }

    pub(crate) fn stages(&self) -> Stages {
        Stages::of(self.status, self.steps.iter().map(|step| step.status))
    }

    /// The day promised and how that stands at this moment, by the clock of where the parcel was seen last.
    pub(crate) fn promise(&self, now: DateTime<Utc>) -> Option<(NaiveDate, Promise)> {
        let day: NaiveDate = self.view.promised_delivery.as_ref()?.parse().ok()?;
        let last = self.steps.first().map(|step| step.at).or(self.since);
        let today = last.map_or(now.date_naive(), |last| now.with_timezone(&last.offset()).date_naive());
        let since = self.since.map_or(today, Moment::day);
        Some((day, Promise::of(day, self.status, since, today)))
    }

    /// Where it was seen last, if that step said so.
    pub(crate) fn place(&self) -> Option<&'v PublicPlace> {
        self.steps.iter().find(|step| step.status == self.status).and_then(|step| step.place)
    }
}
