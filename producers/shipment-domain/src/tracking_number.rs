//! The Universal Postal Union's S10 identifier: two letters, eight digits, a check digit, two letters.

const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// Whether the number has the form of S10 and yet its check digit is another than the eight digits before it make.
pub(crate) fn has_wrong_check_digit(number: &str) -> bool {
    let bytes = number.as_bytes();
    let has_form = bytes.len() == 13
        && [&bytes[..2], &bytes[11..]].concat().iter().all(u8::is_ascii_alphabetic)
        && bytes[2..11].iter().all(u8::is_ascii_digit);
    has_form && check_digit(&bytes[2..10]) != u32::from(bytes[10] - b'0')
}

fn check_digit(digits: &[u8]) -> u32 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_numbers_pass() {
        // Of real parcels, one for each carrier's country: DE, CA, BR, BE, FR, CN, NL.
        for number in [
            "RC295935219DE",
            "LM029042024CA",
            "BE058714266BR",
            "LE223553042BE",
            "EW112720413FR",
            "RA287813139CN",
            "LX210720682NL",
        ] {
            assert!(!has_wrong_check_digit(number), "{number}");
        }
    }

    #[test]
    fn the_two_special_remainders_have_their_digits() {
        // Remainder 1 makes ten, written 0; remainder 0 makes eleven, written 5.
        assert_eq!(check_digit(b"00000000"), 5);
        assert_eq!(check_digit(b"00000300"), 7);
        assert_eq!(check_digit(b"00000008"), 0);
    }

    #[test]
    fn any_single_wrong_digit_is_found() {
        let number = "RC295935219DE";
        for at in 2..11 {
            for digit in '0'..='9' {
                let mut wrong: Vec<char> = number.chars().collect();
                wrong[at] = digit;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(has_wrong_check_digit(&wrong), wrong != number, "{wrong}");
            }
        }
    }

    #[test]
    fn another_form_is_not_checked() {
        for number in
            ["1Z999AA10123456784", "RC295935218D", "RC29593521XDE", "R1295935218DE", "", "ÄC2959352189DE"]
        {
            assert!(!has_wrong_check_digit(number), "{number}");
        }
        assert!(has_wrong_check_digit("rc295935218de"), "small letters are the same form");
    }
}
