// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;

/**
 * Ordered pop: a queue gives nothing more while something of it is out; what is not acknowledged comes again, in order,
 * with what came before it acknowledged; a request that names its attempt may be repeated.
 *
 * The Java client's orderly listeners never ask for it (they pull, whatever the group's mode), so the requests are made
 * one by one; an orderly push consumer must do its work all the same.
 */
public final class PopOrderly implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic("", 1);
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        MessageQueue queue = pop.someQueue(topic);
        List<String> bodies = pop.send(queue, 6);
        List<MessageExt> first = pop.pop(queue, request(pop, group, topic, "one", 60_000));
        Expect.equal(bodies.subList(0, 3), texts(first), "the first three");
        Expect.equal(List.of(), texts(pop.pop(queue, request(pop, group, topic, "two", 60_000))), "what a second consumer gets");
        List<MessageExt> repeated = pop.pop(queue, request(pop, group, topic, "one", 60_000));
        Expect.equal(bodies.subList(0, 3), texts(repeated), "the answer to the same attempt");
        pop.acknowledge(group, repeated.get(0));
        pop.changeInvisibleTime(group, repeated.get(1), 1000);
        pop.changeInvisibleTime(group, repeated.get(2), 1000);
        List<MessageExt> again = eventually(pop, queue, group, topic, "three");
        Expect.equal(bodies.subList(1, 4), texts(again), "those that were not acknowledged, and the next");
        Expect.equal(List.of(1, 1, 0), again.stream().map(MessageExt::getReconsumeTimes).collect(Collectors.toList()), "reconsume times");
        for (MessageExt message : again) {
            pop.acknowledge(group, message);
        }
        List<MessageExt> last = eventually(pop, queue, group, topic, "four");
        Expect.equal(bodies.subList(4, 6), texts(last), "the rest");
        for (MessageExt message : last) {
            pop.acknowledge(group, message);
        }
        Expect.eventually("the offset at the end of the queue", () -> pop.lag(group, topic) == 0);
        listener(stage, pop);
    }

    private static List<MessageExt> eventually(PopStage pop, MessageQueue queue, String group, String topic, String attempt) throws Exception {
        for (int i = 0; i < 10; i++) {
            List<MessageExt> found = pop.pop(queue, request(pop, group, topic, attempt, 60_000));
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw new AssertionError("expected messages for attempt " + attempt);
    }

    private static PopMessageRequestHeader request(PopStage pop, String group, String topic, String attempt, long invisibleMs) {
        PopMessageRequestHeader header = pop.request(group, topic, 3, invisibleMs);
        header.setOrder(true);
        header.setAttemptId(attempt);
        return header;
    }

    private static List<String> texts(List<MessageExt> messages) {
        return messages.stream().map(Received::body).collect(Collectors.toList());
    }

    private static void listener(Stage stage, PopStage pop) throws Exception {
        String topic = stage.topic("listener", 2);
        pop.group("listener", topic);
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push("listener");
        consumer.setClientRebalance(false);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.orderly());
        consumer.start();
        DefaultMQProducer producer = pop.producer;
        for (int i = 0; i < 10; i++) {
            producer.send(new Message(topic, "TagA", Stage.utf8("step " + i)), (queues, m, arg) -> queues.get(1), null);
        }
        Expect.eventually(() -> "10 messages, got " + received.count(), () -> received.count() >= 10);
        for (int i = 0; i < 10; i++) {
            Expect.equal("step " + i, received.bodies().get(i), "message " + i);
        }
    }
}
