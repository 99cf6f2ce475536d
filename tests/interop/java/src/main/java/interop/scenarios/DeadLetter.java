// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** After the last attempt a message goes to the dead letters of its group, and can be read there. */
public final class DeadLetter implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received attempts = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.setMaxReconsumeTimes(1);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            attempts.add(messages);
            context.setDelayLevelWhenNextConsume(1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });
        consumer.start();
        SendResult sent = Stage.sendOne(stage.producer(), new Message(topic, "TagA", "dead", Stage.utf8("never")));
        DefaultMQPullConsumer undertaker = stage.pull("undertaker");
        undertaker.start();
        MessageQueue queue = new MessageQueue("%DLQ%" + stage.group("consumer"), sent.getMessageQueue().getBrokerName(), 0);
        AtomicReference<MessageExt> dead = new AtomicReference<>();
        Expect.eventually(() -> "a dead letter; attempts: " + attempts.count(), () -> (dead.updateAndGet(m -> pull(undertaker, queue))) != null);
        Expect.equal("never", Received.body(dead.get()), "body");
        Expect.equal("TagA", dead.get().getTags(), "tag");
        Expect.equal(sent.getMsgId(), dead.get().getProperty("UNIQ_KEY"), "unique key");
        Expect.equal(2, attempts.count(), "attempts");
    }

    private static MessageExt pull(DefaultMQPullConsumer undertaker, MessageQueue queue) {
        try {
            undertaker.fetchSubscribeMessageQueues(queue.getTopic());
            PullResult result = undertaker.pull(queue, "*", 0, 1);
            return result.getPullStatus() == PullStatus.FOUND ? result.getMsgFoundList().get(0) : null;
        } catch (Exception noSuchTopicYet) {
            return null;
        }
    }
}
