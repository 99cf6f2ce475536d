// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Smallest, largest and by-time offsets of a queue, and the time of its first message. */
public final class OffsetSearch implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        Expect.equal(0L, producer.maxOffset(queue), "max offset of an empty queue");
        long before = System.currentTimeMillis();
        for (int i = 0; i < 5; i++) {
            producer.send(new Message(topic, Stage.utf8("early " + i)), queue);
        }
        long between = System.currentTimeMillis() + 1;
        Expect.eventually("a later millisecond", () -> System.currentTimeMillis() > between);
        for (int i = 0; i < 5; i++) {
            producer.send(new Message(topic, Stage.utf8("late " + i)), queue);
        }
        Expect.eventually("a max offset of 10", () -> producer.maxOffset(queue) == 10);  // Java brokers index a little later
        Expect.equal(0L, producer.minOffset(queue), "min offset");
        Expect.equal(5L, producer.searchOffset(queue, between), "offset between the two bursts");
        Expect.equal(0L, producer.searchOffset(queue, before - 1000), "offset before the first");
        long earliest = producer.earliestMsgStoreTime(queue);
        Expect.that(earliest >= before - 1 && earliest <= between, "the time of the first message, got " + earliest);
    }
}
