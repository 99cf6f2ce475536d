// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.lang.reflect.Method;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Messages with a time of their own are delivered at it, and one that is taken back is not. Clients before 5 know no such times,
 * so their methods are looked up by name; recall came with 5.4.
 */
public final class Timed implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        if (find(Message.class, "setDelayTimeSec", long.class) == null) {
            return;
        }
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        DefaultMQProducer producer = stage.producer();
        long start = System.currentTimeMillis();
        send(producer, message(topic, "past", "setDeliverTimeMs", start - 1000));
        send(producer, message(topic, "seconds", "setDelayTimeSec", 2));
        send(producer, message(topic, "milliseconds", "setDelayTimeMs", 1500));
        send(producer, message(topic, "time", "setDeliverTimeMs", start + 3000));
        SendResult recalled = send(producer, message(topic, "recalled", "setDeliverTimeMs", start + 4000));
        boolean takenBack = recall(producer, topic, recalled);
        send(producer, message(topic, "last", "setDeliverTimeMs", start + 6000));
        Expect.eventually(() -> "the last message, got " + received.bodies(), () -> received.bodies().contains("last"));
        for (MessageExt message : received.all()) {
            long due = start + dueAfter(Received.body(message));
            Expect.that(message.getStoreTimestamp() >= due, Received.body(message) + " " + (due - message.getStoreTimestamp()) + " ms early");
        }
        Expect.that(received.bodies().containsAll(List.of("past", "seconds", "milliseconds", "time")), "all, got " + received.bodies());
        Expect.equal(!takenBack, received.bodies().contains("recalled"), "delivery of the message that was taken back");
    }

    private static long dueAfter(String body) {
        switch (body) {
            case "seconds":
                return 2000;
            case "milliseconds":
                return 1500;
            case "time":
                return 3000;
            case "last":
                return 6000;
            default:
                return -1000;
        }
    }

    private static Message message(String topic, String body, String setter, long time) throws Exception {
        Message message = new Message(topic, "TagA", body, Stage.utf8(body));
        find(Message.class, setter, long.class).invoke(message, time);
        return message;
    }

    private static SendResult send(DefaultMQProducer producer, Message message) throws Exception {
        return Stage.sendOne(producer, message);
    }

    private static boolean recall(DefaultMQProducer producer, String topic, SendResult sent) throws Exception {
        Method handle = find(SendResult.class, "getRecallHandle");
        Method recall = find(DefaultMQProducer.class, "recallMessage", String.class, String.class);
        if (handle == null || recall == null) {
            return false;
        }
        Expect.equal(sent.getMsgId(), recall.invoke(producer, topic, handle.invoke(sent)), "id of the message that was taken back");
        return true;
    }

    private static Method find(Class<?> owner, String name, Class<?>... parameters) {
        try {
            return owner.getMethod(name, parameters);
        } catch (NoSuchMethodException olderClient) {
            return null;
        }
    }
}
