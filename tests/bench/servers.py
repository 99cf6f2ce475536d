# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the servers that the benchmarks compare, each on a free port with a directory of its own."""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
JAVA_VERSION = "5.4.0"


def free_port(neighbours=()):
    """`neighbours`: what has to be free at these distances, too. Such a port is none of those that clients get at any time."""
    while True:
        port = random.randrange(15_000, 32_000) if neighbours else 0
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            sockets = [stack.enter_context(socket.socket()) for _ in range(1 + len(neighbours))]
            for probe, distance in zip(sockets, (0, *neighbours)):
                probe.bind(("127.0.0.1", port + distance))
            return sockets[0].getsockname()[1]


def wait_for_port(port, process, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} s")


class Server:
    """A server process. `pid` is the one whose CPU time and memory count."""

    def __init__(self, name):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"tenon-bench-{name}-"))
        self.processes = []
        self.port = free_port()
        self.pid = 0

    def spawn(self, command, **environment):
        log = open(self.directory / "server.log", "ab")
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                   cwd=self.directory, env={**os.environ, **environment})
        self.processes.append(process)
        return process

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        self.processes.clear()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class MiniBroker(Server):
    """The practical limit; with program="tenon_null_server" the limit of the sockets alone. `log`: "sync", "keep"."""

    def __init__(self, build, wrapper=(), program="tenon_mini_broker", name="mini", log=""):
        super().__init__(name)
        process = self.spawn([*wrapper, str(build / "bench" / program), str(self.port), str(self.directory / "log"), log])
        self.pid = process.pid
        wait_for_port(self.port, process)


def keeping_mini_broker(build):
    """The limit of a broker that does not write over what it was given a moment ago."""
    return MiniBroker(build, name="mini-keep", log="keep")


def null_server(build):
    """What sockets and wakes alone cost: it answers and stores nothing."""
    return MiniBroker(build, program="tenon_null_server", name="null")


class Tenon(Server):
    """conf/standalone.toml; `without` names plug-ins whose tables are left out."""

    def __init__(self, build, wrapper=(), settings=(), sync=False, launch=True, without=()):
        super().__init__("tenon")
        names = free_port()
        self.name_server = f"127.0.0.1:{names}"
        sets = ["broker.data_dir=" + str(self.directory / "data"),
                f'plugins.native.listen=["{self.address}", "127.0.0.1:{names}"]']
        if "mqtt" not in without:
            sets.append('plugins.mqtt.listen=["127.0.0.1:0"]')
        sets += settings
        if sync:
            sets.append("plugins.store.flush=sync")
        self.command = [*wrapper, str(build / "bin" / "tenon"), "serve", "-c", str(self.configuration(without))]
        for setting in sets:
            self.command += ["--set", setting]
        if launch:
            self.launch()
            wait_for_port(self.port, self.processes[-1])

    def configuration(self, without):
        standalone = REPOSITORY / "conf" / "standalone.toml"
        if not without:
            return standalone
        tables = re.split(r"(?m)^(?=\[)", standalone.read_text())
        file = self.directory / "tenon.toml"
        file.write_text("".join(table for table in tables if not any(table.startswith(f"[plugins.{name}]") for name in without)))
        return file

    def launch(self):
        """Also again, on the same data, after end()."""
        self.pid = self.spawn(self.command).pid

    def end(self, signal_number):
        """Ends the process and keeps the data."""
        process = self.processes.pop()
        process.send_signal(signal_number)
        process.wait(120)


class JavaBroker(Server):
    """Name server and broker of the Java reference with its defaults (async flush), 2 GB heap as in the targets."""

    def __init__(self, tool, sync=False, version=JAVA_VERSION):
        super().__init__("java")
        names = free_port()
        name_server = self.spawn([str(tool), "namesrv", version, str(self.directory / "namesrv"), str(names)], HEAP="256m")
        wait_for_port(names, name_server)
        self.name_server = f"127.0.0.1:{names}"
        configuration = self.directory / "broker.conf"
        configuration.write_text(
            "brokerClusterName=DefaultCluster\nbrokerName=broker-a\nbrokerId=0\nbrokerIP1=127.0.0.1\n"
            f"flushDiskType={'SYNC' if sync else 'ASYNC'}_FLUSH\n"
            f"listenPort={self.port}\nhaListenPort={free_port()}\nnamesrvAddr=127.0.0.1:{names}\n"
            f"storePathRootDir={self.directory}/store\nstorePathCommitLog={self.directory}/store/commitlog\n")
        process = self.spawn([str(tool), "broker", version, str(self.directory / "broker"), str(configuration)],
                             HEAP=os.environ.get("HEAP", "2g"))
        self.pid = process.pid  # the script replaces itself by java
        wait_for_port(self.port, process)


def java_tool():
    tool = pathlib.Path(os.environ.get("TENON_ROCKETMQ_TOOL", REPOSITORY.parent / "shared" / "tools" / "rocketmq"))
    return tool if tool.exists() and shutil.which("java") else None
