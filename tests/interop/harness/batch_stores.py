# SPDX-License-Identifier: Apache-2.0
"""A store with a topic of queue.type=BatchCQ, handed from Tenon to a Java broker 5.4.0 and back: every batch must be served as the same
bytes, from each of its offsets. (RocketMQ 4.9 has no such topics.)"""
import random
import shutil
import signal
import threading

from . import store_wire as wire
from .processes import wait_until
from .store_load import difference
from .store_wire import Connection
from .stores import copy, java_on, tenon_on

TOPIC, QUEUES, SIZES = "Boxes", 2, (1, 2, 3, 7, 40)
UNITS = 50  # in a queue file, so that it rolls
TENON_UNITS, JAVA_UNITS = f"plugins.store.batch_consume_queue_file_units={UNITS}", f"mapperFileSizeBatchConsumeQueue={46 * UNITS}\n"
STORIES = (("store-mmap", "kill-9"), ("store-sendfile", "clean"))


def append(broker, seed, count, acknowledged, until=None):
    """Batches of several sizes, batches that are stored message by message, and single messages; (queue, offset) -> number of messages."""
    dice = random.Random(seed)
    try:
        with Connection(broker) as c:
            for number in range(count):
                name, size, queue = f"{seed}.{number}", dice.choice(SIZES), dice.randrange(QUEUES)
                messages = [(f"{name}.{i} ".encode() + dice.randbytes(dice.randrange(200)), f"KEYS\x01{name}.{i}\x02TAGS\x01T{i}\x02") for i in range(size)]
                kind = dice.choice(("batch", "batch", "apart", "single"))
                outer = f"UNIQ_KEY\x01U{name}\x02KEYS\x01box{name}\x02"
                if kind == "single":
                    at = c.send(TOPIC, queue, messages[0][0], outer)
                else:
                    at = c.send(TOPIC, queue, wire.batch_body(messages), outer if kind == "batch" else "", batch=True)
                if at is not None:
                    acknowledged[queue, at] = 1 if kind == "single" else size
                if until and number == 150:
                    until.set()
    except OSError:
        pass  # killed, as planned


def snapshot(broker, seed):
    """What is served at offsets that a consumer sees, and at some within batches."""
    dice, served = random.Random(seed), {"bounds": {}, "records": {}, "inside": {}, "found": {}, "times": {}}
    with Connection(broker) as c:
        for queue in range(QUEUES):
            bounds = c.offset(wire.GET_MIN_OFFSET, TOPIC, queue), c.offset(wire.GET_MAX_OFFSET, TOPIC, queue)
            served["bounds"][queue] = bounds
            for record in c.pull(TOPIC, queue, *bounds):
                at, properties = wire.queue_offset(record), wire.properties(record)
                size = int(properties.get("INNER_NUM", 1))
                served["records"][queue, at] = wire.digest(record), size
                if dice.random() < 0.2:
                    inside = at + dice.randrange(size)
                    served["inside"][queue, inside] = wire.digest(next(c.pull(TOPIC, queue, inside, inside + 1)))
                    served["found"][queue, at] = c.query(TOPIC, properties["KEYS"].split()[0]), c.view(wire.physical_offset(record))
            status, fields, _ = c.ask(29, topic=TOPIC, queueId=queue, timestamp=2**62)
            served["times"][queue] = status, fields.get("offset")
    return served


def lost(acknowledged, served):
    odd = [k for k, size in acknowledged.items() if not size_is(served["records"], k, size)]
    return f"{len(odd)} of {len(acknowledged)} acknowledged are not there, such as {sorted(odd)[:3]}" if odd else None


def size_is(records, place, size):
    """As one record, or as `size` that follow each other."""
    queue, at = place
    return records.get(place, (None, 0))[1] == size or all(records.get((queue, at + i), (None, 0))[1] == 1 for i in range(size))


class BatchStory:
    def __init__(self, report, tenon, java, home, engine, stop):
        self.report, self.tenon, self.java, self.engine, self.stop = report, tenon, java, engine, stop
        self.home, self.where, self.acknowledged = home / f"batches-{engine}-{stop}", f"stores/batches/{engine}/{stop}", {}

    def _tenon(self, name, store):
        server = tenon_on(self.tenon, self.home / name, store, self.engine, TENON_UNITS)
        return server.start()

    def run(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        self._write(self.home / "written")
        copy(self.home / "written", self.home / "recovered")
        server = self._tenon("recovered-log", self.home / "recovered")
        served = snapshot(server.address, 5)
        self.report.check(self.where, f"tenon-keeps-{len(self.acknowledged)}-acknowledged", lost(self.acknowledged, served))
        self.report.check(self.where, "tenon-stops", None if server.stop() == 0 else "not with 0")
        self._over(served)
        self._back()

    def _write(self, store):
        server, busy = self._tenon("writer", store), threading.Event()
        with Connection(server.address) as c:
            code, _, _ = c.ask(wire.UPDATE_TOPIC, topic=TOPIC, defaultTopic="TBW102", readQueueNums=QUEUES, writeQueueNums=QUEUES, perm=6,
                               topicFilterType="SINGLE_TAG", topicSysFlag=0, order="false", attributes="+queue.type=BatchCQ")
            assert code == 0, f"create {TOPIC}: {code}"
        clean = self.stop == "clean"
        load = threading.Thread(target=append, args=(server.address, 1, 400 if clean else 1_000_000, self.acknowledged, busy), daemon=True)
        load.start()
        load.join() if clean else busy.wait(60)
        server.stop(signal.SIGTERM if clean else signal.SIGKILL)
        load.join()

    def _over(self, served):
        self.store = self.home / "java"
        copy(self.home / "written", self.store)
        server = java_on(self.java, self.home / "java-home", self.store, False, JAVA_UNITS).start()
        self.report.check(self.where, f"java-serves-the-same-{len(served['records'])}", difference(served, snapshot(server.address, 5)))
        more = {}
        append(server.address, 2, 100, more)
        ends = {q: max(at + size for (queue, at), size in more.items() if queue == q) for q in range(QUEUES)}
        with Connection(server.address) as c:
            wait_until("the Java broker has queued its batches", lambda: all((c.offset(wire.GET_MAX_OFFSET, TOPIC, q) or 0) >= end for q, end in ends.items()))
        self.of_java = snapshot(server.address, 6)
        self.report.check(self.where, "java-appends", lost(more, self.of_java))
        status = server.stop()
        self.report.check(self.where, "java-stops", None if status in (0, 143) else f"ended with {status}")

    def _back(self):
        server, more = self._tenon("back", self.store), {}
        self.report.check(self.where, f"tenon-serves-the-same-{len(self.of_java['records'])}", difference(self.of_java, snapshot(server.address, 6)))
        append(server.address, 3, 50, more)
        self.report.check(self.where, "tenon-appends", lost(more, snapshot(server.address, 7)))
        self.report.check(self.where, "tenon-stops-again", None if server.stop() == 0 else "not with 0")


def run(report, tenon, java, home, only):
    for engine, stop in STORIES:
        if only and stop not in only:
            continue
        try:
            BatchStory(report, tenon, java, home, engine, stop).run()
        except (RuntimeError, TimeoutError, OSError, AssertionError) as failure:
            report.check(f"stores/batches/{engine}/{stop}", "run", repr(failure))
