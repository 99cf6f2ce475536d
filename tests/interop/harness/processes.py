# SPDX-License-Identifier: Apache-2.0
"""Child processes with a log file each; whatever still runs at the end is killed. Waiting is polling."""
import atexit
import os
import random
import signal
import socket
import subprocess
import time

PATIENCE_S = 90
_running = []


class Child:
    """A server. start() may be called again after it ended: the log is continued."""

    def __init__(self, name, command, log, ports=(), env=None):
        self.name, self.command, self.log, self.ports = name, [str(c) for c in command], log, list(ports)
        self.env, self.process = {**os.environ, **(env or {})}, None

    def start(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=self.env)
        _running.append(self)
        for port in self.ports:
            wait_until(f"{self.name} listens on {port}", lambda p=port: self._listening(p))
        return self

    def _listening(self, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{tail(self.log)}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def stop(self, how=signal.SIGTERM, patience=30):
        """Returns the exit status, None when it had to be killed although `how` should have been enough."""
        if self in _running:
            _running.remove(self)
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.send_signal(how)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def kill(self):
        self.stop(signal.SIGKILL)


@atexit.register
def stop_all():
    for child in list(_running):
        child.kill()


def wait_until(what, condition, patience=PATIENCE_S):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience} s")
        time.sleep(0.05)


def tail(path, lines=15):
    return "\n".join(path.read_text(errors="replace").split("\n")[-lines:]) if path.exists() else ""


def free_ports(count, around=()):
    """`count` ports that are free now, below the range that the kernel gives to clients. `around`: offsets that must
    be free beside each (a Java broker also takes port - 2 and port + 1)."""
    found = []
    while len(found) < count:
        port = random.randrange(20000, 32000, 8)
        if port not in found and all(_free(port + o) for o in (0, *around)):
            found.append(port)
    return found


def _free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False
