//! The tracking page, as a browser asks for it.

use shipment_events::Status;
use testkit::Proxy;

use crate::answers::Answer;
use crate::histories::Step;
use crate::parcels::{REGISTER, Shop, id_of, scan};
use crate::tracking::personal;
use crate::world::{Running, in_world};

/// A page with this status, under the policy of all pages, for no cache and no search engine.
pub(crate) fn page(answer: &Answer, status: u16) -> &str {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
    &answer.text
}

/// A number as it stands in a path.
pub(crate) fn in_path(shop: &Shop) -> String {
    shop.number("rr 000000001 be").replace(' ', "")
}

#[test]
fn a_parcels_page_tells_its_way_and_nothing_about_anybody() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        let events = personal(shop.parcel(&[
            REGISTER,
            scan(Status::PickedUp),
            scan(Status::OutForDelivery),
            Step::AmendRecipient { phone: Some(1) },
            scan(Status::AttemptFailed),
            Step::Cancel { reason: true },
            Step::Archive,
        ]));
        world.plant(&events).await;
        let number = in_path(&shop);
        for path in [format!("/track/{number}"), format!("/track/{}", id_of(&events))] {
            let answer = api.client.get(&path).await;
            let page = page(&answer, 200);
            for told in
                ["<h2>Delivery attempted</h2>", "Hub 7", "Ulm", "Germany", "Ghent", "record is closed"]
            {
                assert!(page.contains(told), "{told}: {page}");
            }
            let secrets = ["Quelquun", "+49", "48.39", "somebody", "High Street", "J. Doe"];
            let (customer, id) = (shop.customer(), id_of(&events).to_string());
            // Who asks by the id knows it.
            let id = if path.contains(&id) { "no id".to_owned() } else { id };
            for secret in secrets.into_iter().chain([&*customer, &*id]) {
                assert!(!page.contains(secret), "{secret}: {page}");
            }
        }
        // Everything that it needs comes from here, and may be kept.
        let answer = api.client.get(&format!("/track/{number}")).await;
        let files: Vec<&str> =
            answer.text.split('"').filter(|part| part.starts_with("/track/assets/")).collect();
        assert_eq!(files.len(), 3);
        for file in files {
            let file = api.client.get(file).await;
            assert_eq!(
                (file.status, file.header("cache-control")),
                (200, "public, max-age=31536000, immutable")
            );
            assert_eq!(file.header("x-content-type-options"), "nosniff");
        }
        assert_eq!(api.client.get("/track/assets/page.css").await.status, 404);
        api.stop().await;
    });
}

#[test]
fn the_page_speaks_the_language_of_who_asks() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        world.plant(&shop.parcel(&[REGISTER, scan(Status::InTransit)])).await;
        let path = format!("/track/{}", in_path(&shop));
        for (query, accepted, language, told) in [
            ("", "de, fr-CH;q=0.8, en;q=0.1", "fr", "<h2>En route</h2>"),
            ("?lang=es", "fr", "es", "<h2>En camino</h2>"),
            ("?lang=ar&utm_source=mail", "fr", "ar", "<h2>في الطريق</h2>"),
            ("?lang=xx", "", "en", "<h2>On its way</h2>"),
        ] {
            let answer =
                api.client.get_with(&format!("{path}{query}"), &[("accept-language", accepted)]).await;
            assert!(page(&answer, 200).contains(told), "{answer:?}");
            assert_eq!(answer.header("content-language"), language);
        }
        api.stop().await;
    });
}

#[test]
fn numbers_are_asked_for_by_a_form_one_or_several() {
    in_world(async |world| {
        let (api, shop) = (world.api().await, Shop::new());
        world.plant(&shop.parcel(&[REGISTER, scan(Status::InTransit)])).await;
        world.plant(&shop.parcel(&[Step::Archive, REGISTER, scan(Status::Delivered)])).await;
        let number = in_path(&shop);

        let start = api.client.get("/track").await;
        assert!(page(&start, 200).contains("<form role=\"search\" action=\"/track\" method=\"get\">"));
        assert!(page(&api.client.get("/track?numbers=+&lang=fr").await, 200).contains("Suivre un colis"));

        // One has an address of its own, to which redirects lead, wherever they are said to lead.
        let to = api.client.target(&format!("/track?numbers={number}&lang=fr")).await;
        assert_eq!(to, Some(format!("/track/{number}?lang=fr")));
        for odd in ["%2F%2Fevil.example", "https:%2F%2Fevil.example", "..", "%5Cevil", "live"] {
            let path = format!("/track?numbers={odd}");
            assert_eq!(api.client.target(&path).await, None);
            page(&api.client.get(&path).await, 404);
        }

        // Each parcel that has the number.
        let answer = api.client.get(&format!("/track/{number}")).await;
        let both = page(&answer, 200);
        let (new, old) = (both.find("<h2>Delivered</h2>"), both.find("<h2>On its way</h2>"));
        assert!(new.is_some() && new < old && both.contains("An earlier parcel"), "{both}");

        // Several numbers, of which one is none, and one is nobody's.
        let long = "9".repeat(65);
        let answer = api.client.get(&format!("/track?numbers={number},NOBODY123%0D%0A{long}")).await;
        let several = page(&answer, 200);
        assert!(!several.contains("<h2>On its way</h2>"), "of each number the newest parcel: {several}");
        for told in [
            "3 tracking numbers",
            "<h2>Delivered</h2>",
            "No parcel has this number",
            "That is not a tracking number",
        ] {
            assert!(several.contains(told), "{told}: {several}");
        }
        let many: Vec<String> = (0..25).map(|n| format!("NOBODY{n}")).collect();
        let answer = api.client.get(&format!("/track?numbers={}", many.join(","))).await;
        let first = page(&answer, 200);
        assert!(
            first.contains("20 tracking numbers")
                && first.contains("NOBODY19")
                && !first.contains("NOBODY20")
        );

        assert!(page(&api.client.get("/track/NOBODY123").await, 404).contains("No parcel has this number"));
        page(&api.client.get(&format!("/track/{long}")).await, 400);
        api.stop().await;
    });
}

#[test]
fn while_the_database_is_away_the_page_says_so() {
    in_world(async |world| {
        let mut proxy = Proxy::to(world.settings.cql.nodes[0].clone()).await;
        proxy.cut().await;
        let nodes = vec![proxy.at.to_string()];
        let api = Running::start(&world.settings_with(|settings| settings.cql.nodes = nodes.clone())).await;
        for path in ["/track/A1", "/track?numbers=A1,B2"] {
            let answer = api.client.get(path).await;
            assert!(page(&answer, 503).contains("We can’t look it up just now"));
            assert_eq!(answer.header("retry-after"), "2");
        }
        page(&api.client.get("/track").await, 200);
        api.client.get("/track/live?number=A1").await.unavailable();
        api.stop().await;
    });
}
