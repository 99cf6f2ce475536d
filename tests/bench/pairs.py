# SPDX-License-Identifier: Apache-2.0
"""Two brokers of one name, master and slave, of Tenon or of the Java reference, and the least that a pair can be. All of a run share one Tenon name server."""
import os
import time

import idle
import wire
from servers import REPOSITORY, Server, free_port, wait_for_port

SLAVE_PATIENCE_SECONDS = 60


class NameServer(Server):
    def __init__(self, build):
        super().__init__("names")
        process = self.spawn([str(build / "bin" / "tenon"), "serve", "-c", str(REPOSITORY / "conf" / "namesrv.toml"), "--set",
                              f"broker.data_dir={self.directory}/data", "--set", f"plugins.native.listen={self.address}"])
        wait_for_port(self.port, process)


class Pair(Server):
    """`pid` and `port` are the master's. The slave may come later: start_slave()."""

    def __init__(self, name, names, sync, wrapper=()):
        super().__init__(name)
        # Java has a second port two below, both have that of replication one above.
        self.port, self.slave_port = free_port((-2, 1)), free_port((-2, 1))
        self.names, self.sync, self.wrapper = names, sync, wrapper
        self.companion_pid = 0
        self.master_process = self.start_broker("master", self.port, 0)
        self.pid = self.master_process.pid
        wait_for_port(self.port, self.master_process)

    def start_slave(self):
        self.slave_process = self.start_broker("slave", self.slave_port, 1)
        self.companion_pid = self.slave_process.pid
        return self

    def cpu(self):
        """CPU seconds of master and slave so far."""
        return idle.cpu_seconds(self.pid), idle.cpu_seconds(self.companion_pid) if self.companion_pid else 0.0

    def await_slave(self):
        """Until what is sent to the master is at the slave, and a synchronous send is acknowledged."""
        deadline = time.monotonic() + SLAVE_PATIENCE_SECONDS
        wait_for_port(self.slave_port, self.slave_process)
        while time.monotonic() < deadline:
            answer = wire.send_once(self.port, "BenchPair")
            time.sleep(0.2)
            if answer == 0 and 0 < wire.log_end(self.slave_port) == wire.log_end(self.port):
                return self
        raise RuntimeError(f"{self.name}: the slave does not follow (last answer {answer}); see {self.directory}")


class MiniPair(Server):
    """The practical limit: tenon_mini_broker, which answers once tenon_mini_slave has what it appended. Both write over the same
    256 MiB again and again, or, with log="keep", keep what they were given. Registers with nobody. `wrapper`: of the master."""

    def __init__(self, build, name="limit", log="wrap", wrapper=()):
        super().__init__(name)
        slave_port = free_port()
        slave = self.spawn([str(build / "bench" / "tenon_mini_slave"), str(slave_port), str(self.directory / "slave"), log])
        self.companion_pid = slave.pid
        wait_for_port(slave_port, slave)
        master = self.spawn([*wrapper, str(build / "bench" / "tenon_mini_broker"), str(self.port), str(self.directory / "master"), log, f"127.0.0.1:{slave_port}"])
        self.pid = master.pid
        wait_for_port(self.port, master)


class TenonPair(Pair):
    """conf/broker.toml and conf/broker-slave.toml. `settings` are of both."""

    def __init__(self, build, names, sync, wrapper=(), settings=(), name=None):
        self.build, self.settings = build, list(settings)
        super().__init__(name or ("tenon-sync" if sync else "tenon-async"), names, sync, wrapper)

    def start_broker(self, role, port, broker_id):
        conf = "broker.toml" if role == "master" else "broker-slave.toml"
        sets = [f"broker.id={broker_id}", f"broker.data_dir={self.directory}/{role}", f'broker.name_servers=["{self.names.address}"]',
                f"broker.name={self.directory.name}", f'plugins.native.listen="127.0.0.1:{port}"', *self.settings]
        if self.sync:
            sets.append("plugins.ha.replication=sync")
        if role == "slave":
            sets.append(f"plugins.ha.master=127.0.0.1:{self.port + 1}")
        return self.spawn([*self.wrapper, str(self.build / "bin" / "tenon"), "serve", "-c", str(REPOSITORY / "conf" / conf),
                           *(word for setting in sets for word in ("--set", setting))])


class JavaPair(Pair):
    """SYNC_MASTER and SLAVE with their defaults otherwise. RocketMQ 5 waits for a slave only with inSyncReplicas = 2."""

    def __init__(self, tool, version, names, sync, wrapper=()):
        self.tool, self.version = tool, version
        super().__init__(f"java-{version}", names, sync, wrapper)

    def start_broker(self, role, port, broker_id):
        home = self.directory / role
        home.mkdir()
        kind = "SLAVE" if role == "slave" else "SYNC_MASTER" if self.sync else "ASYNC_MASTER"
        lines = ["brokerClusterName=DefaultCluster", f"brokerName={self.directory.name}", f"brokerId={broker_id}", f"brokerRole={kind}",
                 "brokerIP1=127.0.0.1", "brokerIP2=127.0.0.1", f"listenPort={port}", f"haListenPort={port + 1}",
                 f"namesrvAddr={self.names.address}", f"storePathRootDir={home}/store", f"storePathCommitLog={home}/store/commitlog",
                 "diskMaxUsedSpaceRatio=98"]
        if self.sync and not self.version.startswith("4."):
            lines.append("inSyncReplicas=2")
        configuration = self.directory / f"{role}.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return self.spawn([*self.wrapper, str(self.tool), "broker", self.version, str(home), str(configuration)],
                          HEAP=os.environ.get("HEAP", "2g"))
