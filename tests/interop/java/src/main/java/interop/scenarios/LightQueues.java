// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages for light queues are found there, too, by their offsets, by tag and by a pull that waits. */
public final class LightQueues implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(1);
        String one = "%LMQ%" + stage.topicName("one"), two = "%LMQ%" + stage.topicName("two+");
        for (int i = 0; i < 6; i++) {
            producer.send(message(topic, i % 2 == 0 ? "TagA" : "TagB", "number " + i, i % 3 == 0 ? one + "," + two : one), queue);
        }
        DefaultMQPullConsumer consumer = stage.pull("light");
        consumer.start();
        // A light queue has no route: clients know the broker from the topic that its messages are sent to.
        Expect.eventually("six messages in the queue", () -> consumer.pull(queue, "*", 0, 32).getMaxOffset() == 6);
        MessageQueue lightOne = new MessageQueue(one, queue.getBrokerName(), 0), lightTwo = new MessageQueue(two, queue.getBrokerName(), 0);
        // A Java broker answers a send before the message is in any queue.
        Expect.eventually("six messages in the first", () -> consumer.pull(lightOne, "*", 0, 32).getMaxOffset() == 6);
        Expect.equal(List.of("number 0", "number 3"), bodies(consumer.pull(lightTwo, "*", 0, 32)), "messages of the second");
        Expect.equal(List.of("number 4", "number 5"), bodies(consumer.pull(lightOne, "*", 4, 32)), "messages of the first from 4 on");
        Expect.equal(List.of("number 1", "number 3", "number 5"), bodies(consumer.pull(lightOne, "TagB", 0, 32)), "messages with a tag");
        MessageExt third = consumer.pull(lightOne, "*", 3, 1).getMsgFoundList().get(0);
        Expect.equal("3,1", third.getProperty("INNER_MULTI_QUEUE_OFFSET"), "offsets of a message in its light queues");
        Expect.equal(topic, third.getTopic(), "topic of a message");
        Expect.equal(PullStatus.NO_NEW_MSG, consumer.pull(lightOne, "*", 6, 32).getPullStatus(), "status at the end");
        MessageQueue never = new MessageQueue("%LMQ%" + stage.topicName("never"), queue.getBrokerName(), 0);
        Expect.equal(PullStatus.NO_NEW_MSG, consumer.pull(never, "*", 0, 32).getPullStatus(), "status of a queue without messages");
        waitsAtTheEnd(consumer, producer, lightTwo, queue);
        consumer.updateConsumeOffset(lightOne, 5);
        consumer.getOffsetStore().persist(lightOne);
        Expect.eventually("a stored offset of 5", () -> consumer.fetchConsumeOffset(lightOne, true) == 5);
    }

    private static Message message(String topic, String tag, String body, String queues) {
        Message message = new Message(topic, tag, Stage.utf8(body));
        MessageAccessor.putProperty(message, "INNER_MULTI_DISPATCH", queues);
        return message;
    }

    private static List<String> bodies(PullResult result) {
        Expect.equal(PullStatus.FOUND, result.getPullStatus(), "status");
        return result.getMsgFoundList().stream().map(Received::body).collect(Collectors.toList());
    }

    private static void waitsAtTheEnd(DefaultMQPullConsumer consumer, DefaultMQProducer producer, MessageQueue light, MessageQueue queue)
            throws Exception {
        CompletableFuture<PullResult> held = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.pullBlockIfNotFound(light, "*", 2, 32);
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        producer.send(message(queue.getTopic(), "TagA", "wakes the pull", light.getTopic()), queue);
        Expect.equal(List.of("wakes the pull"), bodies(held.get(25, TimeUnit.SECONDS)), "messages of the held pull");
    }
}
