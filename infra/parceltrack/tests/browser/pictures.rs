//! Pictures of the main pages, for the documents; taken when `PT_TEST_PICTURES` names a folder (`make pictures`).

use std::path::{Path, PathBuf};

use browser::{Browser, Look};

use crate::Named;
use crate::parcel::Parcel;
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[("pictures::are_taken", taken)];

const FOLDER: &str = "PT_TEST_PICTURES";

/// Nobody asked for pictures.
pub(crate) fn are_not_wanted() -> bool {
    std::env::var_os(FOLDER).is_none()
}

/// Two pixels for one, so that letters are sharp.
const PHONE: Look = Look { scale: 2.0, ..Look::PHONE };

fn taken(world: &mut World) {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("a folder for pictures"));
    std::fs::create_dir_all(folder.join("moving")).unwrap();
    let parcel = moving(world, &folder.join("moving"));
    let browser = Browser::open(&Look::DESKTOP);
    let page = parcel.page(world);
    for (name, look, url) in [
        ("tracking-desktop", Look::DESKTOP, page.clone()),
        ("tracking-phone", PHONE, page.clone()),
        ("tracking-phone-dark", Look { dark: true, ..PHONE }, page.clone()),
        ("tracking-phone-arabic", Look { language: "ar", ..PHONE }, page),
    ] {
        browser.look(&look);
        browser.go(&url);
        browser.until("!document.querySelector('#main[data-live]') || document.querySelector('.live')");
        save(&browser, &folder, name);
    }
}

/// A parcel on its way, a picture at each step.
fn moving(world: &World, folder: &Path) -> Parcel {
    let parcel = Parcel::register(world, "RR123456785DE", 1);
    let browser = Browser::open(&Look { height: 640, ..Look::PHONE });
    browser.go(&parcel.page(world));
    browser.until_shown(".live", "Updates by itself");
    save(&browser, folder, "0");
    for (n, (status, city, minutes_ago)) in [
        ("info_received", "Hamburg", 1_900),
        ("picked_up", "Hamburg", 1_500),
        ("in_transit", "Hannover", 1_100),
        ("in_transit", "Kornwestheim", 400),
        ("out_for_delivery", "Ulm", 150),
        ("delivered", "Ulm", 2),
    ]
    .into_iter()
    .enumerate()
    {
        let before = browser.run("return Number(document.querySelector('main').dataset.version)", &[]);
        parcel.scan(world, status, city, minutes_ago);
        browser.until(&format!("Number(document.querySelector('main').dataset.version) > {before}"));
        save(&browser, folder, &(n + 1).to_string());
    }
    parcel
}

fn save(browser: &Browser, folder: &Path, name: &str) {
    std::fs::write(folder.join(format!("{name}.png")), browser.picture()).unwrap();
}
