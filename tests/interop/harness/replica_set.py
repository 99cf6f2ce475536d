# SPDX-License-Identifier: Apache-2.0
"""Three Tenon brokers of one name at two name servers: a message is acknowledged when two of them have it."""
import json
import signal
import subprocess

from .processes import Child, free_ports, wait_until
from .remoting import messages_read
from .replication import content

FILE_BYTES = 1 << 20
REPLICAS = 3
CLOSE_BYTES = 64 << 10
SETTINGS = ["broker.name=broker-a", "plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=2", f"plugins.store.commit_log_file_size={FILE_BYTES}"]


class ReplicaSet:
    """`etcd`: address of an etcd that decides who is the master; None: the first broker is, until an operator says otherwise."""

    def __init__(self, tenon, home, etcd=None):
        self.tenon, self.home, self.etcd = tenon, home, etcd
        self.name_servers = [tenon.namesrv(home / f"namesrv-{n}") for n in (1, 2)]
        self.namesrv = ";".join(s.address for s in self.name_servers)
        first_id = 1 if etcd else 0
        self.brokers = [self._broker(home / f"broker-{n}", port, first_id + n) for n, port in enumerate(free_ports(REPLICAS, around=(-2, 1)))]
        self.master = self.brokers[0]

    def _broker(self, home, port, broker_id):
        names = ", ".join(f'"{s.address}"' for s in self.name_servers)
        settings = [*SETTINGS, f"broker.id={broker_id}", f"broker.name_servers=[{names}]"]
        if self.etcd:
            settings += [f'plugins.election-etcd.endpoints=["{self.etcd}"]', f"plugins.election-etcd.members={REPLICAS}"]
        conf = "broker-etcd.toml" if self.etcd else "broker.toml" if broker_id == 0 else "broker-slave.toml"
        broker = self.tenon._serve(f"Tenon broker {home.name}", conf, home, port, *settings)
        broker.home, broker.port, broker.broker_id = home, port, broker_id
        return broker

    def configured_with(self, broker, broker_id):
        """The same broker, not running, with another id: what an operator does to an old master before it starts again."""
        (broker.home / "data/config/promoted").unlink(missing_ok=True)
        again = self._broker(broker.home, broker.port, broker_id)
        self.brokers[self.brokers.index(broker)] = again
        return again

    def start(self):
        for server in [*self.name_servers, *self.brokers]:
            server.start()
        wait_until("a master", self.find_master)
        self.await_in_sync()

    def slaves(self):
        return [b for b in self.brokers if b is not self.master]

    def status(self, broker):
        """None while the broker cannot be asked."""
        done = subprocess.run([self.tenon.program, "ha", "status", "-b", broker.address, "-o", "json"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=30)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def find_master(self):
        """Looks at those that run only."""
        for broker in self.brokers:
            status = self.status(broker) if broker.process and broker.process.poll() is None else None
            if status and status["isMaster"]:
                self.master = broker
                return True
        return False

    def await_in_sync(self):
        """All slaves have the log, but for what was written a moment ago."""
        def close(slave):
            return slave["inSync"] and slave["lagBytes"] < CLOSE_BYTES

        def in_sync():
            slaves = (self.status(self.master) or {}).get("replicas", [])
            return len(slaves) == REPLICAS - 1 and all(map(close, slaves))
        wait_until("all slaves to be in sync", in_sync)

    def await_metadata(self, since_ms):
        def taken(slave):
            return ((self.status(slave) or {}).get("metadata") or {}).get("lastTaken", 0) > since_ms
        wait_until("the slaves to know the topics", lambda: all(taken(s) for s in self.slaves()))

    def kill_master_before_copies(self, may_be_killed):
        """The slaves are held until `may_be_killed`, and go on when the master is dead."""
        for slave in self.slaves():
            slave.process.send_signal(signal.SIGSTOP)
        try:
            may_be_killed()
            self.master.kill()
        finally:
            for slave in self.slaves():
                slave.process.send_signal(signal.SIGCONT)

    def read_from_slaves(self):
        """How many messages all of them have given to consumers."""
        return sum(messages_read(s.address) for s in self.slaves())

    def unconfirmed(self):
        status = self.status(self.master)
        return status["logMax"] - status["confirmed"]

    def promote_the_longest(self):
        """As docs/operations/cluster.md says; returns the slave's words."""
        wait_until("the slaves to have lost the master", lambda: all(not s["master"]["connected"] for s in self._slave_states()))
        ends = {slave: (state["epoch"], state["logMax"]) for slave, state in zip(self.slaves(), self._slave_states())}
        chosen, words = max(ends, key=ends.get), []

        def promoted():
            done = subprocess.run([self.tenon.program, "ha", "promote", "-b", chosen.address], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=60)
            words[:] = [done.stdout]
            return done.returncode == 0
        wait_until("a promotion", promoted, 30)
        old, self.master = self.master, chosen
        return old, words[0]

    def _slave_states(self):
        return [s for s in map(self.status, self.slaves()) if s]

    def same_logs(self):
        places = [b.home / "data/commitlog" for b in self.brokers]
        names = {f.name for d in places for f in d.iterdir()}
        return all(len({content(d / n) for d in places}) == 1 for n in names)

    def stop(self):
        """Slaves first. Returns a complaint for each that did not end well."""
        servers = [*self.slaves(), self.master, *self.name_servers]
        statuses = [(s, s.stop()) for s in servers]
        return [f"{s.name} ended with {status} (log: {s.log})" for s, status in statuses if status != 0]


def etcd(program, home):
    """One member; its data go with `home`."""
    client, peer = (f"http://127.0.0.1:{p}" for p in free_ports(2))
    command = [program, "--data-dir", home / "data", "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
               "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]
    server = Child("etcd", command, home / "server.log", [int(client.rpartition(":")[2])])
    server.address = client.removeprefix("http://")
    return server
