//! `parceltrack keys` and `parceltrack token`.

use std::time::Duration;

use auth::Role;
use clap::{Args, Subcommand};

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack keys create --name 'web shop' --role producer --customer acme --customer globex
  parceltrack keys create --name dashboards --role operator --expires 90d
  KEY=$(parceltrack keys create --name ci --role reader --customer '*' --expires 12h)
  parceltrack keys list
  parceltrack keys revoke 4f7c9d03a1b2c5e6

Keys are made and revoked in their topic, and count everywhere within a second.")]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
    /// For scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key, and print it: nobody can be shown it again
    Create {
        /// For whom or what, in words
        #[arg(long)]
        name: String,
        /// What it may: reader, producer, operator or admin
        #[arg(long)]
        role: Role,
        /// Whose shipments a reader or producer sees; as often as needed, `*` for everybody's
        #[arg(long = "customer", value_name = "ID")]
        customers: Vec<String>,
        /// For how long it is good, such as 90d or 12h [default: until it is revoked]
        #[arg(long, value_name = "TIME", value_parser = span)]
        expires: Option<Duration>,
    },
    /// Every key, without its secret
    List,
    /// End a key for ever
    Revoke {
        /// As `list` shows it: what stands in the key between the two underscores
        id: String,
    },
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack token --role producer --customer acme
  parceltrack token --role admin --ttl 5m
  curl -H \"Authorization: Bearer $(parceltrack token --role operator)\" http://127.0.0.1:8761/api/v1/services

For development only: the services must have the same `auth.development_secret`.")]
pub(crate) struct TokenArgs {
    /// What it may: reader, producer, operator or admin
    #[arg(long)]
    pub(crate) role: Role,
    /// Whose shipments a reader or producer sees; as often as needed, `*` for everybody's
    #[arg(long = "customer", value_name = "ID")]
    pub(crate) customers: Vec<String>,
    /// Who it is
    #[arg(long, default_value = "dev")]
    pub(crate) subject: String,
    /// For how long it is good
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = span)]
    pub(crate) ttl: Duration,
}

/// A number and a unit; none is longer than a hundred years.
fn span(text: &str) -> Result<Duration, String> {
    const LONGEST: u64 = 100 * 366 * 86_400;
    let wrong = || "write a number and s, m, h or d: 90d, 12h, 30m".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let span = number.checked_mul(seconds).filter(|span| (1..=LONGEST).contains(span)).ok_or_else(wrong)?;
    Ok(Duration::from_secs(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [("90d", 7_776_000), ("12h", 43_200), ("5m", 300), ("1s", 1)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "d", "90", "0d", "-1d", "1.5h", "1w", "99999999999999999999d", "1é", "300000d"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
