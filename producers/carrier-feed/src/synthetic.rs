//! People and firms that don't exist.
//!
//! A carrier's scans don't say who sends what to whom, and a registration must. So these are made up, the same at every
//! run: given names and surnames put together by chance, streets called Example Street, and telephone numbers only from
//! the ranges that regulators keep free for fiction (Ofcom in the United Kingdom, Arcep in France, the Bundesnetzagentur
//! in Germany, 555-01xx in North America). Nobody's data is in here.

mod cities;

use shipment_events::{Party, Phone};
use uuid::Uuid;

pub use cities::City;

const GIVEN: [&str; 24] = [
    "Alma", "Bruno", "Carla", "David", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Klara", "Leo",
    "Mina", "Nils", "Olga", "Pablo", "Rosa", "Samir", "Tilda", "Umar", "Vera", "Wim", "Yuna", "Zoe",
];
const SURNAMES: [&str; 24] = [
    "Ahornfeld",
    "Birkwood",
    "Castelvero",
    "Dunmarsh",
    "Elmsford",
    "Fallowby",
    "Gullbrandt",
    "Hazelmere",
    "Iversund",
    "Jadwinka",
    "Kestrelli",
    "Lindqvaard",
    "Mossgrove",
    "Nordhaven",
    "Oakhollow",
    "Pinewright",
    "Quillmoor",
    "Ravensholt",
    "Silverbeck",
    "Thornbury-Vale",
    "Umberfield",
    "Valderoy",
    "Willowmark",
    "Yarrowdale",
];
const SHOPS: [&str; 12] = [
    "Example Books",
    "Example Garden",
    "Example Shoes",
    "Example Toys",
    "Example Audio",
    "Example Tea",
    "Example Bikes",
    "Example Lamps",
    "Example Paper",
    "Example Wool",
    "Example Tools",
    "Example Frames",
];
const STREETS: [&str; 6] =
    ["Example Street", "Sample Road", "Specimen Avenue", "Model Lane", "Placeholder Square", "Test Quay"];

/// Chances that are the same for the same seed, whatever version of whatever library computes them.
#[derive(Debug)]
pub struct Chance {
    seed: Uuid,
    drawn: u32,
}

impl Chance {
    /// Of a seed and a purpose.
    pub fn new(seed: Uuid, purpose: &str) -> Self {
        Self { seed: Uuid::new_v5(&seed, purpose.as_bytes()), drawn: 0 }
    }

    /// A number from 0 to below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.drawn += 1;
        let bits = Uuid::new_v5(&self.seed, &self.drawn.to_be_bytes()).as_u128();
        // The lowest 62 bits are random in a UUID of version 5.
        ((bits as u64) & (u64::MAX >> 2)) as usize % n.max(1)
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len())]
    }
}

/// A person in a city.
pub fn person(chance: &mut Chance, city: &City) -> Party {
    let name = format!("{} {}", chance.one_of(&GIVEN), chance.one_of(&SURNAMES));
    party(chance, city, name)
}

/// A shop in a city.
pub fn shop(chance: &mut Chance, city: &City) -> Party {
    let name = format!("{} {}", chance.one_of(&SHOPS), city.name);
    party(chance, city, name)
}

fn party(chance: &mut Chance, city: &City, name: String) -> Party {
    let street = format!("{} {}", chance.one_of(&STREETS), chance.below(199) + 1);
    Party { name, phone: Some(phone(chance, city.country)), address: Some(city.address(street)) }
}

/// A number nobody has: from the country's own range for fiction where it has one, else from France's, the largest.
fn phone(chance: &mut Chance, country: &str) -> Phone {
    let number = match country {
        // Area code, then 555-0100 to 555-0199.
        "US" => format!(
            "+1{}55501{:02}",
            chance.one_of(&["212", "312", "206", "303", "415", "617"]),
            chance.below(100)
        ),
        "CA" => format!("+1{}55501{:02}", chance.one_of(&["416", "514", "604"]), chance.below(100)),
        "GB" => format!("+447700900{:03}", chance.below(1000)),
        "DE" => format!("+493023125{:03}", chance.below(1000)),
        _ => format!(
            "+33{}{:04}",
            chance.one_of(&["19900", "26191", "35301", "46571", "53649", "63998"]),
            chance.below(10_000)
        ),
    };
    Phone::new(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_made_of_valid_parts_and_from_a_range_for_fiction() {
        for (n, city) in City::all().iter().cycle().take(2000).enumerate() {
            let mut chance = Chance::new(Uuid::from_u128(n as u128), "test");
            let party = if n % 2 == 0 { person(&mut chance, city) } else { shop(&mut chance, city) };
            let phone = party.phone.unwrap();
            let digits = phone.as_str().strip_prefix('+').unwrap();
            assert!((10..=13).contains(&digits.len()), "{digits}");
            let fiction = digits.starts_with("447700900")
                || digits.starts_with("493023125")
                || (digits.starts_with('1') && &digits[4..9] == "55501")
                || ["3319900", "3326191", "3335301", "3346571", "3353649", "3363998"]
                    .iter()
                    .any(|p| digits.starts_with(p));
            assert!(fiction, "{digits}");
        }
    }

    #[test]
    fn the_same_seed_has_the_same_chances() {
        let draw = |seed| {
            let mut chance = Chance::new(Uuid::from_u128(seed), "x");
            (0..20).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
