// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** A message keeps everything it was sent with; offsets of one queue are consecutive. */
public final class SendSync implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        Message message = new Message(topic, "TagA", "key1 key2", 7, Stage.utf8("hello"), true);
        message.putUserProperty("colour", "blue");
        SendResult result = Stage.sendOne(producer, message);
        Expect.equal(topic, result.getMessageQueue().getTopic(), "topic of the result");
        MessageExt stored = producer.viewMessage(topic, result.getOffsetMsgId());
        Expect.equal("hello", Received.body(stored), "body");
        Expect.equal("TagA", stored.getTags(), "tags");
        Expect.equal("key1 key2", stored.getKeys(), "keys");
        Expect.equal(7, stored.getFlag(), "flag");
        Expect.equal("blue", stored.getUserProperty("colour"), "user property");
        Expect.equal(result.getMsgId(), stored.getProperty("UNIQ_KEY"), "unique key");
        Expect.equal(result.getQueueOffset(), stored.getQueueOffset(), "queue offset");
        Expect.equal(result.getMessageQueue().getQueueId(), stored.getQueueId(), "queue id");
        Expect.that(Math.abs(stored.getStoreTimestamp() - System.currentTimeMillis()) < 600_000, "a store time of now");
        offsetsAreConsecutive(producer, topic);
    }

    private static void offsetsAreConsecutive(DefaultMQProducer producer, String topic) throws Exception {
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        long first = producer.maxOffset(queue);
        for (int i = 0; i < 10; i++) {
            SendResult result = producer.send(new Message(topic, Stage.utf8("number " + i)), queue);
            Expect.equal(first + i, result.getQueueOffset(), "queue offset");
            Expect.equal(queue, result.getMessageQueue(), "queue");
        }
    }
}
