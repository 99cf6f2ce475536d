# SPDX-License-Identifier: Apache-2.0
"""Memory of a broker per idle MQTT connection with one subscription.

    tests/bench/mqtt_idle.py build/release/bin/tenon --connections 15000

Starts conf/mqtt-edge.toml's composition in a directory of its own, connects, subscribes each client to a topic of its
own, waits until the broker is quiet, and divides what its anonymous memory has grown by. The kernel's sockets are not
in it. With --server PID and --port another broker that runs already is measured instead.
"""
import argparse
import socket
import struct
import time

import idle
import mqtt_edge
from mqtt_edge import packet, text


def open_client(port, number, level):
    properties = b"\0" if level == 5 else b""
    connect = text("MQTT") + bytes([level, 2, 0, 0]) + properties + text(f"device-{number}")
    subscribe = struct.pack(">H", 1) + properties + text(f"commands/device-{number}") + b"\1"
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(packet(0x10, connect) + packet(0x82, subscribe))
    answer = b""
    while b"\x90" not in answer:
        more = client.recv(256)
        if not more:
            raise RuntimeError("the broker has closed the connection")
        answer += more
    return client


def quiet_mib(pid):
    """When two looks, two seconds apart, agree."""
    before = idle.anonymous_mib(pid)
    while True:
        time.sleep(2)
        now = idle.anonymous_mib(pid)
        if abs(now - before) < 0.1:
            return now
        before = now


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", nargs="?")
    arguments.add_argument("--connections", type=int, default=15000)
    arguments.add_argument("--level", type=int, default=4, choices=(4, 5))
    arguments.add_argument("--server", type=int)
    arguments.add_argument("--port", type=int)
    chosen = arguments.parse_args()
    server = None if chosen.server else mqtt_edge.start("mqtt-idle", chosen.program)
    pid, port = (chosen.server, chosen.port) if chosen.server else (server.pid, server.port)
    try:
        warm = [open_client(port, f"warm-{i}", chosen.level) for i in range(100)]
        before = quiet_mib(pid)
        clients = [open_client(port, i, chosen.level) for i in range(chosen.connections)]
        after = quiet_mib(pid)
        each = (after - before) * 1024 * 1024 / len(clients)
        print(f"{len(clients)} idle connections, one subscription each: {each:.0f} bytes each "
              f"(RssAnon {before:.1f} -> {after:.1f} MiB)")
        del warm
    finally:
        if server:
            server.stop()


if __name__ == "__main__":
    main()
