// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages of a delay level come in their order, none before its time. */
public final class Delayed implements Scenario {
    private static final long LEVEL_1_MS = 1000;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.orderly());
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Message message = new Message(topic, "TagA", "delayed" + i, Stage.utf8("delayed" + i));
            message.setDelayTimeLevel(1);
            SendResult sent = producer.send(message, queue);
            Expect.equal(queue.getQueueId(), sent.getMessageQueue().getQueueId(), "queue id of the answer");
            bodies.add("delayed" + i);
        }
        Expect.eventually(() -> "20 messages, got " + received.count(), () -> received.count() >= 20);
        Expect.equal(bodies, received.bodies(), "order");
        for (MessageExt message : received.all()) {
            Expect.equal(queue.getQueueId(), message.getQueueId(), "queue");
            Expect.equal("TagA", message.getTags(), "tag");
            long waited = message.getStoreTimestamp() - message.getBornTimestamp();
            Expect.that(waited >= LEVEL_1_MS, "a wait of " + waited + " ms, at least " + LEVEL_1_MS);
        }
    }
}
