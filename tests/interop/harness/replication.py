# SPDX-License-Identifier: Apache-2.0
"""A Tenon and a Java broker as master and slave of each other, in both directions: the slave's commit log must become the
master's, byte for byte, over file boundaries and after Tenon was killed in between, and what does not lie in it (topics,
groups, consumer offsets) must come to the slave, too."""
import re
import shutil
import signal
import subprocess

from .processes import Child, free_ports, tail, wait_until
from .rocketmq import JVM

FILE_BYTES = 1 << 20
# Each so big that it crosses into the next file at least once.
ROUNDS = [10, 3_000, 3_000]
BODY = "r" * 500
TOPIC, GROUP = "replicated", "readers"


class Pair:
    """Master and slave of one broker name at a Tenon name server."""

    def __init__(self, tenon, java, home, tenon_is_master):
        self.tenon, self.java, self.home = tenon, java, home
        self.namesrv = tenon.namesrv(home / "namesrv")
        [tenon_port, java_port] = free_ports(2, around=(-2, 1))
        self.tenon_port, self.java_port = tenon_port, java_port
        self.tenon_log, self.java_log = home / "tenon/data/commitlog", home / "java/store/commitlog"
        configs = home / "tenon/data/config", home / "java/store/config"
        self.master_config, self.slave_config = configs if tenon_is_master else reversed(configs)
        self.tenon_is_master = tenon_is_master

    def build(self):
        namesrv = self.namesrv.start().address
        self.tenon_broker = self._tenon_broker(namesrv)
        self.java_broker = self._java_broker(namesrv)
        for broker in (self.tenon_broker, self.java_broker) if self.tenon_is_master else (self.java_broker, self.tenon_broker):
            broker.start()

    def _tenon_broker(self, namesrv):
        settings = ["broker.name=broker-a", f"broker.id={0 if self.tenon_is_master else 1}", f'broker.name_servers=["{namesrv}"]',
                    f"plugins.store.commit_log_file_size={FILE_BYTES}"]
        if not self.tenon_is_master:
            settings.append(f"plugins.ha.master=127.0.0.1:{self.java_port + 1}")
        conf = "broker.toml" if self.tenon_is_master else "broker-slave.toml"
        return self.tenon._serve("Tenon broker", conf, self.home / "tenon", self.tenon_port, *settings)

    def _java_broker(self, namesrv):
        home, port = self.home / "java", self.java_port
        self.java._logback(home, "broker")
        role = "brokerId=1\nbrokerRole=SLAVE\n" if self.tenon_is_master else "brokerId=0\nbrokerRole=ASYNC_MASTER\n"
        (home / "broker.conf").write_text(
            f"brokerClusterName=DefaultCluster\nbrokerName=broker-a\n{role}brokerIP1=127.0.0.1\nbrokerIP2=127.0.0.1\nlistenPort={port}\n"
            f"namesrvAddr={namesrv}\nhaListenPort={port + 1}\nstorePathRootDir={home}/store\nstorePathCommitLog={home}/store/commitlog\n"
            f"mappedFileSizeCommitLog={FILE_BYTES}\nmappedFileSizeTimerLog=1048576\ntimerWheelEnable=false\ndiskMaxUsedSpaceRatio=98\n")
        return Child(f"Java broker {self.java.version}", ["java", *JVM, "-Xms384m", "-Xmx384m", f"-Duser.home={home}", "-cp",
                     self.java.servers_classpath(), "org.apache.rocketmq.broker.BrokerStartup", "-c", home / "broker.conf"],
                     home / "java.log", [port], {"ROCKETMQ_HOME": str(home)})

    def produce(self, count):
        command = [self.tenon.program, "produce", "-n", self.namesrv.address, "-t", TOPIC, "-m", BODY, "-c", str(count), "-q"]

        def sent():
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            self.last = done.stdout[-300:]
            return done.returncode == 0
        wait_until(f"producing: {getattr(self, 'last', '')}", sent, 40)

    def await_same(self):
        """The last file of either may be made ahead of its first byte, so files that only one has must be empty."""
        master, slave = (self.tenon_log, self.java_log) if self.tenon_is_master else (self.java_log, self.tenon_log)

        def same():
            names = {f.name for d in (master, slave) if d.exists() for f in d.iterdir()}
            return bool(names) and all(content(master / n) == content(slave / n) for n in names) and any(content(slave / n) for n in names)
        wait_until("the slave's log to be the master's", same, 60)

    def consume(self, count):
        command = [self.tenon.program, "consume", "-n", self.namesrv.address, "-t", TOPIC, "--group", GROUP, "--from-beginning",
                   "-c", str(count), "--timeout", "30", "-o", "body"]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"consuming: {done.stderr[-300:]}")

    def await_metadata(self, count):
        """Brokers write their tables some seconds late, and a Java slave asks for them every ten."""
        def same():
            tables = [metadata(self.master_config), metadata(self.slave_config)]
            return tables[0] == tables[1] and sum(tables[0][0].values()) >= count and all(tables[0][1:])
        wait_until("the slave's tables to be the master's", same, 60)

    def stop(self):
        for server in (self.java_broker, self.tenon_broker, self.namesrv):
            server.stop()


