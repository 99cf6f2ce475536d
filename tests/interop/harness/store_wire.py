# SPDX-License-Identifier: Apache-2.0
"""A connection that sends, pulls and queries, for tests that compare what two brokers serve from one store directory."""
import hashlib
import json
import re
import socket
import struct
import time

QUERY_MESSAGE, PULL_MESSAGE, UPDATE_CONSUMER_OFFSET, UPDATE_TOPIC, GET_ALL_TOPIC_CONFIG = 12, 11, 15, 17, 21
GET_MAX_OFFSET, GET_MIN_OFFSET, VIEW_MESSAGE_BY_ID, GET_ALL_CONSUMER_OFFSET, GET_ALL_DELAY_OFFSET = 30, 31, 33, 43, 45
UPDATE_GROUP, GET_ALL_GROUPS, SEND_MESSAGE_V2, SEND_BATCH_MESSAGE = 200, 201, 310, 320
FOUND, NOT_FOUND_YET, NO_MATCHED_MESSAGE = 0, 19, 20


class Connection:
    """One request at a time. Errors of the socket are OSError: the broker is gone."""

    def __init__(self, address):
        host, port = address.split(":")
        self.socket, self.opaque = socket.create_connection((host, int(port)), timeout=60), 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, code, body=b"", **fields):
        """Returns (response code, header fields, body)."""
        self.opaque += 1
        header = json.dumps({"code": code, "language": "OTHER", "version": 0, "opaque": self.opaque, "flag": 0,
                             "extFields": {k: str(v) for k, v in fields.items()}}).encode()
        self.socket.sendall(struct.pack(">ii", 4 + len(header) + len(body), len(header)) + header + body)
        frame = self._read(struct.unpack(">i", self._read(4))[0])
        size = struct.unpack(">i", frame[:4])[0] & 0xFFFFFF
        answer = json.loads(frame[4:4 + size])
        return answer["code"], answer.get("extFields") or {}, frame[4 + size:]

    def _read(self, count):
        parts = []
        while count:
            part = self.socket.recv(min(count, 1 << 20))
            if not part:
                raise ConnectionError("closed in the middle of an answer")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def send(self, topic, queue, body, properties, flag=0, sys_flag=0, batch=False):
        """The queue offset of what was acknowledged, None when it was refused."""
        code, fields, _ = self.ask(SEND_BATCH_MESSAGE if batch else SEND_MESSAGE_V2, body, a="interop", b=topic, c="TBW102", d=4, e=queue,
                                   f=sys_flag, g=int(time.time() * 1000), h=flag, i=properties, j=0, k="false", m=str(batch).lower())
        return int(fields["queueOffset"]) if code == 0 else None

    def table(self, code, **fields):
        """A table that the broker answers as Java's JSON, whose integer keys have no quotes; None if it has none."""
        status, _, body = self.ask(code, **fields)
        return parse_json(body) if status == 0 and body else None

    def offset(self, code, topic, queue):
        status, fields, _ = self.ask(code, topic=topic, queueId=queue, committed="true")
        return int(fields["offset"]) if status == 0 else None

    def pull(self, topic, queue, begin, end, tags="*"):
        """All records of a queue as they lie in the log, or those that a broker takes for tagged so."""
        at = begin
        while at < end:
            code, fields, body = self.ask(PULL_MESSAGE, consumerGroup="TOOLS_CONSUMER", topic=topic, queueId=queue, queueOffset=at,
                                          maxMsgNums=32, sysFlag=4, commitOffset=0, suspendTimeoutMillis=0, subscription=tags, subVersion=0)
            if code == NO_MATCHED_MESSAGE and tags != "*":
                body = b""
            elif code != FOUND:
                raise AssertionError(f"pull of {topic}/{queue} at {at} below {end}: code {code}, {fields}")
            yield from split_records(body)
            at = int(fields["nextBeginOffset"])

    def query(self, topic, key, unique=False):
        """Physical offsets, sorted; each once: after a crash a Java broker indexes the last record of a full file again."""
        code, _, body = self.ask(QUERY_MESSAGE, topic=topic, key=key, maxNum=64, beginTimestamp=0, endTimestamp=2**63 - 1,
                                 _UNIQUE_KEY_QUERY=str(unique).lower())
        return sorted({physical_offset(r) for r in split_records(body)}) if code == 0 else []

    def view(self, offset):
        code, _, body = self.ask(VIEW_MESSAGE_BY_ID, offset=offset)
        return digest(body) if code == 0 else f"code {code}"


def parse_json(text):
    return json.loads(re.sub(r"([{,]\s*)(-?\d+)\s*:", r'\1"\2":', text.decode()))


def split_records(body):
    at = 0
    while at < len(body):
        size = struct.unpack_from(">i", body, at)[0]
        yield body[at:at + size]
        at += size


def queue_offset(record):
    return struct.unpack_from(">q", record, 20)[0]


def physical_offset(record):
    return struct.unpack_from(">q", record, 28)[0]


def properties(record):
    """The properties of a record between IPv4 hosts with a short topic."""
    body_size = struct.unpack_from(">i", record, 84)[0]
    at = 88 + body_size
    at += 1 + record[at]
    size = struct.unpack_from(">h", record, at)[0]
    return dict(e.split("\1", 1) for e in record[at + 2:at + 2 + size].decode().split("\2") if "\1" in e)


def body_of(record):
    return record[88:88 + struct.unpack_from(">i", record, 84)[0]]


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def batch_body(messages):
    """`messages`: (body, properties), as clients encode the body of a batch."""
    parts = []
    for body, props in messages:
        text = props.encode()
        parts.append(struct.pack(">iiiii", 22 + len(body) + len(text), 0, 0, 0, len(body)) + body + struct.pack(">h", len(text)) + text)
    return b"".join(parts)
