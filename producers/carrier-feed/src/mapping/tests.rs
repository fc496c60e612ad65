use super::*;

fn meaning(carrier: &str, code: Option<&str>, text: Option<&str>) -> (Status, DecidedBy) {
    let meaning = Mapping::built_in().unwrap().meaning(carrier, code, text);
    (meaning.status, meaning.decided_by)
}

#[test]
fn each_kind_of_rule_has_its_turn() {
    use DecidedBy::{CarrierText, Code, CodeWords, Nothing, Override, Prefix, ServiceCode, Text, WeakCode};
    let table = [
        ("correios-br", Some("BDE"), Some("Objeto devolvido ao remetente"), Status::Returned, Override),
        ("correios-br", Some("BDE"), Some("Objeto entregue ao destinatário"), Status::Delivered, Text),
        ("correios-br", Some("BDE"), None, Status::Delivered, WeakCode),
        ("ups", Some("fs"), None, Status::Delivered, Code),
        ("ups", Some("DS"), Some("OUT FOR DELIVERY"), Status::OutForDelivery, Text),
        ("ups", Some("DS"), None, Status::InTransit, WeakCode),
        ("australia-post", Some("DD-ER13"), None, Status::Delivered, Prefix),
        ("dpd", None, Some("DPD has received your parcel."), Status::PickedUp, CarrierText),
        ("aftership:nobody", Some("AttemptFail"), Some("???"), Status::AttemptFailed, ServiceCode),
        ("nobody", Some("OUT_FOR_DELIVERY"), None, Status::OutForDelivery, CodeWords),
        ("nobody", Some("ReturnToSender"), None, Status::Returning, CodeWords),
        ("nobody", Some("17"), Some("???"), Status::InTransit, Nothing),
        ("nobody", None, None, Status::InTransit, Nothing),
    ];
    for (carrier, code, text, status, decided_by) in table {
        assert_eq!(meaning(carrier, code, text), (status, decided_by), "{carrier} {code:?} {text:?}");
    }
}

#[test]
fn the_same_code_means_other_things_elsewhere() {
    let delivered = |carrier| meaning(carrier, Some("OK"), None).0;
    assert_eq!(delivered("tnt"), Status::Delivered);
    assert_eq!(delivered("nobody"), Status::InTransit);
    assert_eq!(meaning("cdek", Some("1"), None).0, Status::InfoReceived);
    assert_eq!(meaning("ptt-kargo", Some("1"), None).0, Status::PickedUp);
    assert_eq!(meaning("fedex", Some("OC"), None).0, Status::InfoReceived);
}

#[test]
fn words_are_known_in_many_languages() {
    let table = [
        ("Die Sendung wurde zugestellt", Status::Delivered),
        ("Der Empfänger wurde nicht angetroffen. Zustellversuch erfolglos", Status::AttemptFailed),
        ("Colis livré au gardien", Status::Delivered),
        ("Votre colis est endommagé", Status::Damaged),
        ("Paquete entregado", Status::Delivered),
        ("En reparto", Status::OutForDelivery),
        ("Consegnata", Status::Delivered),
        ("Dağıtıma çıkarıldı", Status::OutForDelivery),
        ("TESLİM EDİLDİ", Status::Delivered),
        ("Вручено адресату", Status::Delivered),
        ("Возвращено отправителю", Status::Returned),
        ("Прибыло на таможню", Status::Customs),
        ("Відправлення прибуло", Status::InTransit),
        ("배달완료", Status::Delivered),
        ("통관 진행중", Status::Customs),
        ("快件已签收", Status::Delivered),
        ("派送中", Status::OutForDelivery),
        ("Paket sedang diantar", Status::OutForDelivery),
        ("Zending bezorgd", Status::Delivered),
        ("Przesyłka doręczona", Status::Delivered),
        ("Przesyłka zagubiona", Status::Lost),
        ("Undelivered: no access", Status::AttemptFailed),
        ("Your parcel will be delivered tomorrow", Status::InTransit),
        ("Package lost, investigation opened", Status::Lost),
        ("Shipment disposed at request", Status::Disposed),
        ("Label expired", Status::Expired),
        ("Delivered to sender", Status::Returned),
        ("Returned to sender", Status::Returned),
        ("Item will be returned to sender if not collected", Status::AvailableForPickup),
        ("Held at customs", Status::Customs),
        ("Shipment on hold", Status::OnHold),
    ];
    for (text, status) in table {
        assert_eq!(meaning("nobody", None, Some(text)).0, status, "{text}");
    }
}

#[test]
fn a_users_table_goes_before_ours() {
    let mut mapping = Mapping::built_in().unwrap();
    mapping
        .extend(
            "[[override]]\nstatus = \"lost\"\nany = [\"gone fishing\"]\n\
             [carrier.ups]\nhome = \"CA\"\n[carrier.ups.codes]\nFS = \"damaged\"\n\
             [carrier.ours.prefixes]\nA = \"picked_up\"\nAB = \"delivered\"\n\
             [[text]]\nstatus = \"customs\"\nany = [\"delivered\"]\n",
        )
        .unwrap();
    let of = |carrier, code, text| mapping.meaning(carrier, code, text).status;
    assert_eq!(of("ups", Some("FS"), None), Status::Damaged);
    assert_eq!(of("ups", Some("MP"), None), Status::InfoReceived, "what it doesn't name stays");
    assert_eq!(of("ups", Some("FS"), Some("Gone fishing!")), Status::Lost);
    assert_eq!(of("ours", Some("abc"), None), Status::Delivered, "the longest prefix");
    assert_eq!(of("nobody", None, Some("Delivered")), Status::Customs);
    assert_eq!(mapping.home("UPS"), Some("CA"));
    assert_eq!(mapping.date_order("ups"), Some(DateOrder::MonthDay));
}

#[test]
fn a_table_that_is_wrong_is_refused_by_name() {
    let refused = |toml: &str| {
        let error = Mapping::built_in().unwrap().extend(toml).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error} {cause}")
    };
    for (toml, says) in [
        ("[carrier.x.codes]\nA = \"delivred\"", "delivred"),
        ("[carrier.x]\ncolour = \"red\"", "colour"),
        ("[carrier.x]\nzone = \"Europe/Atlantis\"", "Europe/Atlantis"),
        ("[carrier.x.codes]\nA = \"registered\"", "x.A"),
        ("[[text]]\nstatus = \"lost\"\nany = [\" * \"]", "lost"),
        ("nonsense", "nonsense"),
    ] {
        assert!(refused(toml).contains(says), "{toml}: {}", refused(toml));
    }
}

proptest::proptest! {
    #[test]
    fn whatever_comes_has_a_meaning_that_a_scan_can_have(
        carrier in "\\PC{0,10}", code in proptest::option::of("\\PC{0,10}"), text in proptest::option::of("\\PC{0,60}"),
    ) {
        let mapping = Mapping::built_in().unwrap();
        proptest::prop_assert!(mapping.meaning(&carrier, code.as_deref(), text.as_deref()).status.can_be_scanned());
    }
}
