// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages chosen by SQL92 expression: push, lite pull and pull consumer; what a wrong expression gets. */
public final class SqlFilter implements Scenario {
    private static final int SUBSCRIPTION_PARSE_FAILED = 23;
    private static final String DEAR_OR_RED = "(price BETWEEN 150 AND 260 AND colour IS NOT NULL) OR colour = 'red'";

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        send(producer, queue, "cheap red", 50, "red");
        send(producer, queue, "blue", 150, "blue");
        send(producer, queue, "cheap blue", 100, "blue");
        send(producer, queue, "plain", 250, null);
        send(producer, queue, "dear blue", 260, "blue");
        List<String> wanted = Arrays.asList("cheap red", "blue", "dear blue");
        push(stage, producer, queue, wanted);
        litePull(stage, topic, wanted);
        pull(stage, queue, wanted);
        wrongExpression(stage, topic);
    }

    private static void send(DefaultMQProducer producer, MessageQueue queue, String body, int price, String colour) throws Exception {
        Message message = new Message(queue.getTopic(), "TagA", Stage.utf8(body));
        message.putUserProperty("price", Integer.toString(price));
        if (colour != null) {
            message.putUserProperty("colour", colour);
        }
        producer.send(message, queue);
    }

    /** The last message comes while the pull is held at the broker. */
    private static void push(Stage stage, DefaultMQProducer producer, MessageQueue queue, List<String> wanted) throws Exception {
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push("push");
        consumer.subscribe(queue.getTopic(), MessageSelector.bySql(DEAR_OR_RED));
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        received.expectExactly(wanted);
        send(producer, queue, "not this", 1, "blue");
        send(producer, queue, "red again", 1, "red");
        Expect.eventually(() -> "4 messages, got " + received.bodies(), () -> received.count() == 4);
        Expect.equal("red again", received.bodies().get(3), "message that woke the pull");
    }

    private static void litePull(Stage stage, String topic, List<String> wanted) throws Exception {
        DefaultLitePullConsumer consumer = stage.litePull("lite");
        consumer.subscribe(topic, MessageSelector.bySql(DEAR_OR_RED));
        consumer.start();
        Received received = new Received();
        Expect.eventually(() -> "4 messages, got " + received.bodies(), () -> {
            received.add(consumer.poll(500));
            return received.count() == 4;
        });
        Expect.that(received.bodies().containsAll(wanted), "all of " + wanted + ", got " + received.bodies());
    }

    private static void pull(Stage stage, MessageQueue queue, List<String> wanted) throws Exception {
        DefaultMQPullConsumer consumer = stage.pull("pull");
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.start();
        Expect.that(consumer.fetchSubscribeMessageQueues(queue.getTopic()).contains(queue), "the queue among those of the topic");
        Expect.eventually("a heartbeat that tells the client the broker's version", () -> mayFilter(consumer, queue));
        PullResult found = consumer.pull(queue, MessageSelector.bySql(DEAR_OR_RED), 0, 32);
        List<String> bodies = found.getMsgFoundList().stream().map(Received::body).collect(Collectors.toList());
        Expect.equal(wanted, bodies.subList(0, 3), "bodies, in the order of the queue");
        PullResult none = consumer.pull(queue, MessageSelector.bySql("price > 1000"), 0, 32);
        Expect.equal(PullStatus.NO_MATCHED_MSG, none.getPullStatus(), "status when nothing matches");
        Expect.equal(found.getNextBeginOffset(), none.getNextBeginOffset(), "offset behind what was looked at");
    }

    /** The client itself refuses filters until a broker has answered a heartbeat. */
    private static boolean mayFilter(DefaultMQPullConsumer consumer, MessageQueue queue) throws Exception {
        try {
            consumer.pull(queue, MessageSelector.bySql("TRUE"), 0, 1);
            return true;
        } catch (MQClientException refused) {
            Expect.that(refused.getMessage().contains("does not upgrade"), "the broker's version as the only obstacle, got " + refused);
            return false;
        }
    }

    private static void wrongExpression(Stage stage, String topic) throws Exception {
        DefaultMQPushConsumer consumer = stage.push("wrong");
        consumer.subscribe(topic, MessageSelector.bySql("price > 'x' AND colour = 'red'"));
        consumer.registerMessageListener(new Received().concurrently());
        Exception refused = Expect.refused("a wrong expression", () -> {
            consumer.start();
            return null;
        });
        Expect.that(refused instanceof MQClientException, "an answer of the broker, got " + refused);
        Expect.equal(SUBSCRIPTION_PARSE_FAILED, ((MQClientException) refused).getResponseCode(), "response code");
    }
}
