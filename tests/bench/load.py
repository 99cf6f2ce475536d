# SPDX-License-Identifier: Apache-2.0
"""Runs `tenon bench` once and says how quiet the machine was meanwhile."""
import json
import os
import subprocess
import time

import idle

CORES = os.cpu_count() or 1


def busy_and_stolen_seconds():
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = fields[:8]
    tick = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + softirq) / tick, steal / tick


def run(build, server, arguments, check=True, prepare=None):
    """One window against `server`; `prepare` is called in the generator's process before it begins. Returns the generator's JSON plus `foreign` and `steal`, in cores. Of a server that has a
    companion (`companion_pid`) also `companion_cpu_us_per_message`, from the start of the generator to its end."""
    mode, *options = arguments
    command = [str(build / "bin" / "tenon"), "bench", mode, "--broker", server.address, "--pid", str(server.pid), "--json", *options]
    companion = getattr(server, "companion_pid", 0)
    companion_before = idle.cpu_seconds(companion) if companion else 0
    busy, stolen, begin = *busy_and_stolen_seconds(), time.monotonic()
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, preexec_fn=prepare)
    elapsed = time.monotonic() - begin
    busy, stolen = (after - before for after, before in zip(busy_and_stolen_seconds(), (busy, stolen)))
    if not ran.stdout.startswith("{"):
        raise RuntimeError(f"{' '.join(command)}\nexit code {ran.returncode}: {ran.stderr.strip()}")
    result = json.loads(ran.stdout)
    if check and ran.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\nrefusals {result['refusals']} {result['first_refusal']}, lost {result['lost']}")
    ours = result.get("server_cpu_seconds", 0) + result["generator_cpu_us_per_message"] * result["messages"] * 1e-6
    companion_seconds = idle.cpu_seconds(companion) - companion_before if companion else 0
    result["companion_cpu_us_per_message"] = companion_seconds * 1e6 / max(result["messages"], 1)
    # The generator's set-up and warm-up are outside of its window, so this overstates: a guard, not a measure.
    result["foreign"] = max(0.0, busy - ours * elapsed / max(result["seconds"], 1e-9) - companion_seconds) / elapsed
    result["steal"] = stolen / elapsed
    return result
