//! Carriers that don't exist, the hubs they carry over, and how long that takes.

use shipment_events::Status;

use crate::synthetic::{Chance, City};

/// The words of a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    English,
    German,
    French,
}

/// A carrier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carrier {
    pub(super) name: &'static str,
    pub(super) language: Language,
    /// Whether it numbers its parcels as the postal union does.
    pub(super) postal: bool,
    /// Whether it gives each scan an id of its own.
    pub(super) names_scans: bool,
}

const CARRIERS: [Carrier; 4] = [
    Carrier { name: "northline-parcel", language: Language::English, postal: false, names_scans: true },
    Carrier { name: "rossfeld-post", language: Language::German, postal: true, names_scans: false },
    Carrier { name: "meridian-express", language: Language::English, postal: false, names_scans: false },
    Carrier { name: "petit-messager", language: Language::French, postal: false, names_scans: true },
];

const HUBS: [&str; 8] =
    ["Leipzig", "Paris", "London", "Memphis", "Los Angeles", "Hong Kong", "Singapore", "São Paulo"];

impl Carrier {
    pub(super) fn any(chance: &mut Chance) -> Self {
        *chance.one_of(&CARRIERS)
    }

    /// A tracking number in this carrier's form.
    pub(super) fn tracking_number(self, chance: &mut Chance, country: &str) -> String {
        if self.postal {
            let digits: Vec<usize> = (0..8).map(|_| chance.below(10)).collect();
            let weights = [8, 6, 4, 2, 3, 5, 9, 7];
            let check = match 11 - digits.iter().zip(weights).map(|(d, w)| d * w).sum::<usize>() % 11 {
                10 => 0,
                11 => 5,
                digit => digit,
            };
            let digits: String = digits.iter().map(ToString::to_string).collect();
            return format!("RX{digits}{check}{country}");
        }
        let prefix: String = self.name.split('-').filter_map(|w| w.chars().next()).collect();
        format!("{}{:06}{:06}", prefix.to_uppercase(), chance.below(1_000_000), chance.below(1_000_000))
    }

    /// How it reports a status: code and words.
    pub(super) fn words(self, what: What) -> (&'static str, &'static str) {
        let (code, english, german, french) = what.words();
        (
            code,
            match self.language {
                Language::English => english,
                Language::German => german,
                Language::French => french,
            },
        )
    }
}

macro_rules! scans {
    ($($name:ident = $status:ident, $code:literal, $english:literal, $german:literal, $french:literal;)+) => {
        /// What a scan can report.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum What {
            $($name,)+
        }

        impl What {
            pub(super) fn status(self) -> Status {
                match self { $(Self::$name => Status::$status,)+ }
            }

            fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($code, $english, $german, $french),)+ }
            }
        }
    };
}

scans! {
    Announced = InfoReceived, "INF", "Shipment data received", "Sendungsdaten erhalten", "Données de l'envoi reçues";
    Lapsed = Expired, "EXP", "Announcement expired", "Ankündigung abgelaufen", "Annonce expirée";
    Voided = Cancelled, "VOI", "Shipment voided", "Sendung storniert", "Envoi annulé";
    Collected = PickedUp, "COL", "Collected from sender", "Beim Absender abgeholt", "Enlevé chez l'expéditeur";
    Arrived = InTransit, "ARR", "Arrived at facility", "In der Station angekommen", "Arrivé au centre";
    Departed = InTransit, "DEP", "Departed facility", "Station verlassen", "Parti du centre";
    Found = InTransit, "FND", "Parcel found and forwarded", "Paket gefunden und weitergeleitet", "Colis retrouvé et réacheminé";
    ClearanceBegun = Customs, "CU1", "Customs clearance begun", "Verzollung begonnen", "Dédouanement commencé";
    ClearanceDone = Customs, "CU2", "Released by customs", "Vom Zoll freigegeben", "Libéré par la douane";
    Held = OnHold, "HLD", "Held, awaiting documents", "Angehalten, Unterlagen fehlen", "Retenu, documents manquants";
    Late = Delayed, "DLY", "Delayed in transit", "Verspätet", "Retardé";
    Out = OutForDelivery, "OFD", "Out for delivery", "In Zustellung", "En cours de livraison";
    NobodyHome = AttemptFailed, "NHM", "Nobody home", "Empfänger nicht angetroffen", "Destinataire absent";
    AtShop = AvailableForPickup, "SHP", "Ready for pickup at the parcel shop", "Abholbereit im Paketshop", "À retirer au point relais";
    HandedOver = Delivered, "DLV", "Delivered", "Zugestellt", "Livré";
    Trouble = Exception, "EXC", "Address problem", "Adresse unvollständig", "Adresse incomplète";
    Broken = Damaged, "DMG", "Damage found", "Beschädigung festgestellt", "Colis endommagé";
    Gone = Lost, "LST", "Missing, investigation begun", "Vermisst, Nachforschung begonnen", "Introuvable, enquête ouverte";
    Refused = Returning, "REF", "Refused, on its way back", "Annahme verweigert, geht zurück", "Refusé, en retour";
    BackHome = Returned, "RTS", "Delivered to the sender", "An den Absender zugestellt", "Rendu à l'expéditeur";
    Destroyed = Disposed, "DSP", "Disposed of", "Vernichtet", "Détruit";
}

