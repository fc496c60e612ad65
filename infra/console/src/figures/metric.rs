//! Which metrics the console looks at: the one place that knows their names.

use super::Series;

/// A metric, or a histogram by its name without an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// Requests that the gateway answered, by `route`, `method`, `status`.
    Requests,
    /// Until the gateway's answers began.
    RequestTime,
    /// Instances that the gateway passes over, by `service` and `state`.
    Breakers,
    /// Commands posted by HTTP, by `type` and `outcome`.
    Posted,
    /// From a command's sending to its reply.
    OutcomeTime,
    /// Commands that wait for their reply.
    Waiting,
    /// Commands decided and committed, by `type` and `outcome`.
    Decided,
    /// A batch's phases, by `phase`.
    Phases,
    /// Batches that were given up.
    Aborts,
    /// Snapshot offsets that are still to be read before commands are decided.
    RestoreLeft,
    /// Records that the handler parked.
    ParkedCommands,
    /// Events written to the views, by `type`.
    Projected,
    /// Offsets that the projector is behind, by `partition`.
    LagRecords,
    /// Age of the oldest event that the projector has not dealt with.
    LagTime,
    /// Records that the projector parked.
    ParkedEvents,
    /// Requests that the projector had to send to the database again.
    ProjectorRetries,
    /// Commits of the projector's offsets that failed.
    CommitFailures,
    /// Dead letters that are there.
    DeadLetters,
    /// Statements written to the database.
    Statements,
    /// A batch's rows, until they were durable.
    WriteTime,
    /// Reads of the database, by `kind`.
    Reads,
    /// Reads that failed.
    ReadFailures,
    /// Live streams open.
    LiveStreams,
    /// Requests that a service answered, by `route`, `method`, `status`.
    Answered,
    /// Until a service's answers began.
    AnswerTime,
    /// The version of the configuration that a process runs on.
    ConfigVersion,
    /// Settings that wait for a restart.
    ConfigWaiting,
    /// Whether a process runs on a copy of the configuration.
    ConfigCopy,
    /// Whether a process can't apply what the configuration says.
    ConfigRefused,
    /// Whether each condition of a process's readiness holds, by `condition`.
    Conditions,
}

/// All of them.
const WANTED: &[Metric] = &[
    Metric::Requests,
    Metric::RequestTime,
    Metric::Breakers,
    Metric::Posted,
    Metric::OutcomeTime,
    Metric::Waiting,
    Metric::Decided,
    Metric::Phases,
    Metric::Aborts,
    Metric::RestoreLeft,
    Metric::ParkedCommands,
    Metric::Projected,
    Metric::LagRecords,
    Metric::LagTime,
    Metric::ParkedEvents,
    Metric::ProjectorRetries,
    Metric::CommitFailures,
    Metric::DeadLetters,
    Metric::Statements,
    Metric::WriteTime,
    Metric::Reads,
    Metric::ReadFailures,
    Metric::LiveStreams,
    Metric::Answered,
    Metric::AnswerTime,
    Metric::ConfigVersion,
    Metric::ConfigWaiting,
    Metric::ConfigCopy,
    Metric::ConfigRefused,
    Metric::Conditions,
];

