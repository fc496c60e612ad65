//! Bytes that aren't what they claim: always an error that says what is wrong, never a panic.

use event_codec::{Decoder, Encoder, Error, WriterSchemas, contract};
use proptest::prelude::*;
use shipment_events::{CommandReply, ShipmentEvent, ShipmentSnapshot};

use crate::samples;

fn decoder() -> Decoder<ShipmentEvent> {
    let writers = WriterSchemas::new();
    for (id, contract) in contract::all().iter().enumerate() {
        writers.add_contract(id as u32, contract).unwrap();
    }
    Decoder::new(contract::event(), writers)
}

fn encoded() -> Vec<u8> {
    Encoder::new(contract::event(), 1).to_vec(&samples::events()[4].1).unwrap()
}

#[test]
fn what_is_not_framed_is_told() {
    for bytes in [&b""[..], b"\0\0\0", b"{\"json\": true}"] {
        let error = decoder().decode(bytes, None).unwrap_err();
        assert!(matches!(error, Error::NotFramed { .. }), "{error}");
        assert_eq!(error.code(), "not-framed");
    }
    assert!(decoder().decode(b"{}......", None).unwrap_err().to_string().contains("start with 7b"));
}

#[test]
fn an_unknown_id_is_asked_for() {
    let bytes = Encoder::new(contract::event(), 77).to_vec(&samples::events()[0].1).unwrap();
    let decoder = decoder();
    assert!(matches!(decoder.decode(&bytes, None), Err(Error::UnknownSchema { id: 77 })));
    decoder.add_writer(77, contract::event().schema_json()).unwrap();
    decoder.decode(&bytes, None).unwrap();
}

#[test]
fn a_registry_that_lost_its_memory_is_found_out() {
    let reply = contract::reply();
    // The frame says 1, and that id now belongs to another schema than the writer's.
    let error = decoder().decode(&encoded(), Some(reply.stamp().as_bytes())).unwrap_err();
    assert!(matches!(&error, Error::WrongFingerprint { id: 1, .. }), "{error}");
    assert!(error.to_string().contains("parceltrack schemas restore"), "{error}");
}

#[test]
fn a_record_of_another_topic_is_refused() {
    let bytes = Encoder::new(contract::reply(), 3).to_vec(&samples::replies()[0].1).unwrap();
    let error = decoder().decode(&bytes, Some(contract::reply().stamp().as_bytes())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "schema 3 is of a parceltrack.shipment.CommandReply, and what belongs here is a parceltrack.shipment.ShipmentEvent"
    );
}

#[test]
fn every_cut_and_every_surplus_is_noticed() {
    let bytes = encoded();
    for end in 5..bytes.len() {
        let error = decoder().decode(&bytes[..end], None).unwrap_err();
        assert!(matches!(error, Error::Undecodable { .. }), "cut at {end}: {error}");
        assert!(error.full_text().len() > error.to_string().len(), "the cause is told");
    }
    let mut longer = bytes;
    longer.push(0);
    let error = decoder().decode(&longer, None).unwrap_err();
    assert!(matches!(error, Error::TrailingBytes { surplus: 1, .. }), "{error}");
}

#[test]
fn a_status_that_we_do_not_know_is_told() {
    let bytes = encoded();
    let known = b"in_transit";
    let at = bytes.windows(known.len()).position(|w| w == known).unwrap();
    let mut newer = bytes;
    newer[at..at + known.len()].copy_from_slice(b"teleported");
    let error = decoder().decode(&newer, None).unwrap_err();
    assert!(matches!(&error, Error::UnknownMember { what, .. } if what.contains("teleported")), "{error}");
}

#[test]
fn an_array_that_claims_too_much_is_refused_at_once() {
    let writers = WriterSchemas::new();
    writers.add_contract(1, &contract::snapshot()).unwrap();
    let decoder = Decoder::<ShipmentSnapshot>::new(contract::snapshot(), writers);
    let framed = Encoder::new(contract::snapshot(), 1).to_vec(&samples::snapshots()[1].1).unwrap();
    // The sparse snapshot ends with: 0 accepted commands, an empty string, offset 0.
    let mut lying = framed[..framed.len() - 3].to_vec();
    lying.extend_from_slice(&[0xfe, 0xff, 0xff, 0xff, 0x0f]);
    let error = decoder.decode(&lying, None).unwrap_err();
    assert!(matches!(error, Error::Undecodable { .. }), "{error}");
}

proptest! {
    #[test]
    fn noise_never_panics(id in 0u32..4, noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let framed = [&[0][..], &id.to_be_bytes(), &noise].concat();
        let _ = decoder().decode(&framed, None);
        let writers = decoder().writers().clone();
        let _ = Decoder::<ShipmentSnapshot>::new(contract::snapshot(), writers.clone()).decode(&framed, None);
        let _ = Decoder::<CommandReply>::new(contract::reply(), writers).decode(&framed, None);
    }

    #[test]
    fn a_flipped_bit_never_panics(n in 0usize..12, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = Encoder::new(contract::event(), 1).to_vec(&samples::events()[n].1).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let _ = decoder().decode(&bytes, None);
    }
}
