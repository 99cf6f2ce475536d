# SPDX-License-Identifier: Apache-2.0
"""Ratios per pair, their median and range, and what may be said about them (targets.md section 3)."""
import statistics

FOREIGN_MAX = 0.05  # of a core, by other processes; more and the pair is noisy
STEAL_MAX = 0.01


def is_quiet(result):
    return result["foreign"] <= FOREIGN_MAX and result["steal"] <= STEAL_MAX


class Ratios:
    """Tenon's figure over another server's, pair by pair."""

    def __init__(self, figure, ours, theirs):
        pairs = [(mine, other) for mine, other in zip(ours, theirs) if figure.of(other) > 0]
        quiet = [(mine, other) for mine, other in pairs if is_quiet(mine) and is_quiet(other)]
        self.quiet, self.all = len(quiet), len(pairs)
        chosen = quiet if len(quiet) >= 4 else pairs  # on a machine that is never quiet all pairs count, and it is said
        self.values = sorted(figure.of(mine) / figure.of(other) for mine, other in chosen)
        self.median = statistics.median(self.values) if self.values else float("nan")

    def spread(self):
        """Width of the middle half around the median."""
        if len(self.values) < 4:
            return float("inf")
        low, _, high = statistics.quantiles(self.values, n=4)
        return (high - low) / self.median

    def reaches(self, goal, more_is_better):
        return self.median >= goal if more_is_better else self.median <= goal

    def text(self, goal, more_is_better):
        """`0.21 (0.19-0.24) yes`; `?` when the pairs differ too much to tell."""
        if not self.values:
            return "–"
        reached = self.reaches(goal, more_is_better)
        certain = all((value >= goal if more_is_better else value <= goal) == reached for value in self.values)
        mark = "yes" if reached else "no"
        if not certain and self.spread() > 0.15:
            mark = f"{mark}?"
        return f"{self.median:.3g} ({self.values[0]:.3g}–{self.values[-1]:.3g}) {mark}"
