# SPDX-License-Identifier: Apache-2.0
"""Apache RocketMQ, resolved through Maven: its name server, broker and mqadmin, and the Java client programs."""
import os
import shutil
import subprocess

from .processes import Child, free_ports

# Short-lived JVMs on a small machine: no second compiler, no collector threads.
JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
       "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
       "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED"]
LOGBACK = '<configuration><root level="OFF"/></configuration>\n'


class Rocketmq:
    """One version of everything Java. `build`: where class paths, homes and logs go."""

    def __init__(self, version, sources, build):
        self.version, self.sources, self.build = version, sources, build

    def _maven(self, pom, jars, *goals):
        mark = jars / f"resolved-{pom.parent.name}"
        if mark.exists() and mark.stat().st_mtime > newest(pom.parent):
            return
        subprocess.run(["mvn", "-q", "-B", "-ntp", "-f", pom, f"-Drocketmq.version={self.version}",
                        f"-Dinterop.build={jars}", *goals, "dependency:copy-dependencies",
                        f"-DoutputDirectory={jars}/lib"], check=True)
        mark.touch()

    def servers_classpath(self):
        jars = self.build / f"servers-{self.version}"
        jars.mkdir(parents=True, exist_ok=True)
        self._maven(self.sources / "servers/pom.xml", jars)
        return f"{jars}/lib/*"

    def clients_classpath(self):
        jars = self.build / f"java-{self.version}"
        jars.mkdir(parents=True, exist_ok=True)
        self._maven(self.sources / "java/pom.xml", jars, "compile")
        return f"{jars}/classes:{jars}/lib/*"

    def client_command(self, home, main, *arguments, binary_headers=False):
        home.mkdir(parents=True, exist_ok=True)
        options = [f"-Duser.home={home}", f"-Drocketmq.client.logRoot={home}/logs", "-Drocketmq.client.logLevel=WARN",
                   f"-Drocketmq.client.localOffsetStoreDir={home}/offsets"]
        if binary_headers:
            options.append("-Drocketmq.serialize.type=ROCKETMQ")
        return ["java", *JVM, "-Xmx256m", *options, "-cp", self.clients_classpath(), main, *arguments]

    def mqadmin(self, home, *arguments):
        """Runs one mqadmin command; returns its output."""
        self._logback(home, "tools")
        command = ["java", *JVM, "-Xmx128m", f"-Duser.home={home}", f"-Drocketmq.client.logRoot={home}/logs",
                   f"-Drocketmq.home.dir={home}", "-cp", self.servers_classpath(),
                   "org.apache.rocketmq.tools.command.MQAdminStartup", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                              env={**os.environ, "ROCKETMQ_HOME": str(home)})
        return done.stdout

    def namesrv(self, home):
        [port] = free_ports(1)
        self._logback(home, "namesrv")
        (home / "namesrv.conf").write_text(f"listenPort={port}\nbindAddress=127.0.0.1\n")
        server = self._server(f"Java name server {self.version}", home, "128m", [port],
                              "org.apache.rocketmq.namesrv.NamesrvStartup", "-c", home / "namesrv.conf")
        server.address = f"127.0.0.1:{port}"
        return server

    def broker(self, home, name, namesrv):
        [port] = free_ports(1, around=(-2, 1))
        self._logback(home, "broker")
        (home / "broker.conf").write_text(
            f"brokerClusterName=DefaultCluster\nbrokerName={name}\nbrokerId=0\nbrokerIP1=127.0.0.1\nbrokerIP2=127.0.0.1\n"
            f"namesrvAddr={namesrv}\nlistenPort={port}\nhaListenPort={port + 1}\nautoCreateTopicEnable=true\nenablePropertyFilter=true\n"
            f"storePathRootDir={home}/store\nstorePathCommitLog={home}/store/commitlog\nmappedFileSizeCommitLog=67108864\n"
            "transactionTimeOut=6000\ntransactionCheckInterval=3000\nenableLmq=true\nenableMultiDispatch=true\n"
            "mappedFileSizeTimerLog=1048576\ntimerMaxDelaySec=259200\ndiskMaxUsedSpaceRatio=98\n"
            "messageDelayLevel=1s 2s 3s 4s 5s 6s 7s 8s 9s 10s 20s 30s 1m 2m 3m 4m 5m 10m\n")
        server = self._server(f"Java broker {self.version}", home, "512m", [port], "org.apache.rocketmq.broker.BrokerStartup",
                              "-c", home / "broker.conf")
        server.address, server.broker_name = f"127.0.0.1:{port}", name
        return server

    def _server(self, name, home, heap, ports, main, *arguments):
        command = ["java", *JVM, f"-Xms{heap}", f"-Xmx{heap}", f"-Duser.home={home}", "-cp", self.servers_classpath(), main, *arguments]
        return Child(name, command, home / "server.log", ports, {"ROCKETMQ_HOME": str(home)})

    @staticmethod
    def _logback(home, part):
        """Version 4 refuses to start without a logback file in its home."""
        (home / "conf").mkdir(parents=True, exist_ok=True)
        for name in (f"logback_{part}.xml", f"rmq.{part}.logback.xml"):
            (home / "conf" / name).write_text(LOGBACK)


def newest(directory):
    return max(p.stat().st_mtime for p in directory.rglob("*") if p.is_file() and "target" not in p.parts)


def missing_tools():
    return [tool for tool in ("java", "javac", "mvn") if not shutil.which(tool)]
