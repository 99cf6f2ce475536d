# SPDX-License-Identifier: Apache-2.0
"""What is written into a store before another broker opens it, and what a broker serves from it, as comparable data."""
import random
import threading
import zlib

from . import store_wire as wire
from .processes import wait_until
from .store_wire import Connection

TOPICS = {"Plain": 4, "Tagged": 3, "Batches": 2, "Big": 1, "Order": 8}
GROUPS = {"readers": 16, "stubborn": 3}
LIGHT_QUEUES = ("%LMQ%one", "%LMQ%two", "%LMQ%a+b")


class Acknowledged:
    """(topic, queue, offset) -> body digest, of every message that a broker said it has."""

    def __init__(self):
        self.messages, self.lock = {}, threading.Lock()

    def add(self, topic, queue, offset, body):
        with self.lock:
            self.messages[topic, queue, offset] = wire.digest(body)

    def __len__(self):
        return len(self.messages)

    def complaint_about(self, served):
        """`served`: what snapshot() returned."""
        lost = [k for k, body in self.messages.items() if served["bodies"].get(k) != body]
        return f"{len(lost)} of {len(self)} acknowledged messages lost or altered, such as {sorted(lost)[:3]}" if lost else None


def prepare(broker):
    """Topics and groups with settings that differ from every default."""
    with Connection(broker) as c:
        for topic, queues in TOPICS.items():
            code, _, _ = c.ask(wire.UPDATE_TOPIC, topic=topic, defaultTopic="TBW102", readQueueNums=queues, writeQueueNums=queues, perm=6,
                               topicFilterType="SINGLE_TAG", topicSysFlag=0, order=str(topic == "Order").lower())
            assert code == 0, f"create {topic}: {code}"
        for group, retries in GROUPS.items():
            code, _, answer = c.ask(wire.UPDATE_GROUP, body=f'{{"groupName":"{group}","retryMaxTimes":{retries}}}'.encode())
            assert code == 0, f"create group {group}: {code} {answer}"


class Load:
    """`threads` senders, each with its own connection, until each sent `count` messages or the broker is gone."""

    def __init__(self, broker, seed, name, count, threads=4, light=False):
        self.broker, self.seed, self.name, self.count, self.light = broker, seed, name, count, light
        self.acknowledged, self.progress = Acknowledged(), threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(i,), daemon=True) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.acknowledged

    def _send(self, number):
        dice = random.Random(self.seed * 100 + number)
        try:
            with Connection(self.broker) as connection:
                for i in range(self.count):
                    self._one(connection, dice, f"{self.name}-{number}-{i}")
                    if len(self.acknowledged) >= 200:
                        self.progress.set()
        except OSError:
            pass  # killed, as planned
        self.progress.set()

    def _one(self, connection, dice, key):
        topic = dice.choice(list(TOPICS))
        queue, mark = dice.randrange(TOPICS[topic]), key.encode() + b" "
        if topic == "Batches":
            messages = [(mark + dice.randbytes(dice.randrange(300)), f"KEYS\x01{key} {key}.{i}\x02UNIQ_KEY\x01U{key}.{i}\x02") for i in range(5)]
            first = connection.send(topic, queue, wire.batch_body(messages), "", batch=True)
            if first is not None:
                for i, (body, _) in enumerate(messages):
                    self.acknowledged.add(topic, queue, first + i, body)
            return
        size = dice.choice([0, 1, 17, 255, 1000, 4096]) if topic != "Big" else dice.choice([30_000, 150_000])
        body, sys_flag = mark + dice.randbytes(size), 0
        if dice.random() < 0.1:
            body, sys_flag = zlib.compress(mark * 300), 1
        text = f"KEYS\x01{key} shared{dice.randrange(20)}\x02UNIQ_KEY\x01U{key}\x02user\x01Grüße 标签\x02"
        if topic == "Tagged":
            text += f"TAGS\x01{dice.choice(['TagA', 'TagB', '标签'])}\x02"
        if self.light and topic == "Plain":
            text += f"INNER_MULTI_DISPATCH\x01{','.join(dice.sample(LIGHT_QUEUES, dice.choice([1, 2])))}\x02"
        offset = connection.send(topic, queue, body, text, flag=dice.choice([0, -1, 7]), sys_flag=sys_flag)
        if offset is not None:
            self.acknowledged.add(topic, queue, offset, body)


