//! What was typed into a command's form.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::What;
use super::moment;
use crate::backend::Answer;

/// Every field that some command's form has.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub(super) struct Typed {
    pub(super) key: String,
    /// Of the shipment as the confirmation showed it; empty where it was not shown.
    pub(super) tag: String,
    pub(super) confirmed: String,
    pub(super) event: String,
    pub(super) reason: String,
    pub(super) time: String,
    pub(super) status: String,
    pub(super) carrier: String,
    pub(super) tracking_number: String,
    pub(super) city: String,
    pub(super) country: String,
    pub(super) weight_grams: String,
    pub(super) promised_delivery: String,
}

impl Typed {
    /// All but whether it is confirmed.
    pub(super) fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("key", &self.key),
            ("tag", &self.tag),
            ("event", &self.event),
            ("reason", &self.reason),
            ("time", &self.time),
            ("status", &self.status),
            ("carrier", &self.carrier),
            ("tracking_number", &self.tracking_number),
            ("city", &self.city),
            ("country", &self.country),
            ("weight_grams", &self.weight_grams),
            ("promised_delivery", &self.promised_delivery),
        ]
    }

    /// About the shipment as it stands, unless it was said already: with the same key it must be the same command.
    pub(super) fn at(mut self, stands: Option<&Answer<Value>>) -> Self {
        if self.tag.is_empty() {
            self.tag = stands.and_then(|stands| stands.tag.clone()).unwrap_or_default();
        }
        self
    }

    /// As another command, which may say the same.
    pub(super) fn anew(self) -> Self {
        Self { key: Uuid::now_v7().to_string(), tag: String::new(), ..self }
    }

    /// The body of the command, sent by whoever goes by this name. The command API checks it whole.
    ///
    /// # Errors
    /// What can't even be sent, a sentence each.
    pub(super) fn body(&self, what: What, who: &str) -> Result<Value, Vec<String>> {
        let (mut body, mut faults) = (Map::new(), Vec::new());
        if !(1..=255).contains(&self.key.len()) {
            faults.push("The form has lost its key: begin again from the shipment's page.".to_owned());
        }
        let mut put = |name: &str, text: &str| {
            let text = text.trim();
            if !text.is_empty() {
                body.insert(name.to_owned(), text.into());
            }
        };
        put("actor", who);
        match what {
            What::Cancellation | What::Archive => put("reason", &self.reason),
            What::Retraction => {
                put("reason", &self.reason);
                if self.event.trim().parse::<Uuid>().is_err() {
                    faults.push(
                        "Which scan? Its event's id is a UUID; the scans on the shipment's page lead here."
                            .to_owned(),
                    );
                }
            }
            What::Scan => {
                put("status", &self.status);
                put("carrier", &self.carrier);
                put("tracking_number", &self.tracking_number);
                match moment::read("When", &self.time) {
                    Ok(Some(time)) => put("time", &time.to_string()),
                    Ok(None) => faults.push("When was it seen?".to_owned()),
                    Err(fault) => faults.push(fault),
                }
                if self.status.is_empty() || self.carrier.trim().is_empty() {
                    faults.push("A scan has a meaning and a carrier.".to_owned());
                }
                self.put_place("place", &mut body);
            }
            What::Amendment => {
                put("carrier", &self.carrier);
                put("tracking_number", &self.tracking_number);
                put("promised_delivery", &self.promised_delivery);
                let grams = self.weight_grams.trim();
                match grams.parse::<i64>() {
                    Ok(grams) => drop(body.insert("weight_grams".to_owned(), grams.into())),
                    Err(_) if grams.is_empty() => {}
                    Err(_) => faults.push(format!("“{grams}” is no number of grams.")),
                }
                self.put_place("destination", &mut body);
                if body.len() == 1 {
                    faults.push("Nothing is filled in, so nothing would change.".to_owned());
                }
            }
        }
        if faults.is_empty() { Ok(Value::Object(body)) } else { Err(faults) }
    }

    fn put_place(&self, name: &str, body: &mut Map<String, Value>) {
        let (city, country) = (self.city.trim(), self.country.trim().to_uppercase());
        let mut place = json!({});
        for (name, text) in [("city", city), ("country", country.as_str())] {
            if !text.is_empty() {
                place[name] = text.into();
            }
        }
        if place.as_object().is_some_and(|place| !place.is_empty()) {
            body.insert(name.to_owned(), place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(set: impl FnOnce(&mut Typed)) -> Typed {
        let mut typed = Typed { key: "k".to_owned(), ..Typed::default() };
        set(&mut typed);
        typed
    }

    #[test]
    fn a_body_has_what_was_typed_and_who_typed_it() {
        let scan = typed(|typed| {
            typed.time = "2026-11-27T14:30".to_owned();
            typed.status = "in_transit".to_owned();
            typed.carrier = " dhl ".to_owned();
            typed.city = "Ulm".to_owned();
            typed.country = "de".to_owned();
        });
        assert_eq!(
            scan.body(What::Scan, "key:1"),
            Ok(json!({
                "actor": "key:1", "status": "in_transit", "carrier": "dhl", "time": "2026-11-27T14:30:00.000Z",
                "place": { "city": "Ulm", "country": "DE" }
            }))
        );
        let amendment = typed(|typed| typed.weight_grams = "900".to_owned());
        assert_eq!(amendment.body(What::Amendment, "k"), Ok(json!({ "actor": "k", "weight_grams": 900 })));
    }

    #[test]
    fn each_field_goes_through_the_confirmation() {
        let Ok(Value::Object(mut all)) = serde_json::to_value(Typed::default()) else { panic!() };
        for (name, value) in &mut all {
            *value = name.as_str().into();
        }
        let typed: Typed = serde_json::from_value(all.clone().into()).unwrap();
        let through = typed.fields().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        let through: Map<String, Value> = through.collect();
        all.remove("confirmed");
        assert_eq!(through, all);
    }

    #[test]
    fn what_can_not_be_sent_says_why() {
        for (what, typed, says) in [
            (What::Cancellation, Typed::default(), "lost its key"),
            (What::Retraction, typed(|typed| typed.event = "x".to_owned()), "Which scan?"),
            (What::Scan, typed(|_| {}), "When was it seen?"),
            (What::Amendment, typed(|_| {}), "Nothing is filled in"),
            (What::Amendment, typed(|typed| typed.weight_grams = "heavy".to_owned()), "no number of grams"),
        ] {
            let faults = typed.body(what, "key:1").unwrap_err().join(" ");
            assert!(faults.contains(says), "{what:?}: {faults}");
        }
    }
}
