use super::*;

fn clues(order: DateOrder) -> Clues {
    Clues { order, local: None, reference: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap() }
}

/// What is written, the zone beside it, and what it means: RFC 3339, with `?` where the offset stays unknown.
fn shown(text: &str, zone: Option<&str>, clues: Clues) -> String {
    match read(text, zone, &clues) {
        Ok(Reading { time, precision }) => {
            let mark = match precision {
                Precision::Clock => "",
                Precision::HalfDay => " half",
                Precision::Day => " day",
            };
            let offset = if time.offset_seconds.is_none() { "?" } else { "" };
            format!("{}{offset}{mark}", time.to_local_rfc3339().replace(".000", ""))
        }
        Err(e) => e.to_string(),
    }
}

#[test]
fn every_shape_in_the_sample_is_read() {
    let month_first = clues(DateOrder::MonthDay);
    let day_first = clues(DateOrder::DayMonth);
    let table: &[(&str, Option<&str>, &str)] = &[
        ("2018-07-23T01:21:39-05:00", Some("-05:00"), "2018-07-23T01:21:39-05:00"),
        ("2024-02-11T07:09:05.513Z", Some("Z"), "2024-02-11T07:09:05.513+00:00"),
        ("2020-01-22T00:15:55Z", Some("Z"), "2020-01-22T00:15:55+00:00"),
        ("2024-10-07T10:46:14+0200", Some("+0200"), "2024-10-07T10:46:14+02:00"),
        ("2024-08-12T15:18:10 -0500", None, "2024-08-12T15:18:10-05:00"),
        ("2021-07-30T10:14:50.452565+00:00", Some("+00:00"), "2021-07-30T10:14:50.452+00:00"),
        ("2018-08-18 22:26:00.15006+00", Some("+00"), "2018-08-18T22:26:00.150+00:00"),
        ("2015-04-16T12:26:53.43", None, "2015-04-16T12:26:53.430Z?"),
        ("2018-07-31T14:33:00", None, "2018-07-31T14:33:00Z?"),
        ("2021-06-21T11:38:02", Some("-04:00"), "2021-06-21T11:38:02-04:00"),
        ("2024-03-15T10:30:00", Some("America/New_York"), "2024-03-15T10:30:00-04:00"),
        ("2011-02-03 11:59:59", Some("EST"), "2011-02-03T11:59:59-05:00"),
        ("2016-03-04 15:56", Some("local"), "2016-03-04T15:56:00Z?"),
        ("2020-08-19 17:58:12.0", None, "2020-08-19T17:58:12Z?"),
        ("2015-10-01 164300", None, "2015-10-01T16:43:00Z?"),
        ("20100610 120000", None, "2010-06-10T12:00:00Z?"),
        ("20210204 0841", None, "2021-02-04T08:41:00Z?"),
        ("2016.11.22 11:57", None, "2016-11-22T11:57:00Z?"),
        ("2018/01/24 3:59", None, "2018-01-24T03:59:00Z?"),
        ("1499180237", None, "2017-07-04T14:57:17+00:00"),
        ("14.03.2012 00:00", None, "2012-03-14T00:00:00Z?"),
        ("19.12.2018 10:51:59", None, "2018-12-19T10:51:59Z?"),
        ("Di, 12.01.2016 00:06 Uhr", None, "2016-01-12T00:06:00Z?"),
        ("Do, 15.02.18 17:39", None, "2018-02-15T17:39:00Z?"),
        ("Fri, 08.07.16 15:13", None, "2016-07-08T15:13:00Z?"),
        ("Friday, May 26, 2017 14:23", None, "2017-05-26T14:23:00Z?"),
        ("Jan 18, 2018 23:45", None, "2018-01-18T23:45:00Z?"),
        ("August 31, 2017, 1:08 am", None, "2017-08-31T01:08:00Z?"),
        ("December 19, 2017, 10:18 pm", None, "2017-12-19T22:18:00Z?"),
        ("February 13, 2014 12:24 pm", None, "2014-02-13T12:24:00Z?"),
        ("January 10, 2016, 12:37 am", None, "2016-01-10T00:37:00Z?"),
        ("February 10, 2014", None, "2014-02-10T00:00:00Z? day"),
        ("Mar 15 2014 4:30AM", None, "2014-03-15T04:30:00Z?"),
        ("Mar 21, 2014 12:43PM", None, "2014-03-21T12:43:00Z?"),
        ("Mar 22 2014", None, "2014-03-22T00:00:00Z? day"),
        ("Oct 1, 2015 12:56AM ET", Some("ET"), "2015-10-01T00:56:00-04:00"),
        ("Sep 30, 2015 6:15PM EDT", Some("EDT"), "2015-09-30T18:15:00-04:00"),
        ("25 Mar 2014 18:07", None, "2014-03-25T18:07:00Z?"),
        ("09 Oct 18 10:39", None, "2018-10-09T10:39:00Z?"),
        ("29 Apr 2017, 10:31:11 AM", None, "2017-04-29T10:31:11Z?"),
        ("04 May 2017, 08:17:54AM", None, "2017-05-04T08:17:54Z?"),
        ("03 May 2017, 23:15:28PM", None, "2017-05-03T23:15:28Z?"),
        ("18:39 12-Jan-2017", None, "2017-01-12T18:39:00Z?"),
        ("Mon, 01 June 2020", None, "2020-06-01T00:00:00Z? day"),
        ("Agu. 13, 2018", None, "2018-08-13T00:00:00Z? day"),
        ("Monday, October 15", None, "2018-10-15T00:00:00Z? day"),
        ("Tuesday, October 16 7:13 AM", None, "2018-10-16T07:13:00Z?"),
    ];
    for (text, zone, expected) in table {
        assert_eq!(shown(text, *zone, month_first), *expected, "{text} (month first)");
        assert_eq!(shown(text, *zone, day_first), *expected, "{text} (day first)");
    }
    let month_first_table: &[(&str, Option<&str>, &str)] = &[
        ("8/18/2021 4:09:55 AM", None, "2021-08-18T04:09:55Z?"),
        ("8/9/2021 10:41:25 PM", None, "2021-08-09T22:41:25Z?"),
        ("01/12/2016 10:30 P.M.", None, "2016-01-12T22:30:00Z?"),
        ("08/04/2026 8:14 A.M.", Some("+02:00"), "2026-08-04T08:14:00+02:00"),
        ("09/28/2025 08:12 AM", None, "2025-09-28T08:12:00Z?"),
    ];
    for (text, zone, expected) in month_first_table {
        assert_eq!(shown(text, *zone, month_first), *expected, "{text}");
    }
    let day_first_table: &[(&str, &str)] = &[
        ("23/07/2018 09:48", "2018-07-23T09:48:00Z?"),
        ("04-02-2020 17:08", "2020-02-04T17:08:00Z?"),
        ("08-11-2022 00:10:11.081", "2022-11-08T00:10:11.081Z?"),
        ("18/01/17 23:53", "2017-01-18T23:53:00Z?"),
        ("19/01/17 AM", "2017-01-19T00:00:00Z? half"),
        ("19/01/17 PM", "2017-01-19T12:00:00Z? half"),
        ("20/03/2026 10:00:00", "2026-03-20T10:00:00Z?"),
    ];
    for (text, expected) in day_first_table {
        assert_eq!(shown(text, None, day_first), *expected, "{text}");
    }
}

