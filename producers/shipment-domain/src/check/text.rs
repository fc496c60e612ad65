//! The rules of single values.

use crate::{Why, country, limits, tracking_number};

/// One line that must say something: not blank, no longer than the limit, nothing invisible in it or around it.
pub(super) fn line(text: &str, limit: usize) -> Result<(), Why> {
    shown(text, limit)?;
    if text.chars().any(char::is_control) { Err(Why::ControlCharacter) } else { Ok(()) }
}

/// Like [`line`], but there may be several.
pub(super) fn lines(text: &str, limit: usize) -> Result<(), Why> {
    shown(text, limit)?;
    if text.chars().any(|c| c.is_control() && c != '\n') { Err(Why::ControlCharacter) } else { Ok(()) }
}

/// Text as a machine sent it: only its length is checked, because a scan is a fact and its raw parts are evidence.
pub(super) fn raw(text: &str, limit: usize) -> Result<(), Why> {
    let characters = text.chars().count();
    if characters > limit { Err(Why::TooLong { characters, limit }) } else { Ok(()) }
}

/// `+` and 10 to 13 digits.
pub(super) fn phone(text: &str) -> Result<(), Why> {
    let digits = text.strip_prefix('+').ok_or(Why::NotAPhone)?;
    let well_formed = (10..=13).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if well_formed { Ok(()) } else { Err(Why::NotAPhone) }
}

/// ISO 3166-1 alpha-2.
pub(super) fn country(code: &str) -> Result<(), Why> {
    if country::exists(code) { Ok(()) } else { Err(Why::NotACountry) }
}

/// A tracking number as the shop gives it: people will look it up, so nothing in it may be invisible.
pub(super) fn tracking_number(text: &str) -> Result<(), Why> {
    if text.is_empty() {
        return Err(Why::Blank);
    }
    raw(text, limits::TRACKING_NUMBER)?;
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Why::NotPrintableAscii);
    }
    if tracking_number::has_wrong_check_digit(text) { Err(Why::WrongCheckDigit) } else { Ok(()) }
}

/// A moment between 1990 and 2100, in milliseconds.
pub(super) fn moment(millis: i64) -> Result<(), Why> {
    if (limits::EARLIEST_MS..limits::LATEST_MS).contains(&millis) {
        Ok(())
    } else {
        Err(Why::OutOfRange("from 1990 to 2099"))
    }
}

/// Degrees within plus or minus the bound. Neither infinite nor NaN.
pub(super) fn degrees(value: f64, bound: f64, range: &'static str) -> Result<(), Why> {
    if (-bound..=bound).contains(&value) { Ok(()) } else { Err(Why::OutOfRange(range)) }
}

fn shown(text: &str, limit: usize) -> Result<(), Why> {
    if text.trim().is_empty() {
        return Err(Why::Blank);
    }
    raw(text, limit)?;
    if text.trim().len() == text.len() { Ok(()) } else { Err(Why::SpaceAround) }
}
