//! `/track`: the page for everybody.

mod live;
mod readers;
mod shown;

use crate::Named;

pub(crate) const TESTS: &[&[Named]] = &[live::TESTS, shown::TESTS, readers::TESTS];
