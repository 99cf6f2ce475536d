# SPDX-License-Identifier: Apache-2.0
"""One store directory, two kinds of broker: Tenon writes it and is stopped in some way, a Java broker opens it, serves the same,
writes more and stops, with kill -9 where Tenon was killed, and Tenon opens it again."""
import shutil
import signal
import subprocess

from .processes import Child, free_ports
from .rocketmq import JVM
from .store_load import GROUPS, TOPICS, Load, await_queues, commit_offsets, difference, prepare, snapshot

# Small files, so that a short load rolls commit log, queues and index several times. Both sides must be told.
# Not smaller: after a crash RocketMQ 5.4 reads the last ten files of the commit log, whatever the checkpoint says.
TENON_SIZES = ["plugins.store.commit_log_file_size=4MiB", "plugins.store.consume_queue_file_entries=100", "plugins.store.index_slots=500",
               "plugins.store.index_entries=2000", "plugins.store.file_reserved_time=240h"]
JAVA_SIZES = ("mappedFileSizeCommitLog=4194304\nmappedFileSizeConsumeQueue=2000\nmaxHashSlotNum=500\nmaxIndexNum=2000\n"
              "mappedFileSizeTimerLog=1048576\ntimerWheelEnable=false\nfileReservedTime=240\ndiskMaxUsedSpaceRatio=98\n"
              # After an unclean stop a Java broker throws its newest index files away and, without this key, does not make them again.
              "messageIndexSafe=true\n"
              "osPageCacheBusyTimeOutMills=20000\nwaitTimeMillsInSendQueue=10000\n")
# What only some brokers have: consume-queue extension and light queues. With one engine, so that the other is without.
EXTENDED_ENGINE = "store-sendfile"
TENON_EXTENDED = ["plugins.store.consume_queue_extension=true", "plugins.store.consume_queue_extension_file_size=4KiB", "plugins.store.filter_bit_maps=true",
                  "plugins.store.light_queues=true", "broker.light_queues=true"]
JAVA_EXTENDED = ("enableConsumeQueueExt=true\nmappedFileSizeConsumeQueueExt=4096\nenableCalcFilterBitMap=true\nenablePropertyFilter=true\n"
                 "enableLmq=true\nenableMultiDispatch=true\n")
STOPS = ("clean", "SIGTERM-under-load", "kill-9")
MESSAGES = {"clean": 500, "SIGTERM-under-load": 1_000_000, "kill-9": 1_000_000}


def tenon_on(tenon, home, store, engine, *settings):
    [port] = free_ports(1, around=(-2,))
    server = tenon._serve(f"Tenon ({engine})", "standalone.toml", home, port, f"plugins.store.type={engine}", f"broker.data_dir={store}",
                          "broker.auto_create_topic=true", *TENON_SIZES, *(TENON_EXTENDED if engine == EXTENDED_ENGINE else []), *settings)
    server.broker_name = "broker-a"
    return server


def java_on(java, home, store, extended, settings=""):
    [port] = free_ports(1, around=(-2, 1))
    java._logback(home, "broker")
    (home / "broker.conf").write_text(
        f"brokerClusterName=DefaultCluster\nbrokerName=broker-a\nbrokerId=0\nbrokerIP1=127.0.0.1\nlistenPort={port}\nhaListenPort={port + 1}\n"
        f"storePathRootDir={store}\nstorePathCommitLog={store}/commitlog\n" + JAVA_SIZES + (JAVA_EXTENDED if extended else "") + settings)
    server = Child(f"Java broker {java.version}", ["java", *JVM, "-Xms384m", "-Xmx384m", f"-Duser.home={home}", "-cp", java.servers_classpath(),
                   "org.apache.rocketmq.broker.BrokerStartup", "-c", home / "broker.conf"], home / "server.log", [port], {"ROCKETMQ_HOME": str(home)})
    server.address = f"127.0.0.1:{port}"
    return server


def engines(tenon):
    plugins = tenon.program.parent.parent / "lib/tenon/plugins"
    return [e for e in ("store-mmap", "store-sendfile") if (plugins / f"{e}.so").exists()]


def copy(source, target):
    subprocess.run(["cp", "-a", "--sparse=always", source, target], check=True)


