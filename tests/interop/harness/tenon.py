# SPDX-License-Identifier: Apache-2.0
"""Tenon servers: each one process with a data directory of its own."""
import subprocess

from .processes import Child, free_ports


# So that a scenario need not wait half a minute for a check.
TRANSACTIONS = ["plugins.transaction.check_interval=1s", "plugins.transaction.timeout=3s"]


class Tenon:
    def __init__(self, root, program):
        self.root, self.program = root, program

    def _serve(self, what, conf, home, port, *settings):
        home.mkdir(parents=True, exist_ok=True)
        mqtt_ports = free_ports(1) if conf == "standalone.toml" else []
        mqtt = [f'plugins.mqtt.listen=["127.0.0.1:{p}"]' for p in mqtt_ports]
        values = [f"broker.data_dir={home}/data", f'plugins.native.listen=["127.0.0.1:{port}"]', *mqtt, *settings]
        command = [self.program, "serve", "-c", self.root / "conf" / conf, *(w for v in values for w in ("--set", v))]
        server = Child(what, command, home / "server.log", [port])
        server.address, server.mqtt_port = f"127.0.0.1:{port}", next(iter(mqtt_ports), None)
        return server

    def standalone(self, home, name="broker-a"):
        [port] = free_ports(1)
        server = self._serve("Tenon standalone", "standalone.toml", home, port, f"broker.name={name}", *TRANSACTIONS)
        server.broker_name = name
        return server

    def namesrv(self, home):
        [port] = free_ports(1)
        return self._serve("Tenon name server", "namesrv.toml", home, port)

    def broker(self, home, name, namesrv):
        [port] = free_ports(1)
        server = self._serve(f"Tenon {name}", "broker.toml", home, port, f"broker.name={name}", f'broker.name_servers=["{namesrv}"]',
                             *TRANSACTIONS)
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
