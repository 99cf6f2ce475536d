# SPDX-License-Identifier: Apache-2.0
"""Just enough of the remoting protocol to ask a server simple questions without starting a JVM."""
import json
import re
import socket
import struct

GET_BROKER_CLUSTER_INFO = 106
QUERY_CONSUMER_OFFSET = 14
GET_BROKER_RUNTIME_INFO = 28


def ask(address, code, **fields):
    """Sends one request with a JSON header; returns (response code, header fields, body text)."""
    header = {"code": code, "language": "OTHER", "version": 0, "opaque": 1, "flag": 0, "extFields": fields}
    encoded = json.dumps(header).encode()
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(struct.pack(">ii", 4 + len(encoded), len(encoded)) + encoded)
        [length] = struct.unpack(">i", _read(connection, 4))
        frame = _read(connection, length)
    [header_length] = struct.unpack(">i", frame[:4])
    header_length &= 0xFFFFFF
    header = json.loads(frame[4:4 + header_length])
    return header["code"], header.get("extFields") or {}, frame[4 + header_length:].decode(errors="replace")


def _read(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("closed in the middle of an answer")
        data += more
    return data


def registered_brokers(namesrv):
    """Names of the brokers that the name server knows (Java writes map keys without quotes: not JSON, so a regex)."""
    try:
        _, _, body = ask(namesrv, GET_BROKER_CLUSTER_INFO)
    except OSError:
        return set()
    return set(re.findall(r'"brokerName":"([^"]+)"', body))


def committed_offset(broker, group, topic, queue):
    """None when the broker knows no offset."""
    code, fields, _ = ask(broker, QUERY_CONSUMER_OFFSET, consumerGroup=group, topic=topic, queueId=str(queue),
                          setZeroIfNotFound="false")
    return int(fields["offset"]) if code == 0 else None


def messages_read(broker):
    """How many messages consumers have got from the broker since it started."""
    _, _, body = ask(broker, GET_BROKER_RUNTIME_INFO)
    return int(re.search(r'"msgGetTotalTodayNow":"(\d+)"', body).group(1))
