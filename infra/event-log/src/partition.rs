//! The partition of a key, as Java's clients choose it.
//!
//! librdkafka's default (kcat, Python, Go) is another hash, so what arrives on the commands topic may lie elsewhere: the
//! command handler compares with this one.

use shipment_events::ShipmentId;

/// Kafka's murmur2: seed `0x9747b28c`, 32 bits.
pub fn murmur2(data: &[u8]) -> i32 {
    const MULTIPLIER: u32 = 0x5bd1_e995;
    const SHIFT: u32 = 24;

    let mut hash: u32 = 0x9747_b28c ^ data.len() as u32;
    let mut words = data.chunks_exact(4);
    for word in words.by_ref() {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        k = k.wrapping_mul(MULTIPLIER);
        k ^= k >> SHIFT;
        k = k.wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ k;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * i);
        }
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^= hash >> 15;
    hash.cast_signed()
}

/// The partition, of `partitions`, that Java's default partitioner gives a record with this key.
///
/// # Panics
/// When `partitions` is not above zero.
pub fn partition_for(key: &[u8], partitions: i32) -> i32 {
    assert!(partitions > 0, "a topic has at least one partition");
    (murmur2(key) & 0x7fff_ffff) % partitions
}

/// The partition of a shipment: of its id as text, lower-case and hyphenated, which is the key of its commands.
pub fn partition_of(shipment: ShipmentId, partitions: i32) -> i32 {
    let mut buffer = uuid::Uuid::encode_buffer();
    let text = shipment.as_uuid().hyphenated().encode_lower(&mut buffer);
    partition_for(text.as_bytes(), partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_kafkas_own_clients() {
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()), hash, "{text}");
        }
    }

    #[test]
    fn a_negative_hash_has_a_partition_too() {
        assert_eq!(partition_for(b"21", 6), ((-973_932_308_i64 + (1 << 31)) % 6) as i32);
    }

    #[test]
    fn a_shipments_partition_is_that_of_its_text() {
        let id: ShipmentId = "1C7B2C1E-0B1D-4D0A-9C53-0123456789AB".parse().unwrap();
        assert_eq!(partition_of(id, 48), partition_for(b"1c7b2c1e-0b1d-4d0a-9c53-0123456789ab", 48));
    }
}
