# SPDX-License-Identifier: Apache-2.0
"""Whether times can be believed, for measures that have no other server beside them, and whether they reach their goal."""
import os
import tempfile
import time

import load
from verdict import FOREIGN_MAX, STEAL_MAX


PAGE_CACHE_US_PER_MIB = 300  # a write in large pieces to pages that the machine has had before costs about 120


def page_cache_us_per_mib(mib=64):
    """CPU time of writing to pages of the page cache that nobody has touched. On a virtual machine whose host takes free memory
    back, it is up to ten times as much as usual at times, and then so is what a deep or batched load (P3, P4) pays for its log."""
    piece = bytes(128 * 1024)
    with tempfile.TemporaryFile() as file:
        os.posix_fallocate(file.fileno(), 0, mib << 20)
        begin = time.thread_time()
        for at in range(0, mib << 20, len(piece)):
            os.pwrite(file.fileno(), piece, at)
        return (time.thread_time() - begin) * 1e6 / mib


def memory_text():
    cost = page_cache_us_per_mib()
    words = "as usual" if cost <= PAGE_CACHE_US_PER_MIB else "MEMORY IS NEW TO THIS MACHINE, do not believe P3 and P4"
    return f"new pages of a file: {cost:.0f} us/MiB: {words}"


class Quiet:
    """Looks at the machine while nothing of ours runs: at the begin, and whenever look() is called."""

    def __init__(self):
        self.foreign = self.steal = 0.0
        self.look()

    def look(self, seconds=1.0):
        before = load.busy_and_stolen_seconds()
        time.sleep(seconds)
        busy, stolen = (now - then for now, then in zip(load.busy_and_stolen_seconds(), before))
        self.foreign = max(self.foreign, busy / seconds)
        self.steal = max(self.steal, stolen / seconds)

    def __bool__(self):
        return self.foreign <= FOREIGN_MAX and self.steal <= STEAL_MAX

    def text(self):
        words = "quiet" if self else "NOT QUIET, do not believe times"
        return f"others used up to {self.foreign:.2f} of a core, {self.steal:.2f} stolen: {words}"


def judged(value, goal, quiet, more_is_better=False):
    """`goal ≤ 0.51: reached`; `?` on a machine that was not quiet."""
    reached = value >= goal if more_is_better else value <= goal
    return f"goal {'≥' if more_is_better else '≤'} {goal:.3g}: {'reached' if reached else 'MISSED'}{'' if quiet else '?'}"