impl Metric {
    /// As it is exported.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Requests => "parceltrack_gateway_requests_total",
            Self::RequestTime => "parceltrack_gateway_request_seconds",
            Self::Breakers => "parceltrack_gateway_breakers",
            Self::Posted => "parceltrack_command_api_commands_total",
            Self::OutcomeTime => "parceltrack_command_api_outcome_seconds",
            Self::Waiting => "parceltrack_command_api_commands_waiting",
            Self::Decided => "parceltrack_command_handler_commands_total",
            Self::Phases => "parceltrack_command_handler_phase_seconds",
            Self::Aborts => "parceltrack_command_handler_aborts_total",
            Self::RestoreLeft => "parceltrack_command_handler_restore_remaining_offsets",
            Self::ParkedCommands => "parceltrack_command_handler_parked_records_total",
            Self::Projected => "parceltrack_projector_events_total",
            Self::LagRecords => "parceltrack_projector_lag_records",
            Self::LagTime => "parceltrack_projector_lag_seconds",
            Self::ProjectorRetries => "parceltrack_projector_retries_total",
            Self::CommitFailures => "parceltrack_projector_commit_failures_total",
            Self::ParkedEvents => "parceltrack_projector_parked_records_total",
            Self::DeadLetters => "parceltrack_projector_dead_letters",
            Self::Statements => "parceltrack_projector_statements_total",
            Self::WriteTime => "parceltrack_projector_write_seconds",
            Self::Reads => "parceltrack_query_api_read_seconds",
            Self::ReadFailures => "parceltrack_query_api_read_failures_total",
            Self::LiveStreams => "parceltrack_query_api_sse_clients",
            Self::Answered => "parceltrack_http_api_requests_total",
            Self::AnswerTime => "parceltrack_http_api_request_seconds",
            Self::ConfigVersion => "parceltrack_live_config_version",
            Self::ConfigWaiting => "parceltrack_live_config_restart_needed_keys",
            Self::ConfigCopy => "parceltrack_live_config_from_copy",
            Self::ConfigRefused => "parceltrack_live_config_refused",
            Self::Conditions => "parceltrack_telemetry_condition_ready",
        }
    }
}

/// Whether a sample of this name is kept.
pub(crate) fn is_wanted(name: &str) -> bool {
    let bare = name.strip_suffix("_bucket").or_else(|| name.strip_suffix("_count")).unwrap_or(name);
    WANTED.iter().any(|metric| metric.name() == bare)
}

/// A metric, or those of its series that have some labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pick<'p> {
    metric: Metric,
    ending: &'static str,
    service: Option<&'p str>,
    label: Option<(&'p str, &'p str)>,
    unlike: Option<(&'p str, &'p str)>,
    equal: Option<(&'p str, &'p str)>,
}

impl<'p> Pick<'p> {
    /// All of a metric.
    pub(crate) const fn of(metric: Metric) -> Self {
        Self { metric, ending: "", service: None, label: None, unlike: None, equal: None }
    }

    /// Of a service alone.
    #[must_use]
    pub(crate) const fn at(mut self, service: &'p str) -> Self {
        self.service = Some(service);
        self
    }

    /// Where a label begins with this.
    #[must_use]
    pub(crate) const fn with(mut self, label: &'p str, begin: &'p str) -> Self {
        self.label = Some((label, begin));
        self
    }

    /// Where a label is this.
    #[must_use]
    pub(crate) const fn exactly(mut self, label: &'p str, value: &'p str) -> Self {
        self.equal = Some((label, value));
        self
    }

    /// Where a label does not begin with this.
    #[must_use]
    pub(crate) const fn without(mut self, label: &'p str, begin: &'p str) -> Self {
        self.unlike = Some((label, begin));
        self
    }

    /// How often a histogram was told of something.
    #[must_use]
    pub(crate) const fn count(mut self) -> Self {
        self.ending = "_count";
        self
    }

    /// A histogram's buckets.
    #[must_use]
    pub(super) const fn buckets(mut self) -> Self {
        self.ending = "_bucket";
        self
    }

    /// Whether a series is one of them.
    pub(super) fn is(&self, series: &Series) -> bool {
        let begins = |(label, begin): (&str, &str)| {
            series.labels.get(label).is_some_and(|value| value.starts_with(begin))
        };
        series.name.strip_prefix(self.metric.name()) == Some(self.ending)
            && self.service.is_none_or(|service| &*series.service == service)
            && self.label.is_none_or(begins)
            && !self.unlike.is_some_and(begins)
            && self.equal.is_none_or(|(label, value)| series.labels.get(label).is_some_and(|of| of == value))
    }
}
