//! Parcels of a test's own, by commands through the gateway as a shop and a carrier send them.

use chrono::{Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::world::World;

/// A registered parcel.
pub(crate) struct Parcel {
    pub(crate) id: String,
    pub(crate) number: String,
}

impl Parcel {
    /// Registered just now, from Hamburg to Ulm, promised for so many days from today.
    pub(crate) fn register(world: &World, number: &str, promised_in_days: i64) -> Self {
        let answer = post(world, "/api/v1/shipments", &registration(number, promised_in_days));
        let parcel =
            Self { id: answer["shipment_id"].as_str().unwrap().to_owned(), number: number.to_owned() };
        let path = format!("/api/v1/tracking/{number}");
        crate::system::eventually("the number is known", || {
            world.system.http.get(world.at(&path)).send().is_ok_and(|answer| answer.status() == 200)
        });
        parcel
    }

    /// Scanned there, so many minutes ago, on a clock an hour ahead of UTC.
    pub(crate) fn scan(&self, world: &World, status: &str, city: &str, minutes_ago: i64) {
        let zone = chrono::FixedOffset::east_opt(3_600).unwrap();
        let time = (Utc::now() - Duration::minutes(minutes_ago)).with_timezone(&zone);
        let scan = json!({
            "time": time.to_rfc3339_opts(SecondsFormat::Secs, false),
            "status": status,
            "carrier": "dhl",
            "tracking_number": self.number,
            "place": { "city": city, "country": "DE" },
        });
        post(world, &format!("/api/v1/shipments/{}/scans", self.id), &scan);
    }

    /// Its page.
    pub(crate) fn page(&self, world: &World) -> String {
        world.at(&format!("/track/{}", self.number))
    }
}

/// What a shop says of a parcel from Hamburg to Ulm.
pub(crate) fn registration(number: &str, promised_in_days: i64) -> Value {
    let promised = (Utc::now() + Duration::days(promised_in_days)).date_naive();
    json!({
        "customer_id": "shop-7",
        "sender": { "name": "Lamp Shop", "phone": "+4930123456789" },
        "recipient": { "name": "Ada Example", "phone": "+4915112345678" },
        "origin": { "city": "Hamburg", "country": "DE" },
        "destination": { "city": "Ulm", "postal_code": "89073", "country": "DE" },
        "weight_grams": 1250,
        "promised_delivery": promised.to_string(),
        "carrier": "dhl",
        "tracking_number": number,
    })
}

fn post(world: &World, path: &str, body: &Value) -> Value {
    let answer = world.system.http.post(world.at(path)).json(body).send().unwrap();
    assert_eq!(answer.status(), 201, "{path}");
    answer.json().unwrap()
}
