// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.Message;

/** Two namespaces with equal topics and groups do not meet; a retry stays in its namespace. */
public final class Namespaces implements Scenario {
    private static final List<String> NAMES = List.of("red", "blue");

    @Override
    public void run(Stage stage) throws Exception {
        Map<String, Received> received = new HashMap<>();
        for (String name : NAMES) {
            for (String broker : stage.brokers()) {
                TopicConfig topic = new TopicConfig(name + "%" + stage.topicName(""), 2, 2, 6);
                Stage.admin(stage.namesrv).createAndUpdateTopicConfig(broker, topic);
            }
            received.put(name, new Received());
            consume(stage, name, received.get(name));
        }
        for (String name : NAMES) {
            DefaultMQProducer producer = stage.producer(name + "-producer");
            producer.setNamespace(name);
            Stage.sendOne(producer, new Message(stage.topicName(""), "TagA", name, Stage.utf8("for " + name)));
        }
        for (String name : NAMES) {
            Expect.eventually(() -> "two deliveries in " + name + ", got " + received.get(name).bodies(), () -> received.get(name).count() >= 2);
            Expect.equal(List.of("for " + name, "for " + name), received.get(name).bodies(), "bodies in " + name);
        }
    }

    private static void consume(Stage stage, String name, Received received) throws Exception {
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.setNamespace(name);
        consumer.subscribe(stage.topicName(""), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.add(messages);
            context.setDelayLevelWhenNextConsume(1);
            boolean first = messages.get(0).getReconsumeTimes() == 0;
            return first ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
    }
}
