// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** The pull consumer reads by offset, learns the ends of a queue, waits at its end and keeps an offset. */
public final class PullConsumer implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        for (int i = 0; i < 10; i++) {
            producer.send(new Message(topic, "TagA", "key" + i, Stage.utf8("number " + i)), queue);
        }
        DefaultMQPullConsumer consumer = stage.pull("puller");
        consumer.start();
        Expect.that(consumer.fetchSubscribeMessageQueues(topic).contains(queue), "the queue among those of the topic");
        // A Java broker dispatches to its queues after it has answered the send.
        Expect.eventually("an end of 10", () -> consumer.maxOffset(queue) == 10);
        PullResult found = consumer.pull(queue, "*", 4, 3);
        Expect.equal(PullStatus.FOUND, found.getPullStatus(), "status at offset 4");
        Expect.equal("number 4", Received.body(found.getMsgFoundList().get(0)), "message at offset 4");
        Expect.equal(3, found.getMsgFoundList().size(), "messages");
        Expect.equal(7L, found.getNextBeginOffset(), "next offset");
        Expect.equal(0L, found.getMinOffset(), "min offset");
        Expect.equal(10L, found.getMaxOffset(), "max offset");
        Expect.equal(PullStatus.NO_NEW_MSG, consumer.pull(queue, "*", 10, 3).getPullStatus(), "status at the end");
        PullResult beyond = consumer.pull(queue, "*", 1000, 3);
        Expect.equal(PullStatus.OFFSET_ILLEGAL, beyond.getPullStatus(), "status beyond the end");
        Expect.equal(10L, beyond.getNextBeginOffset(), "offset to go on from");
        waitsAtTheEnd(consumer, producer, queue);
        consumer.updateConsumeOffset(queue, 5);
        consumer.getOffsetStore().persist(queue);
        Expect.eventually("a stored offset of 5", () -> consumer.fetchConsumeOffset(queue, true) == 5);
    }

    private static void waitsAtTheEnd(DefaultMQPullConsumer consumer, DefaultMQProducer producer, MessageQueue queue) throws Exception {
        CompletableFuture<PullResult> held = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.pullBlockIfNotFound(queue, "*", 10, 32);
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        producer.send(new Message(queue.getTopic(), Stage.utf8("wakes the pull")), queue);
        PullResult result = held.get(25, TimeUnit.SECONDS);
        Expect.equal(PullStatus.FOUND, result.getPullStatus(), "status of the held pull");
        Expect.equal("wakes the pull", Received.body(result.getMsgFoundList().get(0)), "message of the held pull");
    }
}