class Story:
    """One engine, one way to stop."""

    def __init__(self, report, tenon, javas, home, engine, stop):
        self.report, self.tenon, self.javas = report, tenon, javas
        self.home, self.engine, self.stop = home / f"{engine}-{stop}", engine, stop
        self.where = f"stores/{engine}/{stop}"
        self.extended = engine == EXTENDED_ENGINE

    def run(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        acknowledged = self._write()
        served = self._open_with_tenon(self.home / "written", self.home / "tenon", "recovered")
        self.report.check(self.where, f"tenon-keeps-{len(acknowledged)}-acknowledged", acknowledged.complaint_about(served))
        for java in self.javas:
            self._over_and_back(java, served)

    def _write(self):
        store = self.home / "written"
        server = tenon_on(self.tenon, self.home / "writer", store, self.engine).start()
        prepare(server.address)
        first = self._load(server.address, 1, "first", 300).join()
        commit_offsets(server.address, self.extended)
        load = self._load(server.address, 2, self.stop, MESSAGES[self.stop])
        if self.stop == "clean":
            load.join()
        else:
            load.progress.wait(60)
        status = server.stop(signal.SIGKILL if self.stop == "kill-9" else signal.SIGTERM)
        if self.stop != "kill-9":
            self.report.check(self.where, "exit-status", None if status == 0 else f"ended with {status}")
        load.join().messages.update(first.messages)
        return load.acknowledged

    def _open_with_tenon(self, source, target, name):
        """What Tenon serves from a copy."""
        copy(source, target)
        server = tenon_on(self.tenon, self.home / f"{name}-log", target, self.engine).start()
        served = self._snapshot(server.address, 5)
        self.report.check(self.where, f"{name}-stops", None if server.stop() == 0 else "not with 0")
        return served

    def _over_and_back(self, java, served):
        where, store = f"{self.where}/{java.version}", self.home / f"java-{java.version}"
        copy(self.home / "written", store)
        server = java_on(java, self.home / f"java-{java.version}-home", store, self.extended).start()
        self.report.check(where, f"java-serves-the-same-{len(served['records'])}", difference(served, self._snapshot(server.address, 5)))
        self.report.check(where, "java-knows-topics-and-groups", self._settings_complaint(served))
        written = self._load(server.address, 3, f"java{java.version}", 150).join()
        await_queues(server.address, written)
        commit_offsets(server.address, self.extended)
        of_java = self._snapshot(server.address, 6)
        self.report.check(where, "java-appends", written.complaint_about(of_java))
        killed = self.stop == "kill-9"
        status = server.stop(signal.SIGKILL if killed else signal.SIGTERM)
        self.report.check(where, "java-stops", None if killed or status in (0, 143) else f"ended with {status}")
        # Offsets that a Java broker had not written yet when it was killed are not there.
        lost = ["settings"] if killed else []
        again = tenon_on(self.tenon, self.home / f"back-{java.version}", store, self.engine).start()
        self.report.check(where, f"tenon-serves-the-same-{len(of_java['records'])}", difference(of_java, self._snapshot(again.address, 6), lost))
        more = self._load(again.address, 4, "again", 50).join()
        self.report.check(where, "tenon-appends", more.complaint_about(self._snapshot(again.address, 7)))
        self.report.check(where, "tenon-stops", None if again.stop() == 0 else "not with 0")

    def _load(self, *what):
        return Load(*what, light=self.extended)

    def _snapshot(self, address, seed):
        return snapshot(address, seed, light=self.extended)

    def _settings_complaint(self, served):
        settings = served["settings"]
        missing = [n for n in [*TOPICS, *GROUPS] if n not in settings["topics"] and n not in settings["groups"]]
        # Offsets are written every few seconds, by both kinds of broker: a killed one may have none.
        return f"{missing} unknown" if missing or not settings["offsets"] and self.stop != "kill-9" else None


def run(report, tenon, javas, home, only):
    for engine in engines(tenon):
        for stop in [stop for stop in STOPS if not only or stop in only]:
            try:
                Story(report, tenon, javas, home, engine, stop).run()
            except (RuntimeError, TimeoutError, OSError, AssertionError) as failure:
                report.check(f"stores/{engine}/{stop}", "run", repr(failure))
