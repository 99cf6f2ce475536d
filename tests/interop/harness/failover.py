# SPDX-License-Identifier: Apache-2.0
"""Java clients send and consume while the master is killed: consumers go on at the slaves, another broker becomes the
master, by hand or by an election, and the old one comes back as a slave."""
import concurrent.futures
import os
import queue
import shutil
import subprocess
import threading
import time

from .processes import tail, wait_until
from .replica_set import ReplicaSet, etcd

BACKLOG = 100
TAIL = 200
QUICK_MS, DEFAULT_MS = 1000, 30_000  # how often a client asks for routes; the second is the client's default


class Client:
    """interop.FailoverRun as a child: questions in, answers out."""

    def __init__(self, name, home, command, env=None):
        self.name, self.home = name, home
        home.mkdir(parents=True, exist_ok=True)
        self.log = open(home / "output.log", "w")
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1,
                                        env={**os.environ, **(env or {})})
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.lines.put(line.strip())
        self.lines.put("FAIL deliveries: ended early")

    def expect(self, *starts):
        while True:
            line = self.lines.get(timeout=90)
            if line.startswith(starts):
                return line
            if line.startswith("FAIL "):
                raise RuntimeError(f"{self.name}: {line}; see {self.home}/output.log")

    def say(self, line):
        self.process.stdin.write(line + "\n")

    def numbers(self, question):
        self.say(question)
        words = self.expect(question.split()[0]).split()[1:]
        return {name: int(value) for name, _, value in (w.partition("=") for w in words)}

    def status(self):
        return self.numbers("status")

    def first_since(self, what, ms):
        """Waits for the first acknowledgement or delivery from then on; returns how many milliseconds later it came."""
        wait_until(f"{self.name}: an {what}", lambda: self.numbers(f"since {ms}")[what])
        return self.numbers(f"since {ms}")[what] - ms

    def end(self):
        self.say("end")
        return self.expect("pass ", "FAIL ")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def java_client(java, home, namesrv, poll_ms):
    name = f"java-{java.version}"
    command = java.client_command(home / name, "interop.FailoverRun", namesrv, "F" + java.version.replace(".", ""), poll_ms)
    return Client(name, home / name, command)


def go_client(program, home, namesrv):
    return Client("go", home / "go", [program, namesrv, "FGo", "FailoverRun"], {"HOME": str(home / "go")})


def now_ms():
    return int(time.time() * 1000)


