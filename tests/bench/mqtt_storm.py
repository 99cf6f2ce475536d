# SPDX-License-Identifier: Apache-2.0
"""What a connected MQTT device notices while a crowd connects.

    tests/bench/mqtt_storm.py build/release/bin/tenon --kind tls|password|wrong --connections 1000

One device publishes with QoS 1, one message under way, and notes how long each PUBACK takes: first alone, then while
others connect over TLS, or by TCP with names whose passwords are hashed --iterations times ("wrong": with a wrong one).
Needs openssl for the certificate and the crowd's own share of the processor: look at the middle of several runs.
"""
import argparse
import base64
import hashlib
import multiprocessing
import socket
import ssl
import statistics
import subprocess
import time

import mqtt_edge
import servers
from mqtt_edge import packet, text


def connect_packet(name, user=None, password=None):
    flags = 2 if user is None else 0xC2
    return packet(0x10, text("MQTT") + bytes([4, flags, 0, 0]) + text(name) + (text(user) + text(password) if user else b""))


def start(program, kind, iterations):
    other = servers.free_port()

    def prepare(server):
        salt, directory = b"0123456789ab", server.directory
        secret = hashlib.pbkdf2_hmac("sha512", b"right", salt, iterations)
        (directory / "passwords").write_text(f"crowd:$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(secret).decode()}\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2", "-keyout",
                        directory / "key.pem", "-out", directory / "certificate.pem"], check=True, capture_output=True)
        return (f'password_file = "{directory}/passwords"\n[[plugins.mqtt.listeners]]\naddress = "127.0.0.1:{other}"\ntransport = "tls"\n'
                f'certificate_file = "{directory}/certificate.pem"\nkey_file = "{directory}/key.pem"\n')

    server = mqtt_edge.start("mqtt-storm", program, prepare)
    time.sleep(1)  # it may take nothing yet: the kernel starts last
    return server, other if kind == "tls" else server.port


def crowd(port, kind, first, count, done):
    """Opens connections, eight at a time, and counts those that were let in."""
    let_in, context = 0, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for start_at in range(first, first + count, 8):
        sockets = []
        for number in range(start_at, min(start_at + 8, first + count)):
            connection = socket.create_connection(("127.0.0.1", port))
            if kind == "tls":
                connection = context.wrap_socket(connection)
            connection.sendall(connect_packet(f"c-{number}", *(() if kind == "tls" else ("crowd", "right" if kind == "password" else "wrong"))))
            sockets.append(connection)
        let_in += sum(connection.recv(4) == b"\x20\x02\x00\x00" for connection in sockets)
        for connection in sockets:
            connection.close()
    done.put(let_in)


class Device:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(connect_packet("device"))
        assert self.socket.recv(4)[3] == 0

    def waits_ms(self, until):
        message, waits = packet(0x32, text("storm/device") + b"\0\1" + b"x" * 64), []
        while not until():
            begin = time.perf_counter()
            self.socket.sendall(message)
            assert self.socket.recv(4)[0] == 0x40
            waits.append(1000 * (time.perf_counter() - begin))
            time.sleep(0.001)
        return waits


def words(what, waits):
    cuts = statistics.quantiles(waits, n=1000)
    return f"{what}: p50 {cuts[499]:.2f} ms, p99 {cuts[989]:.2f} ms, longest {max(waits):.1f} ms ({len(waits)} messages)"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("--kind", choices=("tls", "password", "wrong"), default="tls")
    arguments.add_argument("--connections", type=int, default=1000)
    arguments.add_argument("--iterations", type=int, default=50_000)
    chosen = arguments.parse_args()
    server, port = start(chosen.program, chosen.kind, chosen.iterations)
    try:
        device, end = Device(server.port), time.monotonic() + 2
        print(words("alone", device.waits_ms(lambda: time.monotonic() > end)))
        done = multiprocessing.Queue()
        half = chosen.connections // 2
        people = [multiprocessing.Process(target=crowd, args=(port, chosen.kind, i * half, half, done)) for i in range(2)]
        begin = time.monotonic()
        for one in people:
            one.start()
        print(words(f"while {2 * half} connect ({chosen.kind})", device.waits_ms(lambda: not any(one.is_alive() for one in people))))
        print(f"{sum(done.get() for _ in people)} were let in, in {time.monotonic() - begin:.1f} s")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
