# SPDX-License-Identifier: Apache-2.0
"""Which servers stand together. Each builder starts them and returns a Topology."""
from .processes import wait_until
from .remoting import registered_brokers


class Topology:
    def __init__(self, name, namesrv, brokers):
        self.name, self.namesrv, self.brokers = name, namesrv, brokers
        self.servers = list({id(s): s for s in [namesrv, *brokers]}.values())

    def start(self):
        for server in self.servers:
            server.start()
        self.await_brokers()
        return self

    def await_brokers(self):
        names = {broker.broker_name for broker in self.brokers}
        wait_until(f"{self.name}: the name server knows {sorted(names)}", lambda: registered_brokers(self.namesrv.address) >= names)

    def stop(self):
        """Stops with SIGTERM, brokers first; returns a complaint for each server that did not end well."""
        statuses = [(s, s.stop()) for s in reversed(self.servers)]
        return [f"{s.name} ended with {status} after SIGTERM (log: {s.log})" for s, status in statuses if status not in (0, 143)]


def standalone(tenon, java, home):
    server = tenon.standalone(home / "standalone")
    return Topology("standalone", server, [server])


def cluster(tenon, java, home):
    namesrv = tenon.namesrv(home / "namesrv")
    return Topology("cluster", namesrv, [tenon.broker(home / n, n, namesrv.address) for n in ("broker-a", "broker-b")])


def tenon_at_java(tenon, java, home):
    namesrv = java["5.4.0"].namesrv(home / "namesrv")
    return Topology("tenon-at-java", namesrv, [tenon.broker(home / "broker-a", "broker-a", namesrv.address)])


def java_at_tenon(tenon, java, home):
    namesrv = tenon.namesrv(home / "namesrv")
    return Topology("java-at-tenon", namesrv, [java["4.9.7"].broker(home / "broker-4", "broker-4", namesrv.address),
                                               java["5.4.0"].broker(home / "broker-5", "broker-5", namesrv.address)])


def java_standalone(tenon, java, home):
    namesrv = java["5.4.0"].namesrv(home / "namesrv")
    return Topology("standalone", namesrv, [java["5.4.0"].broker(home / "broker-a", "broker-a", namesrv.address)])


def java_cluster(tenon, java, home):
    namesrv = java["5.4.0"].namesrv(home / "namesrv")
    return Topology("cluster", namesrv, [java["5.4.0"].broker(home / n, n, namesrv.address) for n in ("broker-a", "broker-b")])


BUILDERS = {
    "tenon": {"standalone": standalone, "cluster": cluster, "tenon-at-java": tenon_at_java, "java-at-tenon": java_at_tenon},
    "java": {"standalone": java_standalone, "cluster": java_cluster},
}
