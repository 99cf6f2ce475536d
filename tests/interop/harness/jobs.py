# SPDX-License-Identifier: Apache-2.0
"""What is run against a topology: each job prints its outcomes to the report."""
import os
import re
import subprocess

from .mqadmin import Mqadmin
from .remoting import committed_offset

MESSAGES = 10_000
QUEUES = 4


def client_program(report, where, command, log, on_line=None, env=None):
    """Runs a program that prints "pass X" and "FAIL X" lines; anything else it prints goes to its log only."""
    log.parent.mkdir(parents=True, exist_ok=True)
    outcomes = 0
    with open(log, "w") as out:
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env={**os.environ, **(env or {})})
        for line in process.stdout:
            out.write(line)
            if line.startswith(("pass ", "FAIL ")):
                outcomes += 1
                report.outcome(where, line.strip())
            if on_line:
                on_line(line.strip())
        status = process.wait()
    if outcomes == 0 or status not in (0, 1):
        report.check(where, "run", f"exit status {status}, {outcomes} outcomes; see {log}")


def java_scenarios(report, topology, java, home, label, names=(), binary_headers=False, main="interop.Main"):
    tag = "J" + label.replace(".", "").replace("-", "")
    command = java.client_command(home / label, main, topology.namesrv.address, tag, *names, binary_headers=binary_headers)
    client_program(report, f"{topology.name}/{label}", command, home / label / "output.log")


def interrupted(report, where, java, home, main, namesrv, tag, cue, away):
    """A program that prints `cue`, and goes on when a file is there: that is created after away()."""
    go_on = home / "go-on"
    home.mkdir(parents=True, exist_ok=True)
    go_on.unlink(missing_ok=True)

    def on_line(line):
        if line == cue:
            away()
            go_on.touch()

    client_program(report, where, java.client_command(home, main, namesrv, tag, go_on), home / "output.log", on_line)


def kill_and_start(topology):
    """The first broker dies by SIGKILL and comes back."""
    victim = topology.brokers[0]
    victim.kill()
    victim.start()
    topology.await_brokers()


def go_scenarios(report, topology, program, home, names=()):
    """HOME: the client keeps the offsets of broadcasting groups there, and must not find those of an earlier run."""
    client_program(report, f"{topology.name}/go", [program, topology.namesrv.address, "Go", *names], home / "go/output.log",
                   env={"HOME": str(home / "go")})


def mqadmin(report, topology, java, home):
    # A group with offsets, to ask for its progress; a message with a trace.
    java_scenarios(report, topology, java, home, "mqadmin", ["TwoGroups", "Traces"])
    Mqadmin(java, home / "mqadmin", topology, "interop_TwoGroups_Jmqadmin_first", "Interop_Traces_Jmqadmin").run(report, f"{topology.name}/mqadmin")


def newcomer(report, topology, java, tenon, home):
    """10,000 messages through a producer and a consumer while brokers are killed; then a clean restart."""
    where, killed, topic, stored = f"{topology.name}/newcomer", [], [], [MESSAGES]

    def on_line(line):
        if line.startswith("topic "):
            topic.append(line.split()[1])
        if line.startswith("pass KillRun"):
            stored[0] = int(re.search(r"(\d+) stored", line).group(1))
        if line in ("acked 3000", "acked 6000"):
            victim = topology.brokers[len(killed) % len(topology.brokers)]
            victim.kill()
            killed.append(victim.start())
            report.note(f"{where}: killed {victim.name} at '{line}' and started it again")

    command = java.client_command(home / "newcomer", "interop.KillRun", topology.namesrv.address, "N", MESSAGES)
    client_program(report, where, command, home / "newcomer/output.log", on_line)
    report.check(where, "kills", None if len(killed) == 2 else f"2 kills wanted, {len(killed)} done")
    clean_restart(report, where, topology, topic[0], "interop_KillRun_N_live")
    if tenon:
        consume_by_cli(report, where, topology, tenon, topic[0], stored[0])


def name_server_away(report, topology, javas, home):
    """Clients whose name server is killed and comes back."""
    def on_line(line):
        if line == "with":
            topology.namesrv.kill()
        if line == "without":
            topology.namesrv.start()

    for java in javas:
        label, tag = f"name-server-{java.version}", "J" + java.version.replace(".", "")
        command = java.client_command(home / label, "interop.NameServerRun", topology.namesrv.address, tag)
        client_program(report, f"{topology.name}/{label}", command, home / label / "output.log", on_line)
        topology.await_brokers()


def clean_restart(report, where, topology, topic, group):
    """SIGTERM ends with 0, and the offsets of a group are there again afterwards."""
    def offsets():
        return {(b.broker_name, q): committed_offset(b.address, group, topic, q) for b in topology.brokers for q in range(QUEUES)}

    before = offsets()
    report.check(where, "offsets-known", None if all(v is not None for v in before.values()) else f"unknown offsets: {before}")
    for broker in topology.brokers:
        status = broker.stop()
        report.check(where, f"SIGTERM-{broker.broker_name}", None if status in (0, 143) else f"exit status {status}")
        broker.start()
    topology.await_brokers()
    after = offsets()
    report.check(where, "offsets-after-restart", None if after == before else f"before {before}, after {after}")


def consume_by_cli(report, where, topology, tenon, topic, stored):
    try:
        bodies = tenon.consume(topology.namesrv.address, topic, stored, timeout=60)
        missing = {f"number {i}" for i in range(MESSAGES)} - set(bodies)
        report.check(where, "tenon-consume", f"{len(missing)} messages not seen, such as {sorted(missing)[:3]}" if missing else None)
    except (RuntimeError, subprocess.SubprocessError) as failure:
        report.check(where, "tenon-consume", str(failure))
