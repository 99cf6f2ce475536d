# SPDX-License-Identifier: Apache-2.0
"""A slave with an empty directory beside a master with a full log: how fast, at what cost, and what the master's clients notice."""
import os
import socket
import tempfile
import threading
import time

import load
import wire
from servers import wait_for_port

HEAD = "| | body | until it has all | MB/s | master, ms CPU/MB | slave, ms CPU/MB |\n|---|---|---|---|---|---|"
PATIENCE_SECONDS = 300
SENDS_PER_SECOND = 2000
BLOCK = bytes(1 << 20)
BATCH = 16
PROPERTIES_BYTES = 250  # of a record beside its body, about


def fill(build, pair, body, mib):
    """About so much log; a little more."""
    while (missing := (mib << 20) - wire.log_end(pair.port)) > 0:
        requests = missing // BATCH // (body + PROPERTIES_BYTES) + 1
        load.run(build, pair, ["send", "-k", "4", "-d", "4", "--batch", str(BATCH), "--body", str(body), "--requests", str(requests), "--topic",
                               f"CatchUp{body}", "--duration", "120"], check=False)  # Java refuses some when the disk is slow
    return wire.log_end(pair.port)


def follow(pair, end):
    """Waits until the slave's log has come to `end`; returns (seconds, offset) as seen."""
    seen = []
    wait_for_port(pair.slave_port, pair.slave_process)
    with socket.create_connection(("127.0.0.1", pair.slave_port), 5) as connection:
        connection.settimeout(30)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen or seen[-1][1] < end:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{pair.name}: the slave has {seen[-1][1]} of {end} bytes after {PATIENCE_SECONDS} s")
            seen.append((time.monotonic(), wire.ask_log_end(connection)))
            time.sleep(0.005)
    return seen


def speed(seen):
    """MB/s between the first bytes and the last."""
    begun = [sample for sample in seen if sample[1] > 0]
    (first_time, first), (last_time, last) = begun[0], begun[-1]
    if last == first:  # all between two looks
        first_time, first = next(((at, end) for at, end in reversed(seen) if end == 0), begun[0])
    return (last - first) / 1e6 / max(last_time - first_time, 1e-9)


def measure(build, pair, body, mib):
    """One line of the table."""
    end = fill(build, pair, body, mib)
    master_before, begin = pair.cpu()[0], time.monotonic()
    pair.start_slave()
    seen = follow(pair, end)
    master, slave = pair.cpu()
    per_mb = 1e3 / (end / 1e6)
    return (f"| {pair.name} | {body} B | {seen[-1][0] - begin:.2f} s | {speed(seen):,.0f} | {(master - master_before) * per_mb:.3f} | "
            f"{slave * per_mb:.3f} |")


def disk_limit(mib):
    """The same amount written to one file from one buffer: as fast as the page cache takes it, and until it is on disk."""
    with tempfile.NamedTemporaryFile(prefix="tenon-bench-disk-") as file:
        begin = time.monotonic()
        for _ in range(mib):
            os.write(file.fileno(), BLOCK)
        written = time.monotonic()
        os.fdatasync(file.fileno())
        flushed = time.monotonic()
    megabytes = (mib << 20) / 1e6
    return f"- the disk: {megabytes / (written - begin):,.0f} MB/s written, {megabytes / (flushed - begin):,.0f} MB/s until on disk"


def disturbance(build, pair, body, mib):
    """Latency of sends to the master at a fixed rate, before and while a slave catches up."""
    end = fill(build, pair, body, mib)

    def sends(seconds):
        return load.run(build, pair, ["send", "-k", "4", "-d", "4", "--rate", str(SENDS_PER_SECOND), "--duration", str(seconds), "--warmup", "0.1",
                                      "--topic", "Disturbed"], check=False)["latency_us"]

    quiet, busy = sends(2), {}
    thread = threading.Thread(target=lambda: busy.update(sends(2)))
    pair.start_slave()
    thread.start()
    follow(pair, end)
    thread.join()
    return (f"- sends to the master at {SENDS_PER_SECOND:,}/s: p50 {quiet['p50']:.0f} µs, p99 {quiet['p99']:.0f} µs; while a slave catches up: "
            f"p50 {busy['p50']:.0f} µs, p99 {busy['p99']:.0f} µs")
