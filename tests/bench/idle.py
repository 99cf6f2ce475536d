# SPDX-License-Identifier: Apache-2.0
"""Memory and CPU of a server that has nothing to do."""
import pathlib
import re
import time


def anonymous_mib(pid):
    return int(re.search(r"RssAnon:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def cpu_seconds(pid):
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) * 1e-9


def cpu_seconds_by_thread(pid):
    """By the name of the thread; those of one name together."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        seconds[name] = seconds.get(name, 0) + int((task / "schedstat").read_text().split()[0]) * 1e-9
    return seconds


def idle_cpu_percent(pid, seconds):
    """Of one core."""
    before, begin = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - before) / (time.monotonic() - begin)


def sleeps(pid):
    """How often its threads have gone to sleep so far; each sleep ends with a wake."""
    counts = (re.search(r"^voluntary_ctxt_switches:\s+(\d+)", task.read_text(), re.MULTILINE) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))
    return sum(int(count.group(1)) for count in counts if count)