def metadata(config):
    """Offsets of the group by queue, whether the group is known, and the queues of the topic. Java's JSON has numbers as keys."""
    offsets, groups, topics = ((config / name).read_text() if (config / name).exists() else ""
                               for name in ("consumerOffset.json", "subscriptionGroup.json", "topics.json"))
    pair = re.search(rf'"{TOPIC}@{GROUP}"\s*:\s*{{([^}}]*)}}', offsets)
    by_queue = re.findall(r'"?(\d+)"?\s*:\s*(\d+)', pair[1]) if pair else []
    queues = re.search(rf'"{TOPIC}"\s*:\s*{{.*?"readQueueNums"\s*:\s*(\d+)', topics, re.DOTALL)
    return {int(queue): int(offset) for queue, offset in by_queue}, f'"{GROUP}"' in groups, queues and queues[1]


def content(file):
    return file.read_bytes().rstrip(b"\0") if file.exists() else b""


def one_direction(report, tenon, java, home, tenon_is_master):
    direction = f"tenon-to-java-{java.version}" if tenon_is_master else f"java-{java.version}-to-tenon"
    where, place = f"replication/{direction}", home / direction
    shutil.rmtree(place, ignore_errors=True)
    pair = Pair(tenon, java, place, tenon_is_master)
    try:
        pair.build()
        for number, count in enumerate(ROUNDS):
            if number == len(ROUNDS) - 1:
                pair.tenon_broker.kill()
                if not tenon_is_master:  # the master goes on meanwhile
                    pair.produce(count)
                pair.tenon_broker.start()
            if number < len(ROUNDS) - 1 or tenon_is_master:
                pair.produce(count)
            pair.await_same()
            report.check(where, f"round-{number + 1}", None)
        pair.consume(ROUNDS[0])
        pair.await_metadata(ROUNDS[0])
        report.check(where, "metadata", None)
    except (RuntimeError, TimeoutError, OSError) as failure:
        report.check(where, "run", f"{failure}\n{tail(place / 'tenon/server.log')}")
        pair.stop()
        return
    pair.java_broker.stop()
    status = pair.tenon_broker.stop(signal.SIGTERM)
    report.check(where, "clean-stop", None if status == 0 else f"ended with {status}")
    pair.namesrv.stop()
    verified = subprocess.run([tenon.program, "store", "verify", str(place / "tenon/data")], stdout=subprocess.PIPE, text=True, timeout=60)
    report.check(where, "verify", None if verified.returncode == 0 else verified.stdout[-500:])


def run(report, tenon, javas, home):
    for java in javas:
        for tenon_is_master in (True, False):
            one_direction(report, tenon, java, home, tenon_is_master)
