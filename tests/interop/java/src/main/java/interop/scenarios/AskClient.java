// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * What tools ask a consumer through its broker (the broker relays 223, 307 and 309), and what they ask of a consume queue (321).
 */
public final class AskClient implements Scenario {
    private static final int MESSAGES = 12;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        String group = stage.group("online");
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.consume("online", topic, received.concurrently());
        received.expectExactly(Stage.send(stage.producer(), topic, "asked ", MESSAGES));
        String client = consumer.buildMQClientId();
        runningInfo(stage, group, client, topic);
        consumeDirectly(stage, group, client, topic, received);
        status(stage, group, client, topic);
        queueEntries(stage, group, topic, received.all().get(0));
    }

    private static void runningInfo(Stage stage, String group, String client, String topic) throws Exception {
        var info = Stage.admin(stage.namesrv).getConsumerRunningInfo(group, client, true);
        Expect.that(info.getSubscriptionSet().stream().anyMatch(s -> topic.equals(s.getTopic())), "its subscription to " + topic);
        Expect.that(info.getMqTable().keySet().stream().anyMatch(q -> topic.equals(q.getTopic())), "its queues of " + topic);
        Expect.that(info.getJstack().contains("Consume"), "the stacks of its threads");
        Expect.refused("a client that is not there", () -> Stage.admin(stage.namesrv).getConsumerRunningInfo(group, "nobody@1", false));
    }

    private static void consumeDirectly(Stage stage, String group, String client, String topic, Received received) throws Exception {
        MessageExt one = received.all().get(0);
        int before = received.count();
        var result = Stage.admin(stage.namesrv).consumeMessageDirectly(group, client, topic, one.getMsgId());
        Expect.equal("CR_SUCCESS", result.getConsumeResult().name(), "outcome of consuming it once more");
        Expect.equal(before + 1, received.count(), "deliveries");
        Expect.equal(Received.body(one), received.bodies().get(before), "body of the message that was pushed");
    }

    private static void status(Stage stage, String group, String client, String topic) throws Exception {
        Map<String, Map<MessageQueue, Long>> table = Stage.admin(stage.namesrv).getConsumeStatus(topic, group, client);
        Expect.that(table.containsKey(client), "the offsets of " + client + " in " + table.keySet());
        long sum = table.get(client).values().stream().mapToLong(Long::longValue).sum();
        Expect.equal((long) MESSAGES, sum, "sum of the offsets that the client holds");
    }

    private static void queueEntries(Stage stage, String group, String topic, MessageExt one) throws Exception {
        String broker = stage.brokers().get(0);
        for (int queue = 0; queue < 4; ++queue) {
            long max = maxOffset(stage, broker, topic, queue);
            if (max == 0) {
                continue;
            }
            var answer = Stage.admin(stage.namesrv).queryConsumeQueue(broker, topic, queue, 0, 32, group);
            Expect.equal(max, answer.getMaxQueueIndex(), "end of the queue");
            Expect.equal((int) max, answer.getQueueData().size(), "entries");
            Expect.that(answer.getQueueData().stream().allMatch(e -> e.isEval() && e.getPhysicSize() > 100), "entries that pass");
            Expect.equal(topic, answer.getSubscriptionData().getTopic(), "topic of the subscription");
        }
        Expect.refused("a queue that is not there", () -> Stage.admin(stage.namesrv).queryConsumeQueue(broker, topic, 99, 0, 1, null));
    }

    private static long maxOffset(Stage stage, String broker, String topic, int queue) throws Exception {
        for (var entry : Stage.admin(stage.namesrv).examineTopicStats(topic).getOffsetTable().entrySet()) {
            if (entry.getKey().getQueueId() == queue && broker.equals(addressOf(stage, entry.getKey()))) {
                return entry.getValue().getMaxOffset();
            }
        }
        return 0;
    }

    private static String addressOf(Stage stage, MessageQueue queue) throws Exception {
        var table = Stage.admin(stage.namesrv).examineBrokerClusterInfo().getBrokerAddrTable();
        return table.get(queue.getBrokerName()).getBrokerAddrs().get(0L);
    }
}
