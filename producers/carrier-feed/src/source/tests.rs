use std::io::Cursor;

use super::*;

fn of_json(text: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    jsonl::read(Cursor::new(text), "test", |item| {
        items.push(item);
        true
    })
    .unwrap();
    items
}

fn of_csv(text: &str) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    csv_rows::read(Cursor::new(text), "test", |item| {
        items.push(item);
        true
    })?;
    Ok(items)
}

fn shown(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| match item {
            Item::History(line, h) => {
                format!("{line}: {} {} {}", h.carrier, h.tracking_number, h.scans.len())
            }
            Item::Bad(bad) => format!("{}! {}", bad.line, bad.reason),
        })
        .collect()
}

#[test]
fn a_bad_line_is_reported_and_the_next_one_read() {
    let text =
        b"\xEF\xBB\xBF{\"carrier\":\"ups\",\"tracking_number\":\"1\",\"scans\":[],\"source\":\"x\"}\r\n\
        \n{\"carrier\": \"ups\"\n\xff\xfe\n{\"carrier\":\" \",\"tracking_number\":\"1\",\"scans\":[]}\n\
        {\"carrier\":\"dhl\",\"tracking_number\":7,\"scans\":[{\"time\":1499180237,\"code\":5}]}";
    assert_eq!(
        shown(&of_json(text)),
        [
            "1: ups 1 0",
            "3! EOF while parsing an object at line 1 column 17",
            "4! expected value at line 1 column 1",
            "5! the `carrier` is blank",
            "6: dhl 7 1",
        ]
    );
}

#[test]
fn a_line_without_end_is_skipped_and_not_kept() {
    let mut text = vec![b'x'; MAX_LINE + 10];
    text.extend_from_slice(b"\n{\"carrier\":\"ups\",\"tracking_number\":\"1\",\"scans\":[]}\n");
    let items = of_json(&text);
    assert_eq!(shown(&items)[1], "2: ups 1 0");
    assert!(matches!(&items[0], Item::Bad(bad) if bad.raw.len() < 100_000 && bad.line == 1));
}

#[test]
fn rows_of_a_shipment_are_gathered_though_others_stand_between() {
    let text = "tracking_number,carrier,time,text,unknown\n1,ups,2020-01-01,Picked up,x\n2,ups,2020-01-01,a,\n\
        1,ups,2020-01-02,\"Delivered, front door\",\n,ups,2020-01-02,b,\n1,dhl,2020-01-02";
    let items = of_csv(text).unwrap();
    assert_eq!(
        shown(&items),
        ["5! the `tracking_number` is blank", "2: ups 1 2", "3: ups 2 1", "6: dhl 1 1"]
    );
    let Item::History(_, history) = &items[1] else { panic!("a history") };
    assert_eq!(history.scans[1].text.as_deref(), Some("Delivered, front door"));
    assert_eq!(history.scans[1].zone, None);
}

#[test]
fn a_row_that_a_comma_or_a_quote_has_put_out_of_joint_is_bad_and_kept() {
    let text = "carrier,tracking_number,time,text\nups,1,2020-01-01,Departed, Leipzig\nups,2,2020-01-01,\"Arrived\n\
        ups,3,2020-01-01,Delivered\nups,4,2020-01-01,\"Sorted\"\nups,5,2020-01-01,Out\n";
    let items = of_csv(text).unwrap();
    assert_eq!(
        shown(&items),
        [
            "2! 5 fields where the header names 4: is one with a comma not in quotes?",
            "3! a field goes over more than one line: is a quote not closed?",
            "6: ups 5 1",
        ]
    );
    assert!(matches!(&items[1], Item::Bad(bad) if bad.raw.contains("ups,3")), "nothing is lost");
}

#[test]
fn a_number_too_long_to_be_read_as_one_must_stand_in_quotes() {
    let line = |number: &str| format!(r#"{{"carrier":"usps","tracking_number":{number},"scans":[]}}"#);
    let text = [line("9205590164917312751089"), line("\"9205590164917312751089\""), line("92055901649173")];
    let items = of_json(text.join("\n").as_bytes());
    assert!(shown(&items)[0].contains("has lost digits: write it in quotes"), "{}", shown(&items)[0]);
    assert_eq!(shown(&items)[1..], ["2: usps 9205590164917312751089 0", "3: usps 92055901649173 0"]);
}

#[test]
fn a_csv_without_the_columns_needed_is_refused_by_name() {
    let refused = of_csv("carrier,number\nups,1\n").unwrap_err();
    assert!(refused.to_string().contains("tracking_number is missing"), "{refused}");
}

#[test]
fn the_window_of_rows_is_bounded() {
    let mut grouping = grouping::Grouping::default();
    let mut complete = 0;
    for n in 0..MAX_OPEN_ROWS as u64 * 2 {
        let number = (n % 70_000).to_string();
        complete += grouping.add(n, "ups".into(), number, crate::RawScan::default()).len();
    }
    assert!(complete > 0);
    let rest: usize = grouping.rest().iter().map(|(_, h)| h.scans.len()).sum();
    assert!(rest <= MAX_OPEN_ROWS);
    let one = (0..=MAX_OPEN_ROWS as u64)
        .flat_map(|n| grouping.add(n, "ups".into(), "1".into(), crate::RawScan::default()))
        .collect::<Vec<_>>();
    assert_eq!(one.len(), 1, "one endless shipment is cut too");
}

#[test]
fn the_form_is_told_from_the_first_byte() {
    let form = |text: &str| sniff(&mut Cursor::new(text.as_bytes().to_vec())).unwrap();
    assert_eq!(form("\u{feff} {\"a\":1}"), Form::JsonLines);
    assert_eq!(form("carrier,tracking_number"), Form::Csv);
    assert_eq!(form(""), Form::JsonLines);
}
