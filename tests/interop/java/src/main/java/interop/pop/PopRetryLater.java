// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;

/** A message that fails comes again when the client's first delay (10 s) is over, with its identity kept and counted. */
public final class PopRetryLater implements Scenario {
    private static final long FIRST_DELAY_MS = 10_000;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        Received attempts = new Received();
        pop.consume("consumer", topic, (messages, context) -> {
            attempts.add(messages);
            return attempts.count() < 2 ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        Message message = new Message(topic, "TagA", "retry", Stage.utf8("second time lucky"));
        message.putUserProperty("colour", "blue");
        SendResult sent = Stage.sendOne(pop.producer, message);
        Expect.eventually(() -> "2 attempts, got " + attempts.count(), () -> attempts.count() >= 2);
        long took = System.currentTimeMillis() - attempts.all().get(0).getStoreTimestamp();
        Expect.that(took >= FIRST_DELAY_MS - 1000, "the second attempt after " + FIRST_DELAY_MS + " ms, it came after " + took);
        for (int i = 0; i < 2; i++) {
            MessageExt attempt = attempts.all().get(i);
            Expect.equal(i, attempt.getReconsumeTimes(), "reconsume times");
            Expect.equal("second time lucky", Received.body(attempt), "body");
            Expect.equal(topic, attempt.getTopic(), "topic as the listener sees it");
            Expect.equal("blue", attempt.getUserProperty("colour"), "user property");
            Expect.equal("TagA", attempt.getTags(), "tag");
            Expect.equal(sent.getMsgId(), attempt.getMsgId(), "message id");
        }
        // RocketMQ takes it from the check point that a change of the invisible time makes.
        long first = firstPop(attempts.all().get(0));
        long second = firstPop(attempts.all().get(1));
        Expect.that(first <= second && second < first + FIRST_DELAY_MS, "the time of the first delivery in the second, " + first + ", got " + second);
        Expect.equal(1L, pop.revived(group, topic), "messages in the retry topic");
    }

    private static long firstPop(MessageExt message) {
        return Long.parseLong(message.getProperty(MessageConst.PROPERTY_FIRST_POP_TIME));
    }
}
