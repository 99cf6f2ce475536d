# SPDX-License-Identifier: Apache-2.0
"""Makes the system give out memory that it has used before, as a machine does that has been up for a day.

A virtual machine whose host takes free memory back fetches every page that is touched for the first time from there: 9 us for 4 KiB
where this was written, of two cores that the brokers share, against 0.7 us for a page that has been used. A machine that has
been up for a while has no free memory: all of it is page cache, and what is new takes the place of what is old.
"""
import mmap
import re
import tempfile

LEFT_MIB = 4096  # for the page cache of what is measured; less than a fifth of 24 GiB, below which DAMON does not reclaim either


def available_mib():
    return int(re.search(r"MemAvailable:\s+(\d+)", open("/proc/meminfo").read())[1]) // 1024


class RecycledMemory:
    """Holds all memory that nobody uses but for `left_mib`, and fills these with pages of a file that nobody needs. Enter it once
    the servers have what they need: takes up to 2 s a GiB."""

    def __init__(self, left_mib=LEFT_MIB):
        self.left_mib = left_mib

    def __enter__(self):
        size = (available_mib() - self.left_mib) << 20
        self.held = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE) if size > 0 else None
        self.hole = tempfile.TemporaryFile()
        self.hole.truncate(self.left_mib << 20)
        while self.hole.read(1 << 20):
            pass
        return self

    def __exit__(self, *_):
        self.hole.close()
        if self.held:
            self.held.close()
