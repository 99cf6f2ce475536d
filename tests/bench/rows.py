# SPDX-License-Identifier: Apache-2.0
"""What `compare` measures: the rows of ../shared/design/targets.md section 1, as data.

A row: number, words, arguments of `tenon bench`, seconds of a window, and for each figure its name, where it stands in the
generator's JSON, whether more is better, the goal against Java and the goal against the limit (both as Tenon's ratio to the
other: at most, or at least when more is better). Windows of the fast loads are also bounded by requests, so that no row
writes more than about 0.5 GB a window.
"""
import dataclasses


@dataclasses.dataclass
class Figure:
    name: str
    key: str
    unit: str
    vs_java: float
    vs_limit: float
    more_is_better: bool = False

    def of(self, result):
        value = result
        for part in self.key.split("/"):
            value = value[part]
        return value


@dataclasses.dataclass
class Row:
    number: str
    words: str
    arguments: list
    figures: list
    window: float = 1.0
    warmup: float = 0.2
    sync: bool = False  # every answer after the message is on disk
    pages_count: bool = False  # making the log's pages is much of it: also beside a limit that keeps its log and has to make them, too

    def runs_on_null_server(self):
        return self.arguments[0] == "send"


def cpu(vs_java, vs_limit):
    return Figure("CPU", "server_cpu_us_per_message", "µs", vs_java, vs_limit)


def rate(vs_java, vs_limit):
    return Figure("rate", "messages_per_second", "/s", vs_java, vs_limit, more_is_better=True)


ROWS = [
    Row("P1", "send K64 D1 128 B", ["send", "-k", "64", "-d", "1"], [cpu(1 / 4.5, 1.5)]),
    Row("P2", "send K8 D16", ["send", "-k", "8", "-d", "16", "--requests", "1200000"], [cpu(1 / 10, 2)]),
    Row("P3", "send K8 D128", ["send", "-k", "8", "-d", "128", "--requests", "1500000"], [cpu(1 / 15, 2)], warmup=0.1),
    Row("P3u", "send K8 D128, client unbatched", ["send", "-k", "8", "-d", "128", "--unbatched"], [cpu(1 / 3, 1.4)]),
    Row("P4", "batch 32, K8 D4", ["send", "-k", "8", "-d", "4", "--batch", "32", "--requests", "50000"], [cpu(1 / 9, 2)], 0.5, 0.03, pages_count=True),
    Row("P5", "pull 32, K8", ["pull", "-k", "8"], [cpu(1 / 4.5, 2)]),
    Row("P6", "e2e at 1 000/s, long poll", ["e2e", "--rate", "1000"],
        [Figure("p50", "latency_us/p50", "µs", 1 / 6, 1.7), Figure("p99", "latency_us/p99", "µs", 1 / 5, 2.5), cpu(1 / 8, 2)], 2.0),
    Row("P8", "send K64 D1, 1 KiB", ["send", "-k", "64", "-d", "1", "--body", "1024"], [cpu(1 / 4.5, 1.5)]),
    Row("P9", "10 B sync sends K64 D1", ["send", "-k", "64", "-d", "1", "--body", "10"], [rate(3, 0.7)]),
    Row("P7a", "sync flush, K1 D1", ["send", "-k", "1", "-d", "1"], [rate(3.5, 0.8)], sync=True),
    Row("P7b", "sync flush, K64 D1", ["send", "-k", "64", "-d", "1"], [rate(2.8, 0.75)], sync=True),
    Row("P7c", "sync flush, K8 D128", ["send", "-k", "8", "-d", "128", "--requests", "1000000"], [rate(10, 0.4)], warmup=0.1, sync=True),
]
