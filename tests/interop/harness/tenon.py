# SPDX-License-Identifier: Apache-2.0
"""Tenon servers: each one process with a data directory of its own."""
import subprocess

from .certificates import Certificates
from .processes import Child, free_ports


# So that a scenario need not wait half a minute for a check.
TRANSACTIONS = ["plugins.transaction.check_interval=1s", "plugins.transaction.timeout=3s"]
LIGHT_QUEUES = ["broker.light_queues=true", "plugins.store.light_queues=true"]


# How an MQTT client may come in, and what the listener's table says beyond its address.
MQTT_WAYS = {
    "tcp": 'transport = "tcp"',
    "tls": 'transport = "tls", certificate_file = "{server}", key_file = "{key}"',
    "certificate": 'transport = "tls", certificate_file = "{server}", key_file = "{key}", client_ca_file = "{ca}", '
                   'require_certificate = true, use_identity_as_username = true',
    "ws": 'transport = "ws"',
    "wss": 'transport = "wss", certificate_file = "{server}", key_file = "{key}"',
}


class Tenon:
    def __init__(self, root, program):
        self.root, self.program = root, program

    def _serve(self, what, conf, home, port, *settings):
        home.mkdir(parents=True, exist_ok=True)
        values = [f"broker.data_dir={home}/data", f'plugins.native.listen=["127.0.0.1:{port}", "127.0.0.1:{port - 2}"]', *settings]
        command = [self.program, "serve", "-c", self.root / "conf" / conf, *(w for v in values for w in ("--set", v))]
        server = Child(what, command, home / "server.log", [port])
        server.address = f"127.0.0.1:{port}"
        return server

    def standalone(self, home, name="broker-a"):
        [port] = free_ports(1, around=(-2,))
        mqtt_ports, certificates = dict(zip(MQTT_WAYS, free_ports(len(MQTT_WAYS)))), Certificates(home / "certificates")
        files = {"server": certificates.server[0], "key": certificates.server[1], "ca": certificates.ca}
        tables = [f'{{address = "127.0.0.1:{mqtt_ports[way]}", {words.format(**files)}}}' for way, words in MQTT_WAYS.items()]
        server = self._serve("Tenon standalone", "standalone.toml", home, port, f"broker.name={name}", *TRANSACTIONS, *LIGHT_QUEUES,
                             "plugins.mqtt.listen=[]", f"plugins.mqtt.listeners=[{', '.join(tables)}]")
        server.broker_name, server.mqtt_ports, server.mqtt_port, server.certificates = name, mqtt_ports, mqtt_ports["tcp"], certificates
        return server

    def namesrv(self, home):
        [port] = free_ports(1, around=(-2,))
        return self._serve("Tenon name server", "namesrv.toml", home, port)

    def broker(self, home, name, namesrv):
        [port] = free_ports(1, around=(-2,))
        server = self._serve(f"Tenon {name}", "broker.toml", home, port, f"broker.name={name}", f'broker.name_servers=["{namesrv}"]',
                             *TRANSACTIONS, *LIGHT_QUEUES)
        server.broker_name = name
        return server

    def consume(self, namesrv, topic, count, timeout):
        """The bodies of the first `count` messages that `tenon consume` prints, at most `timeout` seconds long."""
        command = [self.program, "consume", "-n", namesrv, "-t", topic, "--from-beginning", "--count", str(count), "--timeout", str(timeout),
                   "-o", "body"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout + 30)
        if done.returncode != 0:
            raise RuntimeError(f"tenon consume: exit status {done.returncode}: {done.stderr.strip()[-300:]}; {len(done.stdout.splitlines())} lines")
        return done.stdout.splitlines()
