// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.HashMap;
import java.util.Map;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages of one order go to one queue, by the hash of its number, and are consumed in the order of sending. */
public final class OrderedBySelector implements Scenario {
    private static final int ORDERS = 8;
    private static final int STEPS = 20;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.orderly());
        DefaultMQProducer producer = stage.producer();
        for (int step = 0; step < STEPS; step++) {
            for (int order = 0; order < ORDERS; order++) {
                Message message = new Message(topic, "TagA", "order" + order, Stage.utf8(Integer.toString(step)));
                producer.send(message, new SelectMessageQueueByHash(), "order" + order);
            }
        }
        Expect.eventually(() -> "160 messages, got " + received.count(), () -> received.count() >= ORDERS * STEPS);
        int[] next = new int[ORDERS];
        Map<Integer, String> queues = new HashMap<>();
        for (MessageExt message : received.all()) {
            int order = Integer.parseInt(message.getKeys().substring("order".length()));
            Expect.equal(Integer.toString(next[order]++), Received.body(message), "step of order " + order);
            String queue = message.getBrokerName() + "/" + message.getQueueId();
            Expect.equal(queues.computeIfAbsent(order, first -> queue), queue, "queue of order " + order);
        }
    }
}
