# SPDX-License-Identifier: Apache-2.0
"""Counts and prints outcomes: one line each, from several threads."""
import threading
import time


class Report:
    def __init__(self):
        self.begin, self.passed, self.failures, self._lock = time.monotonic(), 0, [], threading.Lock()

    def note(self, text):
        with self._lock:
            print(f"[{time.monotonic() - self.begin:4.0f} s] {text}", flush=True)

    def outcome(self, where, line):
        """`line`: "pass NAME ..." or "FAIL NAME: why"."""
        with self._lock:
            if line.startswith("pass "):
                self.passed += 1
            else:
                self.failures.append(f"{where}: {line}")
            print(f"[{time.monotonic() - self.begin:4.0f} s] {where}: {line[:300]}", flush=True)

    def check(self, where, name, complaint):
        """`complaint`: None or empty when all is well."""
        self.outcome(where, f"FAIL {name}: {complaint}" if complaint else f"pass {name}")

    def summary(self):
        print(f"\n{self.passed} passed, {len(self.failures)} failed in {time.monotonic() - self.begin:.0f} s")
        for failure in self.failures:
            print("  " + failure[:500])
        return 1 if self.failures else 0
