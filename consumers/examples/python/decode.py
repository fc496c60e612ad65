#!/usr/bin/env python3
"""Decodes ParcelTrack's events with nothing of ours: Confluent's Kafka client, its Avro deserializer, a registry.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python decode.py --limit 5

Prints one JSON object per event. Without --follow it ends when it has read the topic to the end it had at the start.
"""

import argparse
import datetime
import json
import os
import sys
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def arguments():
    env = os.environ.get
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--kafka", default=env("PARCELTRACK_KAFKA", "127.0.0.1:9092"), help="bootstrap servers")
    p.add_argument(
        "--registry",
        default=env("PARCELTRACK_REGISTRY", "http://127.0.0.1:8081/apis/ccompat/v7"),
        help="base address of the registry's Confluent API",
    )
    p.add_argument("--topic", default="parceltrack.shipment.events.v1")
    p.add_argument("--limit", type=int, default=0, help="stop after so many events (0: no limit)")
    p.add_argument("--follow", action="store_true", help="stay, and print what comes")
    return p.parse_args()


def consumer_at_the_beginning(args):
    # No group: it reads every partition by itself and commits nothing.
    consumer = Consumer(
        {
            "bootstrap.servers": args.kafka,
            "group.id": f"decode-example-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            # Events are written in transactions: those that were rolled back never happened.
            "isolation.level": "read_committed",
        }
    )
    topic = consumer.list_topics(args.topic, timeout=10).topics[args.topic]
    if topic.error is not None:
        raise KafkaException(topic.error)
    partitions = sorted(topic.partitions)
    consumer.assign([TopicPartition(args.topic, p, 0) for p in partitions])
    return consumer, set(partitions)


def text(value):
    """Timestamps, dates and UUIDs come as Python's types."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds")
    return str(value)


def plain(value):
    """A record out of a union comes as a pair of its name and its fields; only the body's name tells us something."""
    if isinstance(value, tuple):
        return plain(value[1])
    if isinstance(value, dict):
        return {name: plain(field) for name, field in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def main():
    args = arguments()
    decode = AvroDeserializer(SchemaRegistryClient({"url": args.registry}), return_record_name=True)
    consumer, reading = consumer_at_the_beginning(args)
    printed = 0
    try:
        while reading or args.follow:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
                reading.discard(message.partition())
                continue
            event = decode(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
            record, body = event.pop("body")
            line = {
                "partition": message.partition(),
                "offset": message.offset(),
                "key": message.key().decode(),
                "headers": {name: value.decode() for name, value in message.headers() or []},
                "type": record.rsplit(".", 1)[-1],
                **plain(event),
                "body": plain(body),
            }
            print(json.dumps(line, default=text, ensure_ascii=False), flush=True)
            printed += 1
            if args.limit and printed == args.limit:
                break
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
    print(f"{printed} events decoded", file=sys.stderr)


if __name__ == "__main__":
    main()
