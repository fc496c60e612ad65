//! `parceltrack trace`.

use clap::Args;
use reqwest::Url;

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack trace 0190a5b2-0000-7000-8000-0000000000ab     a command, by the command_id of its answer
  parceltrack trace 4bf92f3577b34da6a3ce929d0e0e4736         a trace, by the id in a log line
  parceltrack trace 0190a5b2-0000-7000-8000-0000000000ab --json | jq '.spans[].name'

What the log knows of a command is always told: where its records lie, and when they were written. Spans are told where its trace
is sampled (tracing.sample_ratio, or a request that comes with a traceparent ending in -01) and no role has forgotten them yet.
More: docs/tracing.md")]
pub(crate) struct TraceArgs {
    /// A command's id, or a trace's: 32 hex digits
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) id: String,
    /// How far back to look for a command of which no outcome is known: `90m`, `24h`, `7d`
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = length)]
    pub(crate) since: std::time::Duration,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
    /// The gateway to ask, with the key of `client.key` [default: `client.gateway`, else that of the system on this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) gateway: Option<Url>,
}

fn length(text: &str) -> Result<std::time::Duration, String> {
    let said = || "a number and its unit: 90m, 24h or 7d".to_owned();
    let unit = text.chars().last().ok_or_else(said)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(said()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| said())?;
    number.checked_mul(seconds).map(std::time::Duration::from_secs).ok_or_else(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(length("90m").map(|time| time.as_secs()), Ok(5_400));
        assert_eq!(length("7d").map(|time| time.as_secs()), Ok(604_800));
        for bad in ["", "7", "h", "-1h", "1w", "99999999999999999999d", "7é"] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }
}
