// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageQueue;

/** Two consumers share the queues; when one leaves, the other takes over, and no message is missed. */
public final class Rebalance implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        DefaultMQPushConsumer first = stage.consume("consumer", topic, received.concurrently());
        DefaultMQProducer producer = stage.producer();
        Set<MessageQueue> all = new HashSet<>(producer.fetchPublishMessageQueues(topic));
        Expect.eventually("all queues at the first consumer", () -> Stage.queuesOf(first, topic).equals(all));
        List<String> bodies = Stage.send(producer, topic, "alone ", 40);
        received.expectAll(bodies);
        DefaultMQPushConsumer second = stage.consume("consumer", topic, received.concurrently());
        Expect.eventually("half of the queues at each", () -> shared(Stage.queuesOf(first, topic), Stage.queuesOf(second, topic), all));
        bodies.addAll(Stage.send(producer, topic, "both ", 40));
        received.expectAll(bodies);
        second.shutdown();
        Expect.eventually("all queues back at the first consumer", () -> Stage.queuesOf(first, topic).equals(all));
        bodies.addAll(Stage.send(producer, topic, "alone again ", 40));
        received.expectAll(bodies);
    }

    static boolean shared(Set<MessageQueue> first, Set<MessageQueue> second, Set<MessageQueue> all) {
        Set<MessageQueue> union = new HashSet<>(first);
        union.addAll(second);
        return union.equals(all) && first.size() + second.size() == all.size() && first.size() == second.size();
    }
}
