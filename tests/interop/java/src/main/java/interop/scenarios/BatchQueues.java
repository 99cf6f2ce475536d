// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** On a topic of queue.type=BatchCQ a batch is one record that takes an offset for each of its messages. Clients of 5.x only. */
public final class BatchQueues implements Scenario {
    private static final int[] SIZES = {3, 1, 5, 0, 10};  // 0: a message that is sent alone

    /** 4.9 has no attributes of topics. */
    public static boolean supported() {
        try {
            TopicConfig.class.getMethod("setAttributes", Map.class);
            return true;
        } catch (NoSuchMethodException none) {
            return false;
        }
    }

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topicName("boxes");
        for (String broker : stage.brokers()) {
            TopicConfig config = new TopicConfig(topic, 2, 2, 6);
            TopicConfig.class.getMethod("setAttributes", Map.class).invoke(config, Map.of("+queue.type", "BatchCQ"));
            Stage.admin(stage.namesrv).createAndUpdateTopicConfig(broker, config);
        }
        DefaultMQProducer producer = stage.producer();
        Expect.eventually("a route of " + topic, () -> routed(producer, topic));
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        List<String> bodies = new ArrayList<>();
        long base = 0;
        for (int round = 0; round < SIZES.length; round++) {
            SendResult sent = send(producer, queue, round, bodies);
            Expect.equal(base, sent.getQueueOffset(), "queue offset of batch " + round);
            Expect.equal(1, sent.getMsgId().split(",").length, "ids of batch " + round);
            Expect.equal(1, sent.getOffsetMsgId().split(",").length, "offset ids of batch " + round);
            if (round == 2) {
                isFound(producer, topic, sent);
            }
            base += Math.max(SIZES[round], 1);
        }
        pulls(stage, queue, base, bodies);
        consumes(stage, topic, bodies);
        consumesInOrder(stage, topic, bodies);
        pullsByTag(stage, queue);
    }

    private static boolean routed(DefaultMQProducer producer, String topic) {
        try {
            return !producer.fetchPublishMessageQueues(topic).isEmpty();
        } catch (Exception notYet) {
            return false;
        }
    }

    private static SendResult send(DefaultMQProducer producer, MessageQueue queue, int round, List<String> bodies) throws Exception {
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < Math.max(SIZES[round], 1); i++) {
            String body = round + "." + i;
            Message message = new Message(queue.getTopic(), "Tag" + i, "key" + body, Stage.utf8(body));
            message.putUserProperty("number", body);
            batch.add(message);
            bodies.add(body);
        }
        return SIZES[round] == 0 ? producer.send(batch.get(0), queue) : producer.send(batch, queue);
    }

    /** By the id of the record, and by the id and the keys of the batch; its messages have none that a broker sees. */
    private static void isFound(DefaultMQProducer producer, String topic, SendResult sent) throws Exception {
        Expect.equal(4L, producer.viewMessage(topic, sent.getOffsetMsgId()).getQueueOffset(), "queue offset of the record by its id");
        Expect.eventually("the batch by its unique key", () -> offsetById(producer, topic, sent.getMsgId()) == 4);
        Expect.equal(List.of(), byKey(producer, topic, "key2.0"), "messages by the key of one of them");
    }

    private static long offsetById(DefaultMQProducer producer, String topic, String id) {
        try {
            return producer.viewMessage(topic, id).getQueueOffset();
        } catch (Exception notFound) {
            return -1;
        }
    }

    private static List<MessageExt> byKey(DefaultMQProducer producer, String topic, String key) {
        try {
            return producer.queryMessage(topic, key, 32, 0, System.currentTimeMillis() + 60_000).getMessageList();
        } catch (Exception none) {  // the client says so by an exception
            return List.of();
        }
    }

    private static void consumesInOrder(Stage stage, String topic, List<String> bodies) throws Exception {
        Received received = new Received();
        stage.consume("orderly", topic, received.orderly());
        received.expectExactly(bodies);
        Expect.equal(bodies, received.bodies(), "bodies in order");
    }

    /** RocketMQ never finds a batch by tag; who does, gives those that have it, and leaves the rest to the client. */
    private static void pullsByTag(Stage stage, MessageQueue queue) throws Exception {
        DefaultMQPullConsumer consumer = stage.pull("tagged");
        consumer.start();
        PullResult result = consumer.pull(queue, "Tag2 || Tag4", 4, 1);
        if (result.getPullStatus() == PullStatus.NO_MATCHED_MSG) {
            return;
        }
        Expect.equal(List.of("2.2", "2.4"), texts(result), "messages with either tag of the batch of five");
        Expect.equal(9L, result.getNextBeginOffset(), "next offset behind the batch");
    }

    private static void pulls(Stage stage, MessageQueue queue, long max, List<String> bodies) throws Exception {
        DefaultMQPullConsumer consumer = stage.pull("pull");
        consumer.start();
        // A Java broker answers a send before the message is in any queue.
        Expect.eventually("the last message in its queue", () -> consumer.pull(queue, "*", 0, 1).getMaxOffset() == max);
        Expect.equal(0L, consumer.minOffset(queue), "minimum offset");
        Expect.equal(max, consumer.maxOffset(queue), "maximum offset");
        for (long at = 4; at < 9; at++) {  // anywhere in the batch of five
            PullResult result = consumer.pull(queue, "*", at, 1);
            Expect.equal(PullStatus.FOUND, result.getPullStatus(), "status at " + at);
            Expect.equal(9L, result.getNextBeginOffset(), "next offset at " + at);
            Expect.equal(bodies.subList(4, 9), texts(result), "messages at " + at);
        }
        PullResult some = consumer.pull(queue, "*", 0, 8);
        Expect.equal(bodies.subList(0, 4), texts(some), "whole batches of at most eight messages");
        Expect.equal(4L, some.getNextBeginOffset(), "next offset of those");
        Expect.equal(PullStatus.NO_NEW_MSG, consumer.pull(queue, "*", max, 32).getPullStatus(), "status at the end");
        PullResult beyond = consumer.pull(queue, "*", max + 10, 32);
        Expect.equal(PullStatus.OFFSET_ILLEGAL, beyond.getPullStatus(), "status beyond the end");
        Expect.equal(max, beyond.getNextBeginOffset(), "next offset beyond the end");
        Expect.equal(0L, consumer.searchOffset(queue, 0), "offset at the begin of time");
        Expect.equal(10L, consumer.searchOffset(queue, System.currentTimeMillis() + 60_000), "offset after all time: the last batch");
    }

    private static List<String> texts(PullResult result) {
        return result.getMsgFoundList().stream().map(Received::body).collect(Collectors.toList());
    }

    /** One message of a batch fails at first: it comes again, alone. */
    private static void consumes(Stage stage, String topic, List<String> bodies) throws Exception {
        Received received = new Received(), failed = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.registerMessageListener((MessageListenerConcurrently) (list, context) -> {
            MessageExt message = list.get(0);
            if (Received.body(message).equals("2.3") && message.getReconsumeTimes() == 0 && failed.count() == 0) {
                failed.add(list);
                context.setDelayLevelWhenNextConsume(1);
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            received.add(list);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.subscribe(topic, "*");
        consumer.start();
        received.expectExactly(bodies);
        for (MessageExt message : received.all()) {
            String body = Received.body(message);
            if (body.equals("2.3")) {
                continue;
            }
            Expect.equal((long) bodies.indexOf(body), message.getQueueOffset(), "queue offset of " + body);
            Expect.equal(body, message.getUserProperty("number"), "user property of " + body);
            Expect.equal("Tag" + body.substring(2), message.getTags(), "tag of " + body);
        }
    }
}