/// One place on the way, and how many minutes it takes to get there from the one before.
pub(super) struct Stop {
    pub(super) city: &'static City,
    pub(super) facility: String,
    pub(super) minutes: i64,
    /// The border is crossed on the way here.
    pub(super) customs: bool,
}

/// The way from city to city: the depot, over the nearest hubs where it is far, to the depot there.
pub(super) fn route(chance: &mut Chance, from: &'static City, to: &'static City) -> Vec<Stop> {
    let mut cities = vec![from];
    if from.kilometres_to(to) > 300.0 {
        for hub in [nearest_hub(from), nearest_hub(to)].into_iter().flatten() {
            if cities.last() != Some(&hub) && hub != to {
                cities.push(hub);
            }
        }
    }
    if cities.last() != Some(&to) || cities.len() == 1 {
        cities.push(to);
    }
    let mut before = from;
    let last = cities.len() - 1;
    cities
        .iter()
        .enumerate()
        .map(|(n, city)| {
            let hub = n > 0 && n < last;
            let stop = Stop {
                city,
                facility: format!("{} {}", city.name, if hub { "Hub" } else { "Depot" }),
                minutes: minutes(chance, before, city),
                customs: n > 0 && before.country != city.country && border(before, city),
            };
            before = city;
            stop
        })
        .collect()
}

fn nearest_hub(city: &City) -> Option<&'static City> {
    let hubs = City::all().iter().filter(|c| HUBS.contains(&c.name));
    hubs.min_by(|a, b| a.kilometres_to(city).total_cmp(&b.kilometres_to(city)))
}

/// Lorries to 900 km, aeroplanes beyond, and the waiting before either.
fn minutes(chance: &mut Chance, from: &City, to: &City) -> i64 {
    let km = from.kilometres_to(to);
    let hours = if km < 900.0 { km / 65.0 } else { 2.0 + km / 780.0 };
    (hours * 60.0) as i64 + 30 + chance.below(150) as i64
}

/// Within the European Union nobody stops at a border.
fn border(from: &City, to: &City) -> bool {
    const UNION: [&str; 15] =
        ["AT", "BE", "CZ", "DE", "DK", "ES", "FI", "FR", "HU", "IE", "IT", "NL", "PL", "PT", "SE"];
    !(UNION.contains(&from.country) && UNION.contains(&to.country))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(name: &str) -> &'static City {
        City::all().iter().find(|c| c.name == name).unwrap()
    }

    fn names(from: &str, to: &str) -> Vec<&'static str> {
        let mut chance = Chance::new(uuid::Uuid::nil(), "test");
        route(&mut chance, city(from), city(to)).iter().map(|s| s.city.name).collect()
    }

    #[test]
    fn parcels_go_over_the_hubs_where_it_is_far() {
        assert_eq!(names("Hamburg", "Berlin"), ["Hamburg", "Berlin"]);
        assert_eq!(names("Berlin", "Seattle"), ["Berlin", "Leipzig", "Los Angeles", "Seattle"]);
        assert_eq!(names("Leipzig", "Memphis"), ["Leipzig", "Memphis"]);
        assert_eq!(names("Wien", "Wien"), ["Wien", "Wien"]);
    }

    #[test]
    fn postal_numbers_pass_their_own_check() {
        let mut chance = Chance::new(uuid::Uuid::nil(), "numbers");
        for _ in 0..200 {
            let number = CARRIERS[1].tracking_number(&mut chance, "DE");
            let command = crate::registration::registration(
                "x",
                &number,
                None,
                shipment_events::Timestamp::from_millis(1_700_000_000_000),
            );
            assert!(!crate::registration::is_numberless(&command), "{number}");
        }
    }
}
