//! Pictures of the main pages, for the documents; taken when `PT_TEST_PICTURES` names a folder (`make pictures`).

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use browser::{Browser, Look};

use crate::Named;
use crate::console::signed_in;
use crate::parcel::{Parcel, registration};
use crate::world::World;

pub(crate) const TESTS: &[Named] = &[("pictures::are_taken", taken)];

const FOLDER: &str = "PT_TEST_PICTURES";

/// Nobody asked for pictures.
pub(crate) fn are_not_wanted() -> bool {
    std::env::var_os(FOLDER).is_none()
}

/// Two pixels for one, so that letters are sharp.
const PHONE: Look = Look { width: 390, height: 780, scale: 2.0, ..Look::PHONE };

/// The console's main pages; `{id}` is a shipment's.
const CONSOLE: [(&str, &str); 6] = [
    ("shipments", "/console/shipments"),
    ("shipment", "/console/shipments/{id}"),
    ("events", "/console/events"),
    ("projections", "/console/projections"),
    ("services", "/console/services"),
    ("config", "/console/config/query_api.min_version_wait_ms"),
];

fn taken(world: &mut World) {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("a folder for pictures"));
    std::fs::create_dir_all(folder.join("moving")).unwrap();
    let traffic = Traffic::begin(world);
    let parcel = moving(world, &folder.join("moving"));
    tracking(world, &folder, &parcel);
    console(world, &folder, &parcel);
    drop(traffic);
}

fn tracking(world: &World, folder: &Path, parcel: &Parcel) {
    let browser = Browser::open(&Look::DESKTOP);
    for (name, look) in [
        ("tracking-desktop", Look::DESKTOP),
        ("tracking-phone", PHONE),
        ("tracking-phone-dark", Look { dark: true, ..PHONE }),
        ("tracking-phone-arabic", Look { language: "ar", ..PHONE }),
    ] {
        browser.look(&look);
        browser.go(&parcel.page(world));
        save(&browser, folder, name);
    }
}

fn console(world: &World, folder: &Path, parcel: &Parcel) {
    let browser = signed_in(world, &Look::DESKTOP, world.admin());
    for (name, look) in [
        ("console-overview-desktop", Look { height: 900, ..Look::DESKTOP }),
        ("console-overview-desktop-dark", Look { height: 900, dark: true, ..Look::DESKTOP }),
        ("console-overview-phone", PHONE),
    ] {
        browser.look(&look);
        browser.go(&world.at("/console"));
        // Rates are there once figures were asked for twice.
        browser
            .until("(document.querySelector('#flow').innerText.match(/[1-9][0-9.]*\\/s/g) ?? []).length > 6");
        save(&browser, folder, name);
    }
    for (name, page) in CONSOLE {
        for (width, look) in [("desktop", Look::DESKTOP), ("phone", PHONE)] {
            browser.look(&look);
            browser.go(&world.at(&page.replace("{id}", &parcel.id)));
            save(&browser, folder, &format!("console-{name}-{width}"));
        }
    }
}

/// A parcel on its way, a picture at each step.
fn moving(world: &World, folder: &Path) -> Parcel {
    let parcel = Parcel::register(world, "RR123456785DE", 1);
    let browser = Browser::open(&Look { width: 390, height: 640, ..Look::PHONE });
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

/// A carrier network at work, and a shop and its customers at the gateway, so that something moves. Dropping it ends it.
struct Traffic {
    carriers: Child,
    people: Option<JoinHandle<()>>,
    ended: Arc<AtomicBool>,
}

impl Traffic {
    fn begin(world: &World) -> Self {
        let mut simulate =
            world.system.command(&["simulate", "--shipments", "1000", "--rate", "40", "--seed", "7"]);
        let carriers =
            simulate.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a carrier network");
        let ended = Arc::new(AtomicBool::new(false));
        let (http, shipments, tracking, over) = (
            world.system.http.clone(),
            world.at("/api/v1/shipments"),
            world.at("/api/v1/tracking"),
            ended.clone(),
        );
        let people = std::thread::spawn(move || {
            for n in 0.. {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let number = format!("SHOP{n:06}");
                // Who isn't answered asks again with the next one.
                let _ = http.post(&shipments).json(&registration(&number, 3)).send();
                for _reader in 0..4 {
                    let _ = http.get(format!("{tracking}/{number}")).send();
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { carriers, people: Some(people), ended }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = self.people.take().map(JoinHandle::join);
        let _ = self.carriers.kill();
        let _ = self.carriers.wait();
    }
}
