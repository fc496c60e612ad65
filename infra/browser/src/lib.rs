//! A real headless Chromium for tests, driven over WebDriver, with a profile of its own that nobody used before.
//!
//! [`Browser::open`] starts Debian's `chromium` by its `chromedriver`; dropping it ends both. What a page says on the console, a
//! policy that it breaks and a file that it can't load are complaints, and a test fails by [`Browser::expect_no_complaints`].
//! [`Browser::expect_accessible`] runs axe-core, which `infra/scripts/prerequisites.sh test` fetches once.
//!
//! As in any test, what goes wrong panics, and says where it was asked for.
#![forbid(unsafe_code)]

mod axe;
mod commands;
mod complaints;
mod driver;
mod keyboard;
mod look;
mod page;
mod weight;
mod window;

pub use axe::axe_is_missing;
pub use driver::chromium_is_missing;
pub use look::Look;
pub use weight::{Load, Part};
pub use window::Browser;
