# SPDX-License-Identifier: Apache-2.0
"""MQTT clients as they are (mosquitto_pub and _sub, paho-mqtt) and a Java RocketMQ client on one broker."""
import queue
import subprocess
import sys
import threading
import time

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-paho-mqtt, also for a python3 that is not Debian's

import paho.mqtt.client as paho  # noqa: E402
from paho.mqtt.packettypes import PacketTypes  # noqa: E402
from paho.mqtt.properties import Properties  # noqa: E402
from paho.mqtt.subscribeoptions import SubscribeOptions  # noqa: E402

PATIENCE_S = 30


class JavaSide:
    """interop.MqttRun as a child: lines in, lines out."""

    def __init__(self, java, home, namesrv, tag="M"):
        home.mkdir(parents=True, exist_ok=True)
        command = [str(c) for c in java.client_command(home, "interop.MqttRun", namesrv, tag)]
        self.log = open(home / "output.log", "w")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.topic = self.expect("topic ").split()[1]
        self.expect("ready")

    def _read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.lines.put(line.strip())

    def expect(self, start, patience=90):
        end = time.monotonic() + patience
        while True:
            line = self.lines.get(timeout=max(0.1, end - time.monotonic()))
            if line.startswith(start):
                return line

    def send(self, body):
        self.process.stdin.write(f"send {body}\n")
        if self.expect("sent ") != "sent SEND_OK":
            raise RuntimeError("Java could not send")

    def stop(self):
        self.process.stdin.write("end\n")
        self.process.wait(60)
        self.log.close()


class Device(paho.Client):
    """A paho client that remembers what came."""

    def __init__(self, port, client_id, version=paho.MQTTv5, clean=True, expiry_s=0, transport="tcp"):
        old = version != paho.MQTTv5
        super().__init__(client_id=client_id, protocol=version, transport=transport, **({"clean_session": clean} if old else {}))
        self.got, self.present, self.acknowledged = queue.Queue(), None, queue.Queue()
        connected = threading.Event()

        def on_connect(client, userdata, flags, reason, properties=None):
            self.present = bool(flags["session present"])
            connected.set()

        self.on_connect = on_connect
        self.on_message = lambda client, userdata, message: self.got.put(message)
        self.on_subscribe = lambda *args: self.acknowledged.put("suback")
        options = {}
        if not old:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = expiry_s
            options = {"clean_start": clean, "properties": properties}
        self.before_connect()
        self.connect("127.0.0.1", port, keepalive=30, **options)
        self.loop_start()
        if not connected.wait(PATIENCE_S):
            raise TimeoutError("no CONNACK")

    def before_connect(self):
        """For transports that want something set."""

    def listen(self, topic, qos=1, **options):
        self.subscribe(topic, options=SubscribeOptions(qos=qos, **options)) if self._protocol == paho.MQTTv5 else self.subscribe(topic, qos)
        self.acknowledged.get(timeout=PATIENCE_S)

    def next(self):
        return self.got.get(timeout=PATIENCE_S)

    def say(self, topic, payload, qos=1, **options):
        info = self.publish(topic, payload, qos, **options)
        info.wait_for_publish(PATIENCE_S)

    def leave(self):
        self.disconnect()
        self.loop_stop()

    def break_off(self):
        """The connection ends without DISCONNECT."""
        self.loop_stop()
        self._sock_close()