class Run:
    def __init__(self, report, where, replicas, clients):
        self.report, self.where, self.replicas, self.clients = report, where, replicas, clients

    def passed(self, name, words):
        self.report.outcome(self.where, f"pass {name} ({words})")

    def each(self, words):
        return ", ".join(f"{c.name} {words(c)}" for c in self.clients)

    def say(self, line):
        for client in self.clients:
            client.say(line)

    def begin(self):
        for client in self.clients:
            client.expect("ready")
        self.replicas.await_metadata(now_ms())
        wait_until("clients at work", lambda: all(c.status()["delivered"] > BACKLOG for c in self.clients))

    def pause(self):
        """Consumers rest until each has something left to consume."""
        self.say("pause")
        wait_until("a backlog", lambda: all(c.status()["missing"] >= BACKLOG for c in self.clients))

    def read_the_rest_from_slaves(self, killed_ms):
        """Meanwhile nobody takes messages: producers get errors."""
        refused, before = [c.status()["refused"] for c in self.clients], self.replicas.read_from_slaves()
        left = self.each(lambda c: c.status()["missing"])
        self.say("resume")
        wait_until("what is left, from a slave", lambda: all(c.status()["missing"] == 0 for c in self.clients))
        took = now_ms() - killed_ms
        wait_until("errors for producers", lambda: all(c.status()["refused"] > r for c, r in zip(self.clients, refused)))
        acknowledged = [c.name for c in self.clients if c.numbers(f"since {killed_ms + 200}")["ack"]]
        self.report.check(self.where, "slaves-take-nothing", f"acknowledged without a master: {acknowledged}" if acknowledged else None)
        read = self.replicas.read_from_slaves() - before
        self.passed("slave-read", f"left: {left}; all of it {took} ms after the kill, {read} messages read from slaves")

    def work_again(self, name, since_ms, what):
        acknowledged = self.each(lambda c: c.first_since("ack", since_ms))
        delivered = self.each(lambda c: c.first_since("delivery", since_ms))
        self.passed(name, f"ms from {what} to the first acknowledged send: {acknowledged}; to the first delivery: {delivered}")

    def nobody_reads_from_slaves(self):
        before, delivered = self.replicas.read_from_slaves(), [c.status()["delivered"] for c in self.clients]
        wait_until("deliveries", lambda: all(c.status()["delivered"] > d + BACKLOG for c, d in zip(self.clients, delivered)))
        return self.replicas.read_from_slaves() == before

    def master_returns(self):
        """The same master dies and comes back: consumers go to a slave and return."""
        self.pause()
        self.replicas.master.kill()
        self.read_the_rest_from_slaves(now_ms())
        begin = now_ms()
        self.replicas.master.start()
        self.work_again("same-master-again", begin, "its start")
        wait_until("reading from the master only", self.nobody_reads_from_slaves)
        self.passed("back-to-the-master", f"{now_ms() - begin} ms after its start")
        self.replicas.await_in_sync()

    def tail_on_the_master_only(self):
        self.say(f"tail {TAIL}")
        for client in self.clients:
            client.expect("tail sent")
        wait_until("messages that no slave has", lambda: self.replicas.unconfirmed() > TAIL * len(self.clients) * 8000)

    def promotion(self):
        self.pause()
        self.replicas.kill_master_before_copies(self.tail_on_the_master_only)
        killed = now_ms()
        self.read_the_rest_from_slaves(killed)
        begin = now_ms()
        old, words = self.replicas.promote_the_longest()
        self.passed("promotion", f"took {now_ms() - begin} ms; begun {begin - killed} ms after the kill; {words.splitlines()[-1]}")
        self.work_again("failover-by-hand", begin, "the command")
        self.passed("failover-by-hand-in-all", f"ms from kill to the first acknowledged send: {self.each(lambda c: c.first_since('ack', begin) + begin - killed)}")
        return self.replicas.configured_with(old, self.replicas.master.broker_id)

    def election(self):
        old = self.replicas.master
        old.kill()
        killed = now_ms()
        wait_until("another master", self.replicas.find_master)
        elected = now_ms()
        self.passed("election", f"{elected - killed} ms after the kill")
        self.work_again("failover-by-etcd", killed + 200, "200 ms after the kill")
        return old

    def comes_back_as_slave(self, old):
        begin = now_ms()
        old.start()
        self.replicas.await_in_sync()
        status = self.replicas.status(old)
        self.report.check(self.where, "old-master-is-a-slave", "it is a master" if status["isMaster"] else None)
        cut = status.get("lastDivergence")
        words = f"{cut['length']} bytes from {cut['begin']} on cut off, saved as {cut['savedAs']}" if cut else "nothing to cut"
        self.passed("catches-up", f"in sync {now_ms() - begin} ms after its start; {words}")
        return cut

    def judge(self):
        with concurrent.futures.ThreadPoolExecutor(len(self.clients)) as pool:
            for client, line in zip(self.clients, pool.map(Client.end, self.clients)):
                self.report.outcome(f"{self.where}/{client.name}", line)
        wait_until("three logs that are the same", self.replicas.same_logs)
        self.report.check(self.where, "same-logs", None)


def guarded(report, where, replicas, start_clients, scenario):
    """`start_clients` starts them at the name servers it is given."""
    run = Run(report, where, replicas, [])
    try:
        replicas.start()
        run.clients = start_clients(replicas.namesrv)
        run.begin()
        scenario(run)
        run.judge()
    except (RuntimeError, TimeoutError, OSError, queue.Empty) as failure:
        report.check(where, "run", f"{failure!r}\n{tail(replicas.master.log, 5)}")
    for client in run.clients:
        client.stop()
    report.check(where, "clean-stop", "; ".join(replicas.stop()))
    for broker in replicas.brokers:
        verified = subprocess.run([replicas.tenon.program, "store", "verify", str(broker.home / "data")], stdout=subprocess.PIPE, text=True, timeout=60)
        report.check(where, f"verify-{broker.home.name}", None if verified.returncode == 0 else verified.stdout[-500:])


def by_hand(report, tenon, javas, home):
    where = "failover/by-hand"

    def start_clients(namesrv):
        return [java_client(java, home, namesrv, QUICK_MS) for java in javas]

    def scenario(run):
        run.master_returns()
        cut = run.comes_back_as_slave(run.promotion())
        report.check(where, "divergence-named", None if cut else "the old master had a tail of its own, and nothing was cut")

    guarded(report, where, ReplicaSet(tenon, home), start_clients, scenario)


def by_etcd(report, tenon, java, go, home):
    """As an application that leaves all settings as they are sees it."""
    program = shutil.which("etcd")
    if not program:
        report.note("failover/by-etcd: no etcd here (Debian: etcd-server)")
        return

    def start_clients(namesrv):
        return [java_client(java, home, namesrv, DEFAULT_MS), go_client(go, home, namesrv)]

    server = etcd(program, home / "etcd").start()
    guarded(report, "failover/by-etcd", ReplicaSet(tenon, home, server.address), start_clients, lambda run: run.comes_back_as_slave(run.election()))
    server.stop()


def run(report, tenon, javas, go, home):
    shutil.rmtree(home, ignore_errors=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        hand = pool.submit(by_hand, report, tenon, javas, home / "by-hand")
        elected = pool.submit(by_etcd, report, tenon, javas[0], go, home / "by-etcd")
        hand.result(), elected.result()
