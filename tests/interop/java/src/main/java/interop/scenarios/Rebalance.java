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

/** Six queues go to one consumer, three to each of two, two to each of three; who stays takes over, and no message is missed. */
public final class Rebalance implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic("", 6);
        Received received = new Received();
        DefaultMQPushConsumer first = stage.consume("consumer", topic, received.concurrently());
        DefaultMQProducer producer = stage.producer();
        Set<MessageQueue> all = new HashSet<>(producer.fetchPublishMessageQueues(topic));
        Expect.eventually("all queues at the first consumer", () -> Stage.queuesOf(first, topic).equals(all));
        List<String> bodies = Stage.send(producer, topic, "alone ", 40);
        received.expectAll(bodies);
        DefaultMQPushConsumer second = stage.consume("consumer", topic, received.concurrently());
        Expect.eventually("half of the queues at each", () -> shared(all, topic, first, second));
        bodies.addAll(Stage.send(producer, topic, "both ", 40));
        received.expectAll(bodies);
        DefaultMQPushConsumer third = stage.consume("consumer", topic, received.concurrently());
        Expect.eventually("a third of the queues at each", () -> shared(all, topic, first, second, third));
        bodies.addAll(Stage.send(producer, topic, "three ", 40));
        received.expectAll(bodies);
        second.shutdown();
        third.shutdown();
        Expect.eventually("all queues back at the first consumer", () -> Stage.queuesOf(first, topic).equals(all));
        bodies.addAll(Stage.send(producer, topic, "alone again ", 40));
        received.expectAll(bodies);
    }

    /** Whether the members have as many queues each, and together all of them. */
    static boolean shared(Set<MessageQueue> all, String topic, DefaultMQPushConsumer... members) {
        Set<MessageQueue> together = new HashSet<>();
        for (DefaultMQPushConsumer member : members) {
            Set<MessageQueue> own = Stage.queuesOf(member, topic);
            if (own.size() * members.length != all.size()) {
                return false;
            }
            together.addAll(own);
        }
        return together.equals(all);
    }
}
