# SPDX-License-Identifier: Apache-2.0
"""RocketMQ's exporter for Prometheus, run by hand: which samples it makes of Tenon and of a Java broker."""
import re
import time
import urllib.request

from .processes import Child, free_ports

MAIN = "org.apache.rocketmq.exporter.RocketMQExporterApplication"
TASKS = ("TopicOffset", "Producer", "ConsumerOffset", "BrokerStatsTopic", "BrokerStats", "BrokerRuntimeStats")
ROUNDS_S = 8  # It asks every other second here; figures of a minute need two snapshots of ten seconds, which have passed by then.


class Exporter:
    def __init__(self, program, home, namesrv):
        [self.port, grpc] = free_ports(2)
        start = ["-jar", program] if str(program).endswith(".jar") else ["-cp", program, MAIN]
        # --add-opens: it reaches into classes of Java with JOOR, as its own image lets it do with Java 8.
        self.server = Child("exporter", ["java", f"-Duser.home={home}", "-Xmx256m", "-XX:TieredStopAtLevel=1",
                                         "--add-opens=java.base/java.lang=ALL-UNNAMED", *start, "--server.address=127.0.0.1",
                                         f"--server.port={self.port}", f"--grpc.server.port={grpc}",
                                         f"--rocketmq.config.namesrvAddr={namesrv}",
                                         *(f"--task.collect{task}.cron=0/2 * * * * ?" for task in TASKS)],
                            home / "exporter.log", [self.port])

    def start(self):
        self.server.start()
        return self

    def stop(self):
        self.server.stop()

    def samples(self):
        """name -> (names of its labels, how many samples, whether any is not 0), after all tasks have run a few times."""
        time.sleep(ROUNDS_S)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as answer:
            text = answer.read().decode()
        found = {}
        for line in text.splitlines():
            sample = re.match(r"([a-z_A-Z0-9]+)\{(.*)\} (\S+)", line)
            if not sample:
                continue
            labels = tuple(re.findall(r'(\w+)="', sample.group(2)))
            _, count, moved = found.get(sample.group(1), (labels, 0, False))
            found[sample.group(1)] = (labels, count + 1, moved or float(sample.group(3)) != 0)
        return found
