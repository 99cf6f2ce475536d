// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** A message that fails twice is delivered three times, with its identity kept and the attempts counted. */
public final class RetryLater implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received attempts = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            attempts.add(messages);
            context.setDelayLevelWhenNextConsume(1);
            return attempts.count() < 3 ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Message message = new Message(topic, "TagA", "retry", Stage.utf8("third time lucky"));
        message.putUserProperty("colour", "blue");
        SendResult sent = Stage.sendOne(stage.producer(), message);
        Expect.eventually(() -> "3 attempts, got " + attempts.count(), () -> attempts.count() >= 3);
        for (int i = 0; i < 3; i++) {
            MessageExt attempt = attempts.all().get(i);
            Expect.equal(i, attempt.getReconsumeTimes(), "reconsume times");
            Expect.equal("third time lucky", Received.body(attempt), "body");
            Expect.equal(topic, attempt.getTopic(), "topic as the listener sees it");
            Expect.equal("blue", attempt.getUserProperty("colour"), "user property");
            Expect.equal(sent.getMsgId(), attempt.getMsgId(), "message id");
        }
        MessageQueue retries = new MessageQueue("%RETRY%" + stage.group("consumer"), sent.getMessageQueue().getBrokerName(), 0);
        Expect.eventually("the offset of the retry queue at 2", () -> Stage.committed(consumer, retries) == 2);
    }
}