#[test]
fn shapes_beyond_the_sample_are_read_too() {
    let clues = clues(DateOrder::DayMonth);
    let table: &[(&str, Option<&str>, &str)] = &[
        ("1499180237123", None, "2017-07-04T14:57:17.123+00:00"),
        ("20180731164300", None, "2018-07-31T16:43:00Z?"),
        ("2018年7月31日 16:43", None, "2018-07-31T16:43:00Z?"),
        ("5 août 2019 14:02", None, "2019-08-05T14:02:00Z?"),
        ("14 марта 2020 г, 09:15", None, "`г` in the time `14 марта 2020 г, 09:15` means nothing to us"),
        ("14 марта 2020, 09:15", None, "2020-03-14T09:15:00Z?"),
        ("3. März 2021, 07:00 Uhr", None, "2021-03-03T07:00:00Z?"),
        ("2021-03-28 02:30:00", Some("Europe/Berlin"), "2021-03-28T02:30:00+01:00"),
        ("2021-10-31 02:30:00", Some("europe/berlin"), "2021-10-31T02:30:00+02:00"),
        ("2024-03-15 10:30 PST", None, "2024-03-15T10:30:00-08:00"),
        ("2024-03-15 24:00", None, "2024-03-16T00:00:00Z?"),
    ];
    for (text, zone, expected) in table {
        assert_eq!(shown(text, *zone, clues), *expected, "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused_with_the_part_that_is_none() {
    let clues = clues(DateOrder::DayMonth);
    let table = [
        ("", "the scan has no time"),
        ("yesterday", "`yesterday` in the time `yesterday` means nothing to us"),
        ("10:30", "the time `10:30` names no day"),
        (
            "2020-01-01 10:00 +02:40000000",
            "`+` in the time `2020-01-01 10:00 +02:40000000` means nothing to us",
        ),
        ("2021-02-30 10:00", "the time `2021-02-30 10:00` is not on the calendar or the clock"),
        ("2021-02-03 25:00", "the time `2021-02-03 25:00` is not on the calendar or the clock"),
        ("0001-01-01T00:00:00", "the time `0001-01-01T00:00:00` is not on the calendar or the clock"),
    ];
    for (text, expected) in table {
        assert_eq!(shown(text, None, clues), expected);
    }
}

#[test]
fn an_unknown_zone_is_the_places_if_that_is_known() {
    let clues = Clues { local: Some(chrono_tz::Asia::Seoul), ..clues(DateOrder::DayMonth) };
    assert_eq!(shown("2017-02-28 14:42", None, clues), "2017-02-28T14:42:00+09:00");
    assert_eq!(shown("2017-02-28 14:42", Some("local"), clues), "2017-02-28T14:42:00+09:00");
    assert_eq!(
        shown("2017-02-28 14:42", Some("Z"), clues),
        "2017-02-28T14:42:00+00:00",
        "what is said goes first"
    );
}

#[test]
fn chinas_cst_is_not_chicagos() {
    let china = Clues { local: Some(chrono_tz::Asia::Shanghai), ..clues(DateOrder::DayMonth) };
    assert_eq!(shown("2017-02-28 14:42", Some("CST"), china), "2017-02-28T14:42:00+08:00");
    assert_eq!(
        shown("2017-02-28 14:42", Some("CST"), clues(DateOrder::DayMonth)),
        "2017-02-28T14:42:00-06:00"
    );
}

#[test]
fn the_order_of_day_and_month_is_decided_by_evidence_then_by_the_carrier() {
    use DateOrder::{DayMonth, MonthDay};
    let of = |times: &[&str], carrier| DateOrder::of_history(times.iter().copied(), carrier);
    assert_eq!(of(&["01/08/2016 10:00", "01/13/2016 10:00"], None), MonthDay);
    assert_eq!(
        of(&["08/01/2016 10:00", "13/01/2016 10:00"], Some(MonthDay)),
        DayMonth,
        "evidence beats the table"
    );
    assert_eq!(of(&["08/04/2026 10:00"], Some(MonthDay)), MonthDay);
    assert_eq!(of(&["08/04/2026 10:00 AM"], None), MonthDay, "twelve hours go with the month first");
    assert_eq!(
        of(&["03/01/2026 10:00", "03/02/2026 10:00", "03/09/2026 10:00"], None),
        MonthDay,
        "eight days, not eight months"
    );
    assert_eq!(of(&["08/04/2026 10:00"], None), DayMonth);
    assert_eq!(of(&["2026-03-04", "whatever"], None), DayMonth);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", zone in proptest::option::of("\\PC{0,8}")) {
        let _ = read(&text, zone.as_deref(), &clues(DateOrder::MonthDay));
    }

    #[test]
    fn numbers_and_signs_in_any_mixture_do_not_either(text in "[0-9:/.+ TZ,-]{0,30}") {
        let _ = read(&text, None, &clues(DateOrder::DayMonth));
    }

    #[test]
    fn rfc_3339_is_read_as_it_is(millis in 315_532_800_000i64..4_000_000_000_000, quarter in -48i32..=56) {
        let offset = chrono::FixedOffset::east_opt(quarter * 900).unwrap();
        let moment = chrono::DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&offset);
        let read = read(&moment.to_rfc3339(), None, &clues(DateOrder::MonthDay)).unwrap();
        proptest::prop_assert_eq!(read.time, ScanTime { at: Timestamp::from_millis(millis), offset_seconds: Some(quarter * 900) });
    }
}
