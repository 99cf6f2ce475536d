// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** A lite pull consumer with assigned queues seeks, and asks for offsets by time and for committed ones. */
public final class LitePullAssign implements Scenario {
    private static final int POLLS_BEFORE_ANOTHER_SEEK = 10;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        for (int i = 0; i < 10; i++) {
            producer.send(new Message(topic, Stage.utf8("number " + i)), queue);
        }
        DefaultLitePullConsumer consumer = stage.litePull("lite");
        consumer.setAutoCommit(false);
        consumer.start();
        Expect.that(consumer.fetchMessageQueues(topic).contains(queue), "the queue among those of the topic");
        consumer.assign(List.of(queue));
        Expect.equal("number 0", firstOf(consumer, () -> consumer.seekToBegin(queue), 10), "first message from the begin");
        Expect.equal("number 7", firstOf(consumer, () -> consumer.seek(queue, 7), 3), "first message from offset 7");
        consumer.commitSync();
        Expect.eventually("a committed offset of 10", () -> consumer.committed(queue) == 10);
        Expect.equal(0L, consumer.offsetForTimestamp(queue, 1L), "offset for the begin of time");
        Expect.that(consumer.offsetForTimestamp(queue, System.currentTimeMillis() + 60_000) >= 9, "the end for the future");
    }

    private interface Seek {
        void run() throws Exception;
    }

    /**
     * Polls `count` messages after a seek; returns the first body. Messages polled before the seek are left out by the client.
     * The client can lose a seek: a pull task that the seek has just cancelled may still take the new offset and then drop what
     * it pulled (DefaultLitePullConsumerImpl.PullTaskImpl.run). So who gets nothing seeks again.
     */
    private static String firstOf(DefaultLitePullConsumer consumer, Seek seek, int count) throws Exception {
        Received received = new Received();
        int[] polls = {0};
        Expect.eventually(() -> count + " messages, got " + received.count(), () -> {
            if (received.count() == 0 && polls[0]++ % POLLS_BEFORE_ANOTHER_SEEK == 0) {
                seek.run();
            }
            received.add(consumer.poll(500));
            return received.count() >= count;
        });
        Expect.equal(count, received.count(), "polled messages");
        return received.bodies().get(0);
    }
}
