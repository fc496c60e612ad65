//! What the event store is asked for.

use event_log::{Between, Order, Places, Spans, parse_offset};
use record_view::TopicName;
use serde::Deserialize;
use shipment_domain::CommandBody;
use shipment_events::Timestamp;

use super::moment;
use crate::store::Wanted;

/// Records on a page, when nothing is said, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;

/// As it was typed, or stands in a link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) shipment: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) partition: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) order: String,
    pub(super) limit: String,
    pub(super) follow: String,
    pub(super) left: String,
    pub(super) at: String,
}

/// The same, understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) wanted: Wanted,
    pub(super) order: Order,
    pub(super) limit: usize,
    /// What the page before has left over.
    pub(super) left: Option<Spans>,
    /// Where to follow from.
    pub(super) at: Places,
}

impl Asked {
    /// Understands it.
    ///
    /// # Errors
    /// All that is wrong with it, a sentence each.
    pub(super) fn search(&self, topic: TopicName) -> Result<Search, Vec<String>> {
        let mut faults = Vec::new();
        let mut moment = |what: &str, text: &str| match moment::read(what, text) {
            Ok(moment) => moment.map(Timestamp::as_millis),
            Err(fault) => {
                faults.push(fault);
                None
            }
        };
        let (since, until) = (moment("From", &self.since), moment("Before", &self.until));
        let mut number = |what: &str, text: &str| {
            let text = text.trim();
            let number = parse_offset(text);
            if number.is_none() && !text.is_empty() {
                faults.push(format!("{what} “{text}” is no number from 0 on."));
            }
            number
        };
        let partition = number("Partition", &self.partition);
        let (from, to) = (number("From offset", &self.from), number("Before offset", &self.to));
        let limit = number("Limit", &self.limit);
        if (from.is_some() || to.is_some()) && partition.is_none() {
            faults.push("An offset is that of a partition: say which.".to_owned());
        }
        let id = self.shipment.trim();
        let shipment = if id.is_empty() { None } else { id.parse().ok() };
        if shipment.is_none() && !id.is_empty() {
            faults.push(format!(
                "“{id}” is no shipment's id. A tracking number is looked up under Shipments, which leads back here."
            ));
        }
        let left = if self.left.is_empty() { None } else { self.left.parse::<Spans>().ok() };
        let at = self.at.parse::<Places>();
        if at.is_err() || (left.is_none() && !self.left.is_empty()) {
            faults.push("The link's place in the topic can't be read: search anew.".to_owned());
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let kind = self.kind.trim();
        Ok(Search {
            wanted: Wanted {
                topic,
                shipment,
                kind: (!kind.is_empty()).then(|| kind.to_owned()),
                partition: partition.map(|n| i32::try_from(n).unwrap_or(i32::MAX)),
                between: Between { since, until, from, to },
            },
            order: self.order(),
            limit: limit.map_or(USUAL, |n| usize::try_from(n).unwrap_or(MOST).clamp(1, MOST)),
            left,
            at: at.unwrap_or_default(),
        })
    }

    pub(super) fn order(&self) -> Order {
        // What comes is put above the rest.
        if self.order == "oldest" && !self.follows() { Order::Oldest } else { Order::Newest }
    }

    pub(super) fn follows(&self) -> bool {
        !self.follow.is_empty()
    }

    /// As a query string: what is asked for, and where to go on.
    pub(super) fn query(&self, left: Option<&Spans>) -> String {
        self.query_with("left", &left.map(ToString::to_string).unwrap_or_default())
    }

    /// The same for who follows: what is asked for, and from where.
    pub(super) fn query_from(&self, at: &Places) -> String {
        self.query_with("at", &at.to_string())
    }

    fn query_with(&self, name: &str, place: &str) -> String {
        let fields = [
            ("shipment", &self.shipment),
            ("type", &self.kind),
            ("since", &self.since),
            ("until", &self.until),
            ("partition", &self.partition),
            ("from", &self.from),
            ("to", &self.to),
            ("order", &self.order),
            ("limit", &self.limit),
        ];
        let all = fields.into_iter().map(|(name, value)| (name, value.as_str())).chain([(name, place)]);
        let given = all.filter(|(_, value)| !value.trim().is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }
}

/// The types of record that a topic has.
pub(super) fn kinds(topic: TopicName) -> &'static [&'static str] {
    match topic {
        TopicName::Events => &[
            "ShipmentRegistered",
            "ShipmentAmended",
            "ScanRecorded",
            "ScanRetracted",
            "ShipmentCancelled",
            "ShipmentArchived",
        ],
        TopicName::Commands => &CommandBody::TYPE_NAMES,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(set: impl FnOnce(&mut Asked)) -> Asked {
        let mut asked = Asked::default();
        set(&mut asked);
        asked
    }

    #[test]
    fn nothing_said_is_the_newest_fifty() {
        let search = Asked::default().search(TopicName::Events).unwrap();
        let (wanted, at) = (Wanted::default(), Places::default());
        let expected = Search { wanted, order: Order::Newest, limit: 50, left: None, at };
        assert_eq!(search, expected);
        assert_eq!(Asked::default().query(None), "");
    }

    #[test]
    fn everything_said_is_understood_and_stands_in_the_link() {
        let all = asked(|asked| {
            asked.shipment = "1c7b2c1e-0b1d-4d0a-9c53-0123456789ab".to_owned();
            asked.kind = "ScanRecorded".to_owned();
            asked.since = "2026-11-27T14:30".to_owned();
            asked.partition = "3".to_owned();
            asked.from = "7".to_owned();
            asked.order = "oldest".to_owned();
            asked.limit = "9000".to_owned();
            asked.left = "3:8-20".to_owned();
        });
        let search = all.search(TopicName::Events).unwrap();
        assert_eq!((search.order, search.limit, search.wanted.partition), (Order::Oldest, 200, Some(3)));
        assert_eq!(search.wanted.between.since, Some(1_795_789_800_000));
        assert_eq!(search.left.unwrap().to_string(), "3:8-20");
        assert_eq!(
            all.query(None),
            "shipment=1c7b2c1e-0b1d-4d0a-9c53-0123456789ab&type=ScanRecorded&since=2026-11-27T14%3A30&partition=3&from=7&order=oldest&limit=9000"
        );
    }

    #[test]
    fn who_follows_sees_the_newest_and_says_from_where() {
        let followed = asked(|asked| {
            asked.order = "oldest".to_owned();
            asked.follow = "1".to_owned();
            asked.at = "0:7,3:9".to_owned();
        });
        let search = followed.search(TopicName::Events).unwrap();
        assert_eq!((search.order, search.at.get(3)), (Order::Newest, Some(9)));
        assert_eq!(followed.query_from(&search.at), "order=oldest&at=0%3A7%2C3%3A9");
        for far in ["9223372036854775807", "99999999999999999999"] {
            let wrong = asked(|asked| far.clone_into(&mut asked.partition));
            assert!(wrong.search(TopicName::Events).is_err(), "{far}");
        }
        assert!(asked(|asked| asked.at = "x".to_owned()).search(TopicName::Events).is_err());
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let wrong = asked(|asked| {
            asked.shipment = "RR123456785DE".to_owned();
            asked.since = "never".to_owned();
            asked.from = "-1".to_owned();
            asked.to = "4".to_owned();
            asked.left = "x".to_owned();
        });
        let faults = wrong.search(TopicName::Events).unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("looked up under Shipments")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("say which")), "{faults:?}");
    }
}
