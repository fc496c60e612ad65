//! The public tracking page: HTML that works without a script, in four languages, under 50 kB with all that it needs.
//!
//! Pure: what was found goes in, markup comes out. It is given the public tracking view and nothing else, so it can't show more
//! than `GET /api/v1/tracking/{number}` does.

mod address;
mod answers;
mod asked;
mod card;
mod carrier;
mod dates;
mod frame;
mod language;
mod parcel;
mod place;
mod promise;
mod reader;
mod search;
mod stages;
mod texts;
mod timeline;

#[cfg(test)]
mod tests;

use http_api::html::Asset;

pub(crate) use self::address::{Address, With};
pub(crate) use self::answers::{Found, Looked, away, found, start};
pub(crate) use self::asked::{Asked, MOST};
pub(crate) use self::language::Language;
pub(crate) use self::reader::Reader;

const STYLE: Asset = Asset::css("page", include_str!("page/page.css"));
const SCRIPT: Asset = Asset::js("page", include_str!("page/page.js"));
const ICON: Asset = Asset::svg("icon", include_str!("page/icon.svg"));

/// The files that the page needs, and all of them.
pub(crate) const ASSETS: &[Asset] = &[STYLE, SCRIPT, ICON];