def mosquitto(program, port, *words, version="mqttv5"):
    command = [program, "-h", "127.0.0.1", "-p", str(port), "-V", version, *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def check(wanted, got):
    if wanted != got:
        raise AssertionError(f"expected {wanted!r}, got {got!r}")


def device_to_java(port, java):
    for number, (version, qos) in enumerate((v, q) for v in ("mqttv31", "mqttv311", "mqttv5") for q in (0, 1, 2)):
        mosquitto("mosquitto_pub", port, "-t", f"{java.topic}/device/{number}", "-m", f"m{number}", "-q", qos, version=version)
        check(f"got m{number}|{java.topic}/device/{number}|MQTT_COMMON|null", java.expect("got "))


def properties_to_java(port, java):
    words = ("-D", "publish", "user-property", "unit", "celsius", "-D", "publish", "user-property", "TAGS", "hot")
    mosquitto("mosquitto_pub", port, "-t", f"{java.topic}/t", "-m", "21.5", "-q", 1, *words)
    check(f"got 21.5|{java.topic}/t|hot|celsius", java.expect("got "))


def java_to_device(port, java):
    for version in (paho.MQTTv31, paho.MQTTv311, paho.MQTTv5):
        device = Device(port, f"reader-{int(version)}", version)
        device.listen(java.topic)
        java.send("hello")
        message = device.next()
        check((java.topic, b"hello", 1), (message.topic, message.payload, message.qos))
        if version == paho.MQTTv5:
            check(True, ("colour", "blue") in message.properties.UserProperty)
        device.leave()


def large_body_to_device(port, java):
    device = Device(port, "reader-large")
    device.listen(java.topic)
    java.send("x" * 20_000)  # compressed by the Java client
    check(20_000, len(device.next().payload))
    device.leave()


def mosquitto_sub_gets_retained(port, java):
    for version in ("mqttv311", "mqttv5"):
        mosquitto("mosquitto_pub", port, "-t", f"state/{version}", "-m", "on", "-q", 1, "-r", version=version)
        check("on\n", mosquitto("mosquitto_sub", port, "-t", f"state/{version}", "-C", 1, "-W", 20, version=version))
        mosquitto("mosquitto_pub", port, "-t", f"state/{version}", "-n", "-q", 1, "-r", version=version)


def sleeping_session(port, java):
    for version, expiry in ((paho.MQTTv311, 0), (paho.MQTTv5, 600)):
        name = f"sleeper-{int(version)}"
        sleeper = Device(port, name, version, clean=False, expiry_s=expiry)
        check(False, sleeper.present)
        sleeper.listen(f"sleep/{name}/#", qos=2)
        sleeper.break_off()
        with_others = Device(port, "waker")
        for number in range(20):
            with_others.say(f"sleep/{name}/x", str(number), qos=1 + number % 2)
        with_others.leave()
        again = Device(port, name, version, clean=False, expiry_s=expiry)
        check(True, again.present)
        got = [int(again.next().payload) for _ in range(20)]
        check(list(range(0, 20, 2)), [n for n in got if n % 2 == 0])  # paho hands a QoS 2 message on at its PUBREL, later than the others
        check(list(range(1, 20, 2)), [n for n in got if n % 2 == 1])
        again.leave()


def shared_subscription(port, java):
    workers = [Device(port, f"worker-{n}") for n in range(3)]
    for worker in workers:
        worker.listen("$share/crew/work/#")
    boss = Device(port, "boss")
    for number in range(30):
        boss.say("work/x", str(number))
    deadline = time.monotonic() + PATIENCE_S
    while sum(w.got.qsize() for w in workers) < 30 and time.monotonic() < deadline:
        time.sleep(0.05)
    counts = [w.got.qsize() for w in workers]
    check(30, sum(counts))
    check(True, min(counts) >= 5)
    for client in (*workers, boss):
        client.leave()


def request_and_response(port, java):
    server, client = Device(port, "rr-server"), Device(port, "rr-client")
    server.listen("rr/request")
    client.listen("rr/reply", noLocal=True)
    ask = Properties(PacketTypes.PUBLISH)
    ask.ResponseTopic, ask.CorrelationData = "rr/reply", b"\x00\x01"
    client.say("rr/request", "ping", properties=ask)
    request = server.next()
    answer = Properties(PacketTypes.PUBLISH)
    answer.CorrelationData = request.properties.CorrelationData
    server.say(request.properties.ResponseTopic, "pong", properties=answer)
    reply = client.next()
    check((b"pong", b"\x00\x01"), (reply.payload, reply.properties.CorrelationData))
    server.leave()
    client.leave()


def will_of_a_lost_client(port, java):
    watcher = Device(port, "watcher")
    watcher.listen("wills/#")
    mosquitto_sub = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "ready/#", "-t", "$SYS/broker/version", "--will-topic",
                                      "wills/x", "--will-payload", "gone", "-C", "9"], stdout=subprocess.PIPE)
    mosquitto_sub.stdout.readline()  # it is connected and has its retained message
    mosquitto_sub.kill()
    check(b"gone", watcher.next().payload)
    watcher.leave()


SCENARIOS = [device_to_java, properties_to_java, java_to_device, large_body_to_device, mosquitto_sub_gets_retained, sleeping_session, shared_subscription,
             request_and_response, will_of_a_lost_client]


def scenarios(report, topology, java, home, names=()):
    where = f"{topology.name}/mqtt"
    side = JavaSide(java, home / "mqtt", topology.namesrv.address)
    for scenario in SCENARIOS:
        if names and scenario.__name__ not in names:
            continue
        begin = time.monotonic()
        try:
            scenario(topology.brokers[0].mqtt_port, side)
            report.outcome(where, f"pass {scenario.__name__} ({time.monotonic() - begin:.1f} s)")
        except Exception as failure:
            report.outcome(where, f"FAIL {scenario.__name__}: {failure!r}")
    side.stop()