def commit_offsets(broker, light=False):
    with Connection(broker) as c:
        for topic, queues in TOPICS.items():
            for queue in range(queues):
                end = c.offset(wire.GET_MAX_OFFSET, topic, queue)
                if end:
                    c.ask(wire.UPDATE_CONSUMER_OFFSET, consumerGroup="readers", topic=topic, queueId=queue, commitOffset=end // 2 + queue)
        for queue in LIGHT_QUEUES if light else ():
            c.ask(wire.UPDATE_CONSUMER_OFFSET, consumerGroup="%LMQ%reader", topic=queue, queueId=0, commitOffset=1)


def await_queues(broker, acknowledged):
    """A Java broker answers a send before the message is in its queue."""
    ends = {}
    for topic, queue, offset in acknowledged.messages:
        ends[topic, queue] = max(ends.get((topic, queue), 0), offset + 1)
    with Connection(broker) as c:
        wait_until(f"{broker} has queued what it acknowledged",
                   lambda: all((c.offset(wire.GET_MAX_OFFSET, *queue) or 0) >= end for queue, end in ends.items()))


def settings_of(connection):
    """Topics, groups and offsets as a broker tells them, without what each kind of broker makes for itself."""
    topics = connection.table(wire.GET_ALL_TOPIC_CONFIG)["topicConfigTable"]
    groups = connection.table(wire.GET_ALL_GROUPS)["subscriptionGroupTable"]
    table = connection.table(wire.GET_ALL_CONSUMER_OFFSET)
    offsets = table["offsetTable"]
    return {
        "topics": {n: {k: topics[n].get(k) for k in ("readQueueNums", "writeQueueNums", "perm", "order", "topicFilterType")}
                   for n in TOPICS if n in topics},
        "groups": {n: {k: groups[n].get(k) for k in ("retryMaxTimes", "retryQueueNums", "consumeEnable", "consumeBroadcastEnable")}
                   for n in GROUPS if n in groups},
        "offsets": {k: v for k, v in offsets.items() if k.split("@")[0] in TOPICS},
        "light offsets": {k: v for k, v in (table.get("lmqOffsetTable") or {}).items()},
    }


def snapshot(broker, seed, light=False):
    """Everything a broker serves from our topics: queues, records, key and id queries, tables."""
    dice, served = random.Random(seed), {"bounds": {}, "records": {}, "bodies": {}, "keys": {}, "unique": {}, "views": {}}
    with Connection(broker) as c:
        for topic, queues in TOPICS.items():
            for queue in range(queues):
                bounds = c.offset(wire.GET_MIN_OFFSET, topic, queue), c.offset(wire.GET_MAX_OFFSET, topic, queue)
                served["bounds"][topic, queue] = bounds
                for at, record in enumerate(c.pull(topic, queue, *bounds), bounds[0]):
                    assert wire.queue_offset(record) == at, f"{topic}/{queue}: {wire.queue_offset(record)} at {at}"
                    served["records"][topic, queue, at] = wire.digest(record)
                    served["bodies"][topic, queue, at] = wire.digest(wire.body_of(record))
                    if dice.random() < 0.2:
                        _look_up(c, served, topic, record)
        served["shared"] = {(t, k): c.query(t, f"shared{k}") for t in ("Plain", "Tagged") for k in range(20)}
        # By tag, which a broker finds beside the queue, and through light queues.
        served["tagged"] = {q: [wire.digest(r) for r in c.pull("Tagged", q, *served["bounds"]["Tagged", q], "TagA")] for q in range(TOPICS["Tagged"])}
        served["light"] = {q: _light_queue(c, q) for q in LIGHT_QUEUES if light}
        served["settings"] = settings_of(c)
    return served


def _light_queue(connection, queue):
    bounds = connection.offset(wire.GET_MIN_OFFSET, queue, 0), connection.offset(wire.GET_MAX_OFFSET, queue, 0)
    return [bounds, *(wire.digest(r) for r in connection.pull(queue, 0, *bounds))]


def _look_up(connection, served, topic, record):
    properties, offset = wire.properties(record), wire.physical_offset(record)
    key, unique = properties["KEYS"].split()[0], properties["UNIQ_KEY"]
    served["keys"][topic, key] = connection.query(topic, key)
    served["unique"][topic, unique] = connection.query(topic, unique, unique=True)
    served["views"][offset] = connection.view(offset)


def difference(left, right, leave_out=()):
    """None, or the first differences between two snapshots."""
    found = []
    for part in left:
        if part in leave_out or left[part] == right[part]:
            continue
        odd = [k for k in left[part].keys() | right[part].keys() if left[part].get(k) != right[part].get(k)]
        first = min(odd, key=str)
        found.append(f"{part}: {len(odd)} differ, first {first}: {left[part].get(first)} / {right[part].get(first)}")
    return "; ".join(found) or None
