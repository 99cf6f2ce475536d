// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** An orderly consumer gets a queue in order; a suspended message comes again before the next one. */
public final class PushOrderly implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        List<String> seen = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.subscribe(topic, "*");
        consumer.setConsumeMessageBatchMaxSize(1);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            String body = Received.body(messages.get(0));
            boolean suspend = body.equals("step 3") && !seen.contains(body);
            seen.add(body);
            context.setSuspendCurrentQueueTimeMillis(100);
            return suspend ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT : ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        DefaultMQProducer producer = stage.producer();
        for (int i = 0; i < 6; i++) {
            producer.send(new Message(topic, "TagA", "step" + i, Stage.utf8("step " + i)), (queues, m, arg) -> queues.get(1), null);
        }
        List<String> wanted = List.of("step 0", "step 1", "step 2", "step 3", "step 3", "step 4", "step 5");
        Expect.eventually(() -> "7 deliveries, got " + seen, () -> seen.size() >= wanted.size());
        Expect.equal(wanted, seen, "order of deliveries");
    }
}
