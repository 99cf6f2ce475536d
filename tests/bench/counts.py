# SPDX-License-Identifier: Apache-2.0
"""Instructions and system calls per send, each the difference of a long and a short run, so that start and stop cancel out.

Both are steady where times are not: callgrind counts user instructions of all threads, strace every call of the server.
"""
import collections
import dataclasses
import os
import pathlib
import re
import signal

import load



@dataclasses.dataclass(frozen=True)
class Sends:
    """One connection, and the requests of the two runs."""
    name: str
    arguments: tuple
    short: int = 1_600
    long: int = 17_600


SINGLE = (Sends("depth 1", ("-d", "1")), Sends("depth 16", ("-d", "16")))
BATCH = Sends("batches of 32 at depth 4", ("-d", "4", "--batch", "32"), 200, 2_200)


def send(build, server, sends, requests):
    arguments = ["send", "-k", "1", *sends.arguments, "--queues", "4", "--requests", str(requests), "--duration", "120"]
    answered = load.run(build, server, arguments)["requests"]
    if answered != requests:  # the difference of two runs would be of something else
        raise RuntimeError(f"only {answered} of {requests} requests were answered within 120 s")


def instructions(build, start, sends):
    """`start(wrapper)` starts the server behind the words of `wrapper`."""
    totals = []
    for requests in (sends.short, sends.long):
        with start(["valgrind", "--tool=callgrind", "--callgrind-out-file=callgrind.%p", "--quiet"]) as server:
            directory = server.directory
            send(build, server, sends, requests)
            terminate(server)
            totals.append(sum(callgrind_total(path) for path in directory.glob("callgrind.*")))
    return (totals[1] - totals[0]) / (sends.long - sends.short)


def callgrind_total(path):
    found = re.search(r"^(?:summary|totals): (\d+)", pathlib.Path(path).read_text(errors="replace"), re.MULTILINE)
    return int(found.group(1)) if found else 0


def system_calls(build, start, sends):
    """Calls per send, by name."""
    counted = []
    for requests in (sends.short, sends.long):
        with start(["strace", "-f", "-c", "-o", "strace.txt"]) as server:
            send(build, server, sends, requests)
            terminate(server)
            counted.append(strace_counts(server.directory / "strace.txt"))
    names = set(counted[0]) | set(counted[1])
    per_send = {name: (counted[1][name] - counted[0][name]) / (sends.long - sends.short) for name in names}
    return {name: round(value, 4) for name, value in sorted(per_send.items()) if value >= 0.005}


def strace_counts(path):
    counts = collections.Counter()
    for line in pathlib.Path(path).read_text().splitlines():
        columns = line.split()
        if len(columns) >= 5 and columns[3].isdigit() and columns[-1] != "total":
            counts[columns[-1]] += int(columns[3])
    return counts


def terminate(server):
    """Ends the server's process so that the tool around it writes its result, and keeps the directory."""
    process = next(process for process in server.processes if process.pid == server.pid)
    for child in children_of(process.pid) or [process.pid]:
        try:
            os.kill(child, signal.SIGTERM)
        except ProcessLookupError:
            pass
    process.wait(120)


def children_of(pid):
    """strace has the server as its child; valgrind becomes the server."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found
