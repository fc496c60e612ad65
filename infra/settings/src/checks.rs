//! What a value may be, beyond its type.

/// A condition on a value, with the words that describe it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Anything of the type.
    Any,
    /// A number from the first to the second, both included.
    Between(u64, u64),
    /// Text that the function accepts.
    Text(&'static str, fn(&str) -> bool),
}

impl Rule {
    /// What is allowed, to follow "must be".
    pub(crate) fn describe(&self, type_name: &str) -> String {
        match self {
            Self::Any => type_name.to_owned(),
            Self::Between(low, high) => format!("{type_name} from {low} to {high}"),
            Self::Text(what, _) => (*what).to_owned(),
        }
    }

    /// Whether the plain text of a value passes.
    pub(crate) fn accepts(&self, plain: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Between(low, high) => plain.parse().is_ok_and(|n: u64| (*low..=*high).contains(&n)),
            Self::Text(_, check) => check(plain),
        }
    }
}

/// `host:port`, one or several with commas between.
pub(crate) const HOST_PORTS: Rule =
    Rule::Text("host:port, or several with commas between (host1:9092,host2:9092)", |text| {
        !text.is_empty() && text.split(',').all(|part| is_host_port(part.trim()))
    });

/// A name or an address alone.
pub(crate) const HOST: Rule = Rule::Text("a host's name or address; IPv6 in brackets", |text| {
    is_host_port(&format!("{text}:1")) && (text.starts_with('[') || !text.contains(':'))
});

/// An `http://` or `https://` address.
pub(crate) const HTTP_URL: Rule = Rule::Text("an address that begins with http:// or https://", |text| {
    ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    }) && !text.contains(char::is_whitespace)
});

/// What Kafka allows in a topic's name, with room for what follows the prefix.
pub(crate) const TOPIC_PREFIX: Rule =
    Rule::Text("1 to 200 of the characters a-z A-Z 0-9 . _ -", |text| is_name(text, 200, "._-"));

/// What CQL allows in a keyspace's unquoted name, with room for a generation's suffix.
pub(crate) const KEYSPACE: Rule = Rule::Text("1 to 40 of the characters a-z 0-9 _, a letter first", |text| {
    is_name(text, 40, "_")
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.contains(|c: char| c.is_ascii_uppercase())
});

/// A name that goes into Kafka group, instance and transactional ids.
pub(crate) const NAME: Rule =
    Rule::Text("1 to 120 of the characters a-z A-Z 0-9 . _ -", |text| is_name(text, 120, "._-"));

/// Names of roles in the database.
pub(crate) const ROLES: Rule =
    Rule::Text("names with commas between, each of the characters a-z A-Z 0-9 . _ -", |text| {
        text.is_empty() || text.split(',').all(|name| is_name(name.trim(), 120, "._-"))
    });

/// A secret that can't be guessed.
pub(crate) const SECRET_16: Rule =
    Rule::Text("at least 16 characters (for example from `openssl rand -hex 32`)", |text| {
        text.chars().count() >= 16
    });

/// A part of a whole.
pub(crate) const SHARE: Rule = Rule::Text("a number from 0 to 1", |text| {
    text.parse().is_ok_and(|share: f64| (0.0..=1.0).contains(&share))
});

/// A level of log lines, or levels by module.
pub(crate) const LOG_LEVEL: Rule =
    Rule::Text("off, error, warn, info, debug or trace, or by module as in info,projector=debug", |text| {
        text.split(',').all(|part| match part.split_once('=') {
            Some((module, level)) => is_name(module, 120, "_:-") && is_level(level),
            None => is_level(part),
        })
    });

fn is_level(text: &str) -> bool {
    ["off", "error", "warn", "info", "debug", "trace"].contains(&text.to_ascii_lowercase().as_str())
}

fn is_host_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(|c: char| c.is_whitespace() || c == '/')
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

fn is_name(text: &str, longest: usize, also: &str) -> bool {
    (1..=longest).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_host_and_a_port() {
        for good in ["127.0.0.1:9092", "kafka-1:9092,kafka-2:9092", "[::1]:9092", "a:1, b:2"] {
            assert!(HOST_PORTS.accepts(good), "{good}");
        }
        for bad in ["", "localhost", ":9092", "http://host:80/", "host:0", "host:99999", "a:1,,b:2"] {
            assert!(!HOST_PORTS.accepts(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_has_no_port() {
        for good in ["127.0.0.1", "query.example", "[::1]"] {
            assert!(HOST.accepts(good), "{good}");
        }
        for bad in ["", "host:80", "::1", "a b", "http://host"] {
            assert!(!HOST.accepts(bad), "{bad}");
        }
    }

    #[test]
    fn urls_need_a_scheme_and_a_host() {
        assert!(HTTP_URL.accepts("http://127.0.0.1:8081/apis/ccompat/v7"));
        for bad in ["127.0.0.1:8081", "http://", "http:///x", "ftp://host", "http://a b"] {
            assert!(!HTTP_URL.accepts(bad), "{bad}");
        }
    }

    #[test]
    fn a_share_is_between_nothing_and_all() {
        for good in ["0", "1", "0.01", "1e-4"] {
            assert!(SHARE.accepts(good), "{good}");
        }
        for bad in ["", "-0.1", "1.01", "NaN", "half"] {
            assert!(!SHARE.accepts(bad), "{bad}");
        }
    }

    #[test]
    fn levels_may_be_said_by_module() {
        for good in ["info", "WARN", "info,projector=debug", "off,query_api::live=trace"] {
            assert!(LOG_LEVEL.accepts(good), "{good}");
        }
        for bad in ["", "loud", "info,projector=loud", "info,", "info, debug", "=debug", "projector"] {
            assert!(!LOG_LEVEL.accepts(bad), "{bad}");
        }
    }

    #[test]
    fn names_stay_within_what_kafka_and_cql_take() {
        assert!(TOPIC_PREFIX.accepts("parceltrack.test-1_2"));
        assert!(!TOPIC_PREFIX.accepts("parcel track"));
        assert!(KEYSPACE.accepts("parceltrack_g1"));
        for bad in ["Parceltrack", "1st", "a-b", ""] {
            assert!(!KEYSPACE.accepts(bad), "{bad}");
        }
    }
}
