// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.HashSet;
import java.util.List;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Queue locks pass from one orderly consumer to another; the order within each queue is kept. */
public final class RebalanceOrderly implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        DefaultMQPushConsumer first = stage.consume("consumer", topic, received.orderly());
        DefaultMQProducer producer = stage.producer();
        Set<MessageQueue> all = new HashSet<>(producer.fetchPublishMessageQueues(topic));
        Expect.eventually("all queues at the first consumer", () -> Stage.queuesOf(first, topic).equals(all));
        List<String> bodies = Stage.send(producer, topic, "one ", 40);
        received.expectAll(bodies);
        DefaultMQPushConsumer second = stage.consume("consumer", topic, received.orderly());
        Expect.eventually("half of the queues at each", () -> Rebalance.shared(all, topic, first, second));
        bodies.addAll(Stage.send(producer, topic, "two ", 40));
        received.expectAll(bodies);
        first.shutdown();
        Expect.eventually("all queues at the second consumer", () -> Stage.queuesOf(second, topic).equals(all));
        bodies.addAll(Stage.send(producer, topic, "three ", 40));
        received.expectAll(bodies);
        inOrder(received);
    }

    /** A message may come again after a move, but none may come before its predecessor was seen. */
    private static void inOrder(Received received) {
        Map<String, Long> next = new HashMap<>();
        for (MessageExt message : received.all()) {
            String queue = message.getBrokerName() + "/" + message.getQueueId();
            long offset = message.getQueueOffset();
            Expect.that(offset <= next.getOrDefault(queue, 0L), "no gap in " + queue + " before offset " + offset);
            next.merge(queue, offset + 1, Math::max);
        }
    }
}
