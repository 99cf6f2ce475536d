# SPDX-License-Identifier: Apache-2.0
"""RocketMQ's dashboard, run by hand: every request of its pages against Tenon and against a Java broker, laid side by side."""
import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request

from .processes import Child, free_ports

MAIN = "org.apache.rocketmq.dashboard.App"


class Dashboard:
    """One process of it. `program`: its jar, or the class path that it was compiled to."""

    def __init__(self, program, home, namesrv):
        [self.port] = free_ports(1)
        options = [f"-Duser.home={home}", "-Xmx256m", "-XX:TieredStopAtLevel=1"]
        start = ["-jar", program] if str(program).endswith(".jar") else ["-cp", program, MAIN]
        self.server = Child("dashboard", ["java", *options, *start, "--server.address=127.0.0.1", f"--server.port={self.port}",
                                          f"--rocketmq.config.namesrvAddrs={namesrv}", f"--rocketmq.config.dataPath={home}/data"],
                            home / "dashboard.log", [self.port])
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def start(self):
        self.server.start()
        self.ask("GET", "/rocketmq-dashboard/csrf-token")
        return self

    def stop(self):
        self.server.stop()

    def _token(self):
        return next((c.value for c in self.cookies if c.name == "XSRF-TOKEN"), "")

    def ask(self, method, path, query=None, body=None):
        """(HTTP status, JSON or text)."""
        url = f"http://127.0.0.1:{self.port}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json", "X-XSRF-TOKEN": self._token()}, method=method)
        try:
            with self.opener.open(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, text = refused.code, refused.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, f"{len(text) > 0}"


def answers(dashboard, seen):
    """Asks what the pages ask, in an order in which it makes sense; yields (name, outcome, answer). `seen`: what ToolsRun printed."""
    topic, group, address = seen["topic"], seen["group"], seen["address"]
    key, dead = seen["message"].split(), seen["dead"]
    begin, end = int(time.time() * 1000) - 600_000, int(time.time() * 1000) + 60_000
    broker, made, made_group = seen["broker"], "Interop_Made", "interop_made"
    page = {"topic": topic, "begin": begin, "end": end, "pageNum": 1, "pageSize": 20, "taskId": ""}
    made_topic = {"clusterNameList": ["DefaultCluster"], "brokerNameList": [broker], "topicName": made, "writeQueueNums": 4,
                  "readQueueNums": 4, "perm": 6, "order": False, "messageType": "NORMAL"}
    group_of = {"groupName": made_group, "consumeEnable": True, "consumeBroadcastEnable": True, "retryQueueNums": 1, "retryMaxTimes": 16,
                "brokerId": 0, "whichBrokerWhenConsumeSlowly": 1, "notifyConsumerIdsChangedEnable": True}
    reset = {"consumerGroupList": [group], "topic": topic, "resetTime": begin, "force": True}
    requests = [
        ("cluster", "GET", "/cluster/list.query", None, None),
        ("broker config", "GET", "/cluster/brokerConfig.query", {"brokerAddr": address}, None),
        ("home page", "GET", "/ops/homePage.query", None, None),
        ("health checks", "GET", "/ops/rocketMqStatus.query", None, None),
        ("name servers", "GET", "/rocketmq/nsaddr.query", None, None),
        ("topics", "GET", "/topic/list.query", None, None),
        ("topics, own only", "GET", "/topic/list.query", {"skipSysProcess": True, "skipRetryAndDlq": True}, None),
        ("topic types", "GET", "/topic/list.queryTopicType", None, None),
        ("topic status", "GET", "/topic/stats.query", {"topic": topic}, None),
        ("topic route", "GET", "/topic/route.query", {"topic": topic}, None),
        ("create topic", "POST", "/topic/createOrUpdate.do", None, made_topic),
        ("change topic", "POST", "/topic/createOrUpdate.do", None, {**made_topic, "readQueueNums": 6, "writeQueueNums": 6}),
        ("topic config", "GET", "/topic/examineTopicConfig.query", {"topic": made}, None),
        ("topic config, by client", "GET", "/topic/examineTopicConfig.query", {"topic": topic}, None),
        ("send", "POST", "/topic/sendTopicMessage.do", None,
         {"topic": made, "key": "k", "tag": "t", "messageBody": "hello", "traceEnabled": True}),
        ("status after send", "GET", "/topic/stats.query", {"topic": made}, None),
        ("consumers of topic", "GET", "/topic/queryConsumerByTopic.query", {"topic": topic}, None),
        ("groups of topic", "GET", "/topic/queryTopicConsumerInfo.query", {"topic": topic}, None),
        ("groups", "GET", "/consumer/groupList.query", {"skipSysGroup": False}, None),
        ("group", "GET", "/consumer/group.query", {"consumerGroup": group}, None),
        ("refresh group", "GET", "/consumer/group.refresh", {"consumerGroup": group}, None),
        ("progress", "GET", "/consumer/queryTopicByConsumer.query", {"consumerGroup": group, "address": address}, None),
        ("consumers", "GET", "/consumer/consumerConnection.query", {"consumerGroup": group, "address": address}, None),
        ("consumer running", "GET", "/consumer/consumerRunningInfo.query",
         {"consumerGroup": group, "clientId": seen["client"], "jstack": False}, None),
        ("consumer stacks", "GET", "/consumer/consumerRunningInfo.query",
         {"consumerGroup": group, "clientId": seen["client"], "jstack": True}, None),
        ("create group", "POST", "/consumer/createOrUpdate.do", None,
         {"clusterNameList": ["DefaultCluster"], "brokerNameList": [broker], "subscriptionGroupConfig": group_of}),
        ("group config", "GET", "/consumer/examineSubscriptionGroupConfig.query", {"consumerGroup": made_group}, None),
        ("brokers of group", "GET", "/consumer/fetchBrokerNameList.query", {"consumerGroup": made_group}, None),
        ("producers", "GET", "/producer/producerConnection.query", {"producerGroup": seen["producer"], "topic": topic}, None),
        ("message by unique key", "GET", "/message/viewMessage.query", {"topic": topic, "msgId": key[0]}, None),
        ("message by offset id", "GET", "/message/viewMessage.query", {"topic": topic, "msgId": key[1]}, None),
        ("message by key", "GET", "/message/queryMessageByTopicAndKey.query", {"topic": topic, "key": key[2]}, None),
        ("messages by time", "GET", "/message/queryMessageByTopic.query", {"topic": topic, "begin": begin, "end": end}, None),
        ("messages by page", "POST", "/message/queryMessagePageByTopic.query", None, page),
        ("consume again", "POST", "/message/consumeMessageDirectly.do",
         {"topic": topic, "consumerGroup": group, "msgId": key[1], "clientId": seen["client"]}, None),
        ("trace", "GET", "/messageTrace/viewMessageTraceDetail.query", {"msgId": key[0]}, None),
        ("trace graph", "GET", "/messageTrace/viewMessageTraceGraph.query", {"msgId": key[0]}, None),
        ("traced message", "GET", "/messageTrace/viewMessage.query", {"topic": topic, "msgId": key[0]}, None),
        ("dead letters", "POST", "/dlqMessage/queryDlqMessageByConsumerGroup.query", None, {**page, "topic": "%DLQ%" + group}),
        ("export dead letter", "GET", "/dlqMessage/exportDlqMessage.do", {"consumerGroup": group, "msgId": dead}, None),
        ("resend dead letters", "POST", "/dlqMessage/batchResendDlqMessage.do", None,
         [{"topicName": topic, "consumerGroup": group, "msgId": dead}]),
        ("reset offsets", "POST", "/consumer/resetOffset.do", None, reset),
        ("reset offsets, offline", "POST", "/consumer/resetOffset.do", None, {**reset, "consumerGroupList": [made_group], "topic": made}),
        ("skip backlog", "POST", "/consumer/skipAccumulate.do", None, {**reset, "resetTime": -1}),
        ("delete group", "POST", "/consumer/deleteSubGroup.do", None, {"groupName": made_group, "brokerNameList": [broker]}),
        ("delete topic at broker", "POST", "/topic/deleteTopicByBroker.do", {"brokerName": broker, "topic": made}, None),
        ("delete topic", "POST", "/topic/deleteTopic.do", {"clusterName": "DefaultCluster", "topic": made}, None),
        ("unknown topic", "GET", "/topic/stats.query", {"topic": "Interop_none"}, None),
        ("unknown message", "GET", "/message/viewMessage.query", {"topic": topic, "msgId": "7F000001" + "0" * 24}, None),
        ("unknown group", "GET", "/consumer/consumerConnection.query", {"consumerGroup": "interop_none", "address": address}, None),
        ("monitor", "GET", "/monitor/consumerMonitorConfig.query", None, None),
        ("users", "GET", "/acl/users.query", {"brokerName": broker, "clusterName": "DefaultCluster"}, None),
        ("access rules", "GET", "/acl/acls.query", {"brokerName": broker, "clusterName": "DefaultCluster"}, None),
    ]
    for name, method, path, query, body in requests:
        yield name, *dashboard.ask(method, path, query, body)
