"""Kafka to ClickHouse with bytewax: read, parse, insert 2,000 rows at a time. Ends after COUNT events and prints how long it took.

    python bytewax_flow.py BROKERS TOPIC INSERT_URL COUNT       (pip install 'bytewax[kafka]')
"""

import json
import os
import sys
import time
import urllib.request
from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

BROKERS, TOPIC, INSERT_URL, COUNT = sys.argv[1].split(","), sys.argv[2], sys.argv[3], int(sys.argv[4])
BATCH = 2000
started = None


def row_of(message):
    global started
    if started is None:
        started = time.perf_counter()
    record = message.value.decode()
    event = json.loads(record)
    return json.dumps(
        {
            "id": event["id"],
            "agent": event["agent"]["id"],
            "time": event["time"],
            "action": event["action"]["name"],
            "endpoint": event["endpoint"],
            "record": record,
        }
    )


class Insert(StatelessSinkPartition):
    def __init__(self):
        self.stored = 0

    def write_batch(self, batches):
        for _, rows in batches:
            request = urllib.request.Request(INSERT_URL, data="\n".join(rows).encode(), method="POST")
            urllib.request.urlopen(request).read()
            self.stored += len(rows)
        if self.stored >= COUNT:
            # A source that follows a topic never ends by itself.
            print("seconds", time.perf_counter() - started, flush=True)
            os._exit(0)


class Sink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Insert()


flow = Dataflow("peer")
messages = op.input("read", flow, KafkaSource(BROKERS, [TOPIC], batch_size=BATCH))
rows = op.map("parse", messages, row_of)
keyed = op.key_on("key", rows, lambda _: "all")
op.output("write", op.collect("batch", keyed, timeout=timedelta(milliseconds=200), max_size=BATCH), Sink())

cli_main(flow)
