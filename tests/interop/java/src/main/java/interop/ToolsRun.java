// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/**
 * Something for operators' tools to look at: interop.ToolsRun NAME_SERVER TAG, until standard input ends.
 *
 * A producer and a consumer, both tracing, a message that cannot be consumed, and one that is read late. Prints "topic NAME",
 * "group NAME", "producer NAME", "client ID", "message UNIQUE_KEY OFFSET_ID KEY", "dead UNIQUE_KEY" and "ready".
 */
public final class ToolsRun {
    private static final String DEAD = "Dead";

    private ToolsRun() {
    }

    public static void main(String[] args) throws Exception {
        int status = 1;
        try (Stage stage = new Stage(args[0], "ToolsRun", args[1])) {
            run(stage);
            status = 0;
            while (System.in.read() >= 0) {  // whatever is said
            }
        } catch (Throwable failure) {
            failure.printStackTrace();
        }
        System.exit(status);
    }

    private static void run(Stage stage) throws Exception {
        String topic = stage.topic();
        AtomicInteger consumed = new AtomicInteger();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(stage.group("consumer"), true, null);
        consumer.setNamesrvAddr(stage.namesrv);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setMaxReconsumeTimes(0);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (DEAD.equals(messages.get(0).getTags())) {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            consumed.addAndGet(messages.size());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        DefaultMQProducer producer = new DefaultMQProducer(stage.group("producer"), true, null);
        producer.setNamesrvAddr(stage.namesrv);
        producer.start();
        SendResult first = send(producer, topic, "TagA", "first");
        SendResult dead = send(producer, topic, DEAD, "dead");
        for (int i = 0; i < 10; i++) {
            send(producer, topic, "TagB", "more" + i);
        }
        Expect.eventually("eleven messages are consumed", () -> consumed.get() >= 11);
        Expect.eventually("a dead letter", () -> deadLetters(stage) > 0);
        System.out.println("topic " + topic);
        System.out.println("group " + stage.group("consumer"));
        System.out.println("producer " + stage.group("producer"));
        System.out.println("client " + consumer.getDefaultMQPushConsumerImpl().getmQClientFactory().getClientId());
        System.out.println("message " + first.getMsgId() + " " + first.getOffsetMsgId() + " first");
        System.out.println("dead " + dead.getMsgId());
        System.out.println("ready");
        System.out.flush();
    }

    private static SendResult send(DefaultMQProducer producer, String topic, String tag, String key) throws Exception {
        return Stage.sendOne(producer, new Message(topic, tag, key, Stage.utf8("body of " + key)));
    }

    private static long deadLetters(Stage stage) {
        try {
            return Stage.admin(stage.namesrv).examineTopicStats("%DLQ%" + stage.group("consumer")).getOffsetTable().values().stream()
                .mapToLong(o -> o.getMaxOffset()).sum();
        } catch (Exception noSuchTopicYet) {
            return 0;
        }
    }
}
