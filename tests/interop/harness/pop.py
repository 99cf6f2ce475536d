# SPDX-License-Identifier: Apache-2.0
"""Pop consumption: its scenarios, what mqadmin says about its groups, and a broker that dies while messages are out."""
import re

from .jobs import interrupted, java_scenarios, kill_and_start
from .mqadmin import Mqadmin

TOPIC, GROUP = "Interop_PopShared_Jpop", "interop_PopShared_Jpop_consumer"  # of a scenario that reads its topic to the end


def scenarios(report, topology, java, home, names=()):
    java_scenarios(report, topology, java, home, "pop", names, main="interop.pop.PopRun")
    if not names or "PopShared" in names:
        administration(report, topology, java, home / "pop-mqadmin")


def administration(report, topology, java, home):
    where, admin = f"{topology.name}/pop", Mqadmin(java, home, topology, consumed_by=GROUP, traced=None)

    def set_consume_mode():
        for broker in topology.brokers:
            admin.ask("setConsumeMode", "-b", broker.address, "-t", TOPIC, "-g", GROUP, "-m", "POP", "-q", "2",
                      wants=["set consume mode to .* success"])
        admin.ask("setConsumeMode", "-c", "DefaultCluster", "-t", TOPIC, "-g", GROUP, "-m", "PULL", wants=["set consume mode to .* success"])

    def consumer_progress():
        admin.ask("consumerProgress", "-g", GROUP, wants=[rf"^{re.escape(TOPIC)} +{b.broker_name} +0 +(\d+) +\1 +0 " for b in topology.brokers])

    admin.check_all(report, where, (set_consume_mode, consumer_progress))


def killed_broker(report, topology, java, home):
    interrupted(report, f"{topology.name}/pop-killed", java, home / "pop-killed", "interop.pop.PopKillRun", topology.namesrv.address, "K",
                "messages are out", lambda: kill_and_start(topology))
