//! The browser itself: that it sees what is wrong with a page, and nothing where nothing is.

mod pages;

use browser::{Browser, Look, axe_is_missing, chromium_is_missing};

use crate::pages::{Pages, STRICT};

const GOOD: &str =
    "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>Good</title>
    <main><h1>Good</h1><p><a href='/other'>Other</a> <button>Press</button></p></main>";

fn left_out() -> bool {
    let missing = chromium_is_missing().or_else(axe_is_missing);
    missing.inspect(|missing| eprintln!("left out: {missing}")).is_some()
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    if left_out() {
        return;
    }
    let pages = Pages::serve(&[("/", STRICT, GOOD)]);
    let browser = Browser::open(&Look::PHONE);
    browser.go(&pages.at("/"));
    browser.expect_accessible();
    browser.expect_reached_by_keyboard();
    browser.expect_no_sideways_scrolling();
    browser.expect_no_complaints();
    let load = browser.load();
    assert!(load.first_paint_ms > 0.0 && (GOOD.len() as u64..2_000).contains(&load.bytes()), "{load:?}");
    assert_eq!(browser.run("return innerWidth", &[]), 360);
    assert_eq!(browser.picture()[1..4], *b"PNG");
}

#[test]
fn what_is_wrong_is_found() {
    const BAD: &str =
        "<!doctype html><html><title>Bad</title><h1 style='color: red'>Bad</h1><img src='/gone.png'>
        <script>document.title = 'inline'</script><script src='/bad.js'></script>
        <p class=wide>wide</p><div tabindex=0 class=trap>stay</div><button>late</button>
        <link rel=stylesheet href='/bad.css'>";
    if left_out() {
        return;
    }
    let pages = Pages::serve(&[
        ("/", STRICT, BAD),
        (
            "/bad.js",
            STRICT,
            "addEventListener('keydown', e => e.target.className === 'trap' && e.preventDefault()); throw Error('planted')",
        ),
        ("/bad.css", STRICT, ".wide { width: 3000px } .trap:focus { outline: none }"),
    ]);
    let browser = Browser::open(&Look::DESKTOP);
    browser.go(&pages.at("/"));
    let complaints = browser.complaints().join("\n");
    for wanted in ["Content Security Policy", "style", "script", "gone.png", "planted"] {
        assert!(complaints.contains(wanted), "{wanted} isn't in:\n{complaints}");
    }
    assert!(browser.complaints().is_empty(), "each is told once");
    assert_eq!(browser.run("return document.title", &[]), "Bad");
    let found = browser.inaccessible().join("\n");
    for wanted in ["image-alt", "html-has-lang", "region"] {
        assert!(found.contains(wanted), "{wanted} isn't in:\n{found}");
    }
    assert!(fails(|| browser.expect_no_sideways_scrolling()));
    assert!(fails(|| browser.expect_reached_by_keyboard()));
    assert!(fails(|| browser.go(&pages.at("/gone"))));
    browser.complaints();
    browser.go_to(&pages.at("/gone"), 404);
    browser.expect_no_complaints();
}

#[test]
fn who_looks_is_told_to_the_page() {
    const WHO: &str = "return [navigator.languages[0], matchMedia('(prefers-color-scheme: dark)').matches,
        Intl.DateTimeFormat().resolvedOptions().timeZone, innerWidth, document.title]";
    const TITLED: &str =
        "<!doctype html><meta name=viewport content='width=device-width'><title>still</title>
       <script src='/titled.js'></script>";
    if left_out() {
        return;
    }
    let pages = Pages::serve(&[("/", STRICT, TITLED), ("/titled.js", STRICT, "document.title = 'ran'")]);
    let browser = Browser::open(&Look { dark: true, language: "ar", zone: "Asia/Dubai", ..Look::PHONE });
    browser.go(&pages.at("/"));
    assert_eq!(browser.run(WHO, &[]), serde_json::json!(["ar", true, "Asia/Dubai", 360, "ran"]));
    assert!(pages.asked().contains("accept-language: ar"), "{}", pages.asked());
    browser.look(&Look { scripts: false, ..Look::DESKTOP });
    browser.go(&pages.at("/"));
    assert_eq!(browser.run(WHO, &[]), serde_json::json!(["en", false, "Europe/Berlin", 1280, "still"]));
}

fn fails(check: impl FnOnce()) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err()
}
