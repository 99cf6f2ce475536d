# SPDX-License-Identifier: Apache-2.0
"""The least of a client: one send, how long until it is answered, and the ends of queues."""
import json
import socket
import struct
import time


def frame(code, fields, body=b""):
    header = json.dumps({"code": code, "extFields": fields, "flag": 0, "language": "JAVA", "opaque": 1,
                         "serializeTypeCurrentRPC": "JSON", "version": 493}, separators=(",", ":")).encode()
    return struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body


def header_of_answer(stream):
    length, header_size = struct.unpack(">II", stream.read(8))
    header = json.loads(stream.read(header_size & 0xFFFFFF))
    stream.read(length - 4 - (header_size & 0xFFFFFF))
    return header


def send_once(port, topic):
    """The code of the answer."""
    fields = {"a": "bench", "b": topic, "c": "TBW102", "d": "4", "e": "0", "f": "0", "g": str(int(time.time() * 1000)), "h": "0",
              "i": "", "j": "0", "k": "false", "m": "false"}
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(frame(310, fields, b"first"))
        return header_of_answer(connection.makefile("rb"))["code"]


def max_offsets(port, topic, queues):
    """GET_MAX_OFFSET of every queue, in one go."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(60)
        stream = connection.makefile("rb")
        for first in range(0, queues, 100):
            some = range(first, min(first + 100, queues))
            connection.sendall(b"".join(frame(30, {"topic": topic, "queueId": str(queue), "committed": "true"}) for queue in some))
            for _ in some:
                yield int(header_of_answer(stream)["extFields"]["offset"])


def until_answered(port, process, topic, seconds=120):
    """Tries until a send is stored, and returns the time that took, in seconds."""
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode} before it answered")
        try:
            if send_once(port, topic) == 0:
                return time.monotonic() - begin
        except (OSError, struct.error):
            pass
        time.sleep(0.002)
    raise RuntimeError(f"no send was answered within {seconds} s")


def log_end(port):
    """Where the commit log of a broker ends; GET_BROKER_RUNTIME_INFO of both Tenon and RocketMQ says so. -1: it cannot say yet."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(10)
        return ask_log_end(connection)


def ask_log_end(connection):
    connection.sendall(frame(28, {}))
    stream = connection.makefile("rb")
    length, header_size = struct.unpack(">II", stream.read(8))
    header_size &= 0xFFFFFF
    stream.read(header_size)
    body = stream.read(length - 4 - header_size)
    return int(json.loads(body)["table"]["commitLogMaxOffset"]) if body else -1
