# SPDX-License-Identifier: Apache-2.0
"""MQTT clients of many makers on every transport, with a Java RocketMQ client on the same topic, both ways.

MQTT.js (js/) and Eclipse Paho's two Go clients (go-mqtt/) are programs that get a job as JSON: topic, ca, certificate, key
(files), ports (transport -> port). mosquitto_pub and _sub and paho-mqtt are driven from here.
"""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-paho-mqtt, also for a python3 that is not Debian's

import paho.mqtt.client as paho  # noqa: E402

from .certificates import USER  # noqa: E402
from .mqtt import Device, JavaSide, check  # noqa: E402

PATIENCE_S = 60


def build_programs(report, here, build):
    """name -> command of a client program."""
    programs = {"js": build_js(here, build)}
    go = shutil.which("go", path=os.environ["PATH"] + ":/usr/local/go/bin")
    version = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= (1, 23):
        programs["go"] = build_go(go, here, build)
    else:
        report.note(f"mqtt-transports: Paho's clients for Go are left out: they need Go 1.23, this is {version}")
    return programs


def build_go(go, here, build):
    program = build / "go-mqtt-client"
    subprocess.run([go, "build", "-buildvcs=false", "-o", program, "."], cwd=here / "go-mqtt", check=True)
    return [program]


def build_js(here, build):
    home = build / "js-client"
    home.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "main.js"):
        shutil.copy(here / "js" / name, home)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True)
    return ["node", home / "main.js"]


class Java:
    """The Java client, whose consumer hears of many messages in whatever order."""

    def __init__(self, side):
        self.side, self.topic, self.bodies = side, side.topic, set()

    def _next(self):
        line = self.side.expect("")
        if line.startswith("got "):
            self.bodies.add(line.removeprefix("got ").partition("|")[0])
        return line

    def hears(self, body):
        while body not in self.bodies:
            self._next()

    def send(self, body):
        self.side.process.stdin.write(f"send {body}\n")
        while not (line := self._next()).startswith("sent "):
            pass
        check("sent SEND_OK", line)


def program(report, where, command, job, java, log):
    """Runs a client program; what each of its clients published must have come to Java too."""
    process = subprocess.Popen([*map(str, command), json.dumps(job)], stdout=subprocess.PIPE, stderr=open(log, "w"), text=True)
    if process.stdout.readline() != "ready\n":
        raise RuntimeError(f"{command[-1]} did not begin; see {log}")
    java.send("from java")
    for line in process.communicate(timeout=PATIENCE_S)[0].splitlines():
        outcome, label = line.split(maxsplit=2)[:2]
        if outcome == "pass":
            for qos in (0, 1, 2):
                java.hears(f"{label} {qos}")
        report.outcome(where, line)


def tls_words(way, certificates):
    if way == "tcp":
        return []
    certificate = ["--cert", certificates.client[0], "--key", certificates.client[1]] if way == "certificate" else []
    return ["--cafile", certificates.ca, *certificate]


def mosquitto_clients(way, port, certificates, java):
    options = ["-h", "127.0.0.1", "-p", str(port), *map(str, tls_words(way, certificates))]
    for version in ("mqttv311", "mqttv5"):
        body = f"mosquitto-{way}-{version}"
        topic = f"{java.topic}/{body}"
        publish = ["mosquitto_pub", *options, "-V", version, "-t", topic, "-m", body, "-q", "1", "-r"]
        subprocess.run(publish, check=True, timeout=PATIENCE_S)
        java.hears(body)
        subscribe = ["mosquitto_sub", *options, "-V", version, "-t", topic, "-C", "1", "-W", "20"]
        got = subprocess.run(subscribe, check=True, timeout=PATIENCE_S, stdout=subprocess.PIPE, text=True).stdout
        check(f"{body}\n", got)


class TransportDevice(Device):
    """paho-mqtt on any transport."""

    def __init__(self, way, port, certificates, client_id, version):
        self.way, self.certificates = way, certificates
        super().__init__(port, client_id, version, transport="websockets" if way in ("ws", "wss") else "tcp")

    def before_connect(self):
        if self.way in ("ws", "wss"):
            self.ws_set_options(path="/mqtt")
        if self.way in ("tls", "wss"):
            self.tls_set(str(self.certificates.ca))
        if self.way == "certificate":
            self.tls_set(str(self.certificates.ca), *map(str, self.certificates.client))


def paho_python(way, port, certificates, java):
    for version in (paho.MQTTv311, paho.MQTTv5):
        name = f"python-{way}-v{int(version)}"
        device = TransportDevice(way, port, certificates, name, version)
        device.listen(java.topic)
        java.send(f"to {name}")
        check(f"to {name}".encode(), device.next().payload)
        device.say(f"{java.topic}/{name}", name, qos=2)
        java.hears(name)
        device.leave()


def refused_without_certificate(way, port, certificates, java):
    words = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "--cafile", str(certificates.ca), "-t", "t", "-m", "x", "-u", USER]
    done = subprocess.run(words, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    check(True, done.returncode != 0)


SCENARIOS = {
    mosquitto_clients: ("tcp", "tls", "certificate"),  # those of 2.0 have no WebSockets
    paho_python: ("tcp", "tls", "certificate", "ws", "wss"),
    refused_without_certificate: ("certificate",),
}


def scenarios(report, topology, java, home, programs):
    where = f"{topology.name}/mqtt-transports"
    server = topology.brokers[0]
    side = JavaSide(java, home / "mqtt-transports", topology.namesrv.address, "W")
    rocketmq = Java(side)
    for scenario, ways in SCENARIOS.items():
        for way in ways:
            try:
                scenario(way, server.mqtt_ports[way], server.certificates, rocketmq)
                report.outcome(where, f"pass {scenario.__name__} over {way}")
            except Exception as failure:
                report.outcome(where, f"FAIL {scenario.__name__} over {way}: {failure!r}")
    job = {"topic": side.topic, "ca": str(server.certificates.ca), "certificate": str(server.certificates.client[0]),
           "key": str(server.certificates.client[1]), "ports": server.mqtt_ports}
    for name, command in programs.items():
        try:
            program(report, where, command, job, rocketmq, home / "mqtt-transports" / f"{name}.log")
        except Exception as failure:
            report.outcome(where, f"FAIL {name}: {failure!r}")
    side.stop()
