# SPDX-License-Identifier: Apache-2.0
"""mqadmin commands whose printed answers are checked, in the order in which an operator would run them."""
import json
import re


class Mqadmin:
    """One run against one topology. Each check returns nothing or raises AssertionError."""

    def __init__(self, rocketmq, home, topology, consumed_by, traced):
        self.rocketmq, self.home, self.topology = rocketmq, home, topology
        self.topic, self.group, self.consumed_by, self.traced = "Mqadmin", "mqadmin", consumed_by, traced
        self.broker = topology.brokers[0]
        self.unique_id = self.offset_id = None

    def run(self, report, where):
        self.check_all(report, where, (
            self.cluster_list, self.update_topic, self.topic_list, self.topic_route, self.send, self.topic_status, self.query_by_key,
            self.query_by_unique_id, self.query_by_offset, self.query_by_offset_id, self.trace, self.consume, self.consumer_progress, self.broker_status,
            self.broker_config, self.stats_all, self.name_server_config, self.query_consume_queue, self.many_topics, self.update_group,
            self.delete_topic))

    @staticmethod
    def check_all(report, where, checks):
        for check in checks:
            try:
                check()
                report.check(where, check.__name__, None)
            except (AssertionError, OSError, TimeoutError) as failure:
                report.check(where, check.__name__, str(failure))

    def ask(self, *arguments, wants=(), refuses=("Exception",)):
        """Runs a command; `wants` are regular expressions that its output must match."""
        output = self.rocketmq.mqadmin(self.home, arguments[0], "-n", self.topology.namesrv.address, *arguments[1:])
        with open(self.home / "output.log", "a") as log:
            log.write(f"## {' '.join(arguments)}\n{output}\n")
        for pattern in wants:
            assert re.search(pattern, output, re.M), f"no /{pattern}/ in: {output.strip()[-400:]}"
        for pattern in refuses:
            assert pattern not in output, f"'{pattern}' in: {output.strip()[-400:]}"
        return output

    def cluster_list(self):
        self.ask("clusterList", wants=[rf"^DefaultCluster +{b.broker_name} +0 +{re.escape(b.address)}" for b in self.topology.brokers])

    def update_topic(self):
        self.ask("updateTopic", "-b", self.broker.address, "-t", self.topic, "-r", "2", "-w", "2",
                 wants=[rf"create topic to {re.escape(self.broker.address)} success"])

    def topic_list(self):
        self.ask("topicList", wants=[f"^{self.topic}$", "^TBW102$"])

    def topic_route(self):
        self.ask("topicRoute", "-t", self.topic,
                 wants=[re.escape(self.broker.address), '"readQueueNums": ?2', '"writeQueueNums": ?2', '"perm": ?6'])

    def send(self):
        output = self.ask("sendMessage", "-t", self.topic, "-p", "hello", "-k", "adminkey", "-c", "TagA", "-b", self.broker.broker_name,
                          "-i", "1", wants=[rf"^{self.broker.broker_name} +1 +SEND_OK +[0-9A-F]+"])
        self.unique_id = re.search(r"SEND_OK +([0-9A-F]+)", output).group(1)

    def topic_status(self):
        name = self.broker.broker_name
        self.ask("topicStatus", "-t", self.topic, wants=[rf"^{name} +0 +0 +0 ", rf"^{name} +1 +0 +1 +\d{{4}}-\d\d-\d\d"])

    def query_by_key(self):
        self.ask("queryMsgByKey", "-t", self.topic, "-k", "adminkey", wants=[rf"^{self.unique_id} +1 +0 "])

    def _wants_message(self):
        return [rf"^Topic: +{self.topic}$", r"^Tags: +\[TagA\]$", r"^Keys: +\[adminkey\]$", "^Queue ID: +1$", "^Queue Offset: +0$",
                rf"^Store Host: +{re.escape(self.broker.address)}$", f"UNIQ_KEY={self.unique_id}"]

    def query_by_unique_id(self):
        self.ask("queryMsgByUniqueKey", "-t", self.topic, "-i", self.unique_id, wants=[rf"^Topic: +{self.topic}$", "^Queue Offset: +0$"])

    def query_by_offset(self):
        output = self.ask("queryMsgByOffset", "-t", self.topic, "-b", self.broker.broker_name, "-i", "1", "-o", "0",
                          wants=["^OffsetID: +[0-9A-F]{32}$", *self._wants_message()])
        self.offset_id = re.search(r"^OffsetID: +([0-9A-F]{32})$", output, re.M).group(1)

    def query_by_offset_id(self):
        assert self.offset_id, "no offset message id known"
        self.ask("queryMsgById", "-t", self.topic, "-i", self.offset_id,
                 wants=[f"^OffsetID: +{self.offset_id}$", *self._wants_message()])

    def trace(self):
        """Of the message that the scenario Traces has sent and consumed; mqadmin's own `sendMessage -m true` ends before it has traced."""
        output = self.ask("queryMsgByKey", "-t", self.traced, "-k", f"{self.traced}key", wants=[r"^[0-9A-F]{32,} +\d+ +0 "])
        unique_id = re.search(r"^([0-9A-F]{32,}) ", output, re.M).group(1)
        self.ask("queryMsgTraceById", "-i", unique_id,
                 wants=[r"^Pub +interop_Traces_\S+ .*\d\d:\d\d:\d\d .*success", r"^Sub +interop_Traces_\S+ .*\d\d:\d\d:\d\d .*success"])

    def consume(self):
        self.ask("consumeMessage", "-t", self.topic, "-g", self.group, "-c", "1", "-b", self.broker.broker_name, "-i", "1", "-o", "0",
                 wants=["hello|MessageExt|Consume ok"])

    def consumer_progress(self):
        self.ask("consumerProgress", wants=[f"^{self.consumed_by} +0 .* 0$"])
        self.ask("consumerProgress", "-g", self.consumed_by,
                 wants=[rf"^\S+ +{self.broker.broker_name} +\d +(\d+) +\1 +0 ", "^Consume Diff Total: 0"])

    def broker_status(self):
        self.ask("brokerStatus", "-b", self.broker.address,
                 wants=["^brokerVersionDesc +: V", r"^bootTimestamp +: \d{13}", r"^putMessageTimesTotal +: [1-9]",
                        r"^commitLogMaxOffset +: [1-9]", r"^msgPutTotalTodayNow +: \d+", r"^runtime +: \[ \d+ days"])

    def stats_all(self):
        self.ask("statsAll", "-t", self.topic, wants=["^#Topic .*#InTPS", f"^{self.topic} "])

    def name_server_config(self):
        self.ask("getNamesrvConfig", wants=["^kvConfigPath += +.*kvConfig.json$"])

    def broker_config(self):
        self.ask("getBrokerConfig", "-b", self.broker.address,
                 wants=[rf"^brokerName += +{self.broker.broker_name}", "^autoCreateTopicEnable += +true", r"^maxMessageSize += +\d+"])

    def query_consume_queue(self):
        self.ask("queryCq", "-t", self.topic, "-q", "1", "-i", "0", "-b", self.broker.address,
                 wants=["^max: 1, min: 0$", "^ConsumeQueueData.physicOffset=\\d+, physicSize=[1-9].* eval=true"])

    def many_topics(self):
        """18 with more topics than could be announced one by one in the time that mqadmin waits."""
        listed = self.home / "topics.json"
        listed.write_text(json.dumps([{"topicName": f"Many{i}", "readQueueNums": 1, "writeQueueNums": 1, "perm": 6} for i in range(3000)]))
        self.ask("updateTopicList", "-b", self.broker.address, "-f", str(listed), wants=["submit batch of topic config"])
        output = self.ask("topicList")
        assert "Many2999" in output, "the last of 3000 topics is not known to the name server"

    def update_group(self):
        self.ask("updateSubGroup", "-b", self.broker.address, "-g", self.group, "-r", "3",
                 wants=[rf"create subscription group to {re.escape(self.broker.address)} success"])

    def delete_topic(self):
        self.ask("deleteTopic", "-c", "DefaultCluster", "-t", self.topic, wants=[rf"delete topic \[{self.topic}\] from cluster .* success"])
        output = self.ask("topicList")
        assert not re.search(f"^{self.topic}$", output, re.M), "the deleted topic is still in the list"
