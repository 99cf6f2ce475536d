# SPDX-License-Identifier: Apache-2.0
"""Transactions whose broker is taken away between the half message and its end: killed and started again, or replaced by
one of the other make on the same store directory."""
import shutil
import signal

from .jobs import interrupted, kill_and_start
from .processes import Child, free_ports
from .rocketmq import JVM

CHECKS = ["plugins.transaction.check_interval=1s", "plugins.transaction.timeout=3s"]


def killed_broker(report, topology, java, home):
    """The broker dies by SIGKILL while half messages wait, and comes back."""
    run_program(report, f"{topology.name}/transactions/{java.version}", topology.namesrv.address, java, home / f"transactions-{java.version}",
                lambda: kill_and_start(topology))


def run_program(report, where, namesrv, java, home, away):
    tag = "T" + java.version.replace(".", "")
    interrupted(report, where, java, home, "interop.TransactionRun", namesrv, tag, "half stored", away)


class Handover:
    """One port and one store directory, served by Tenon and by a Java broker in turn, registered with one name server."""

    def __init__(self, tenon, java, home, namesrv):
        self.home, self.store = home, home / "store"
        [port] = free_ports(1, around=(-2, 1))
        self.tenon = tenon._serve("Tenon broker-a", "broker.toml", home / "tenon", port, "broker.name=broker-a", f"broker.data_dir={self.store}",
                                  f'broker.name_servers=["{namesrv}"]', "plugins.store.commit_log_file_size=64MiB", *CHECKS)
        java._logback(home, "broker")
        (home / "broker.conf").write_text(
            f"brokerClusterName=DefaultCluster\nbrokerName=broker-a\nbrokerId=0\nbrokerIP1=127.0.0.1\nbrokerIP2=127.0.0.1\nlistenPort={port}\n"
            f"namesrvAddr={namesrv}\nhaListenPort={port + 1}\nstorePathRootDir={self.store}\nstorePathCommitLog={self.store}/commitlog\n"
            "mappedFileSizeCommitLog=67108864\nmappedFileSizeTimerLog=1048576\ntimerWheelEnable=false\nmessageIndexSafe=true\n"
            "diskMaxUsedSpaceRatio=98\ntransactionTimeOut=3000\ntransactionCheckInterval=1000\n")
        self.java = Child(f"Java broker {java.version}", ["java", *JVM, "-Xms384m", "-Xmx384m", f"-Duser.home={home}", "-cp",
                          java.servers_classpath(), "org.apache.rocketmq.broker.BrokerStartup", "-c", home / "broker.conf"],
                          home / "java.log", [port], {"ROCKETMQ_HOME": str(home)})
        for server in (self.tenon, self.java):
            server.address, server.broker_name = f"127.0.0.1:{port}", "broker-a"


def handovers(report, tenon, java, client, home):
    """A Java broker settles what Tenon left pending, and Tenon what a Java broker left."""
    for first, second in (("tenon", "java"), ("java", "tenon")):
        place = home / f"{first}-to-{second}"
        shutil.rmtree(place, ignore_errors=True)
        namesrv = tenon.namesrv(place / "namesrv").start()
        pair = Handover(tenon, java, place, namesrv.address)
        brokers = {"tenon": pair.tenon, "java": pair.java}
        where = f"stores/transactions/{first}-to-{second}-{java.version}"
        try:
            brokers[first].start()

            def away():
                status = brokers[first].stop(signal.SIGTERM)
                report.check(where, f"{first}-stops", None if status in (0, 143) else f"ended with {status}")
                brokers[second].start()

            run_program(report, where, namesrv.address, client, place, away)
        except (RuntimeError, TimeoutError, OSError) as failure:
            report.check(where, "run", repr(failure))
        for server in (*brokers.values(), namesrv):
            server.stop()
