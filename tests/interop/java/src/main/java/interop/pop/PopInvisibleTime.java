// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** A consumer asks for more time, and for less; the old receipts count no longer, the new ones do. */
public final class PopInvisibleTime implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic("", 1);
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        MessageQueue queue = pop.someQueue(topic);
        pop.send(queue, 3);
        List<MessageExt> taken = new ArrayList<>();
        Expect.eventually(() -> "3 messages, got " + taken.size(), () -> {
            taken.addAll(pop.pop(queue, pop.request(group, topic, 32, 3000)));
            return taken.size() >= 3;
        });
        change(pop, group, taken.get(0), 60_000);
        String old = taken.get(1).getProperty(MessageConst.PROPERTY_POP_CK);
        change(pop, group, taken.get(1), 1000);
        Expect.that(!old.equals(taken.get(1).getProperty(MessageConst.PROPERTY_POP_CK)), "a new receipt");
        change(pop, group, taken.get(2), 2000);
        Expect.equal(AckStatus.OK, pop.acknowledge(group, taken.get(2)).getStatus(), "acknowledgement by the new receipt");
        taken.get(1).getProperties().put(MessageConst.PROPERTY_POP_CK, old);
        pop.acknowledge(group, taken.get(1));  // in vain
        List<MessageExt> again = new ArrayList<>();
        Expect.eventually("the message that was given back", () -> again.addAll(pop.pop(queue, pop.request(group, topic, 32, 60_000))));
        Expect.equal(List.of("number 1"), again.stream().map(Received::body).toList(), "what comes again");
        Expect.equal(1, again.get(0).getReconsumeTimes(), "reconsume times");
        Expect.equal(AckStatus.OK, pop.acknowledge(group, again.get(0)).getStatus(), "acknowledgement of a revived message");
        Expect.equal(1L, pop.revived(group, topic), "messages in the retry topic");
    }

    private static void change(PopStage pop, String group, MessageExt message, long invisibleMs) throws Exception {
        AckResult result = pop.changeInvisibleTime(group, message, invisibleMs);
        Expect.equal(AckStatus.OK, result.getStatus(), "change of the invisible time");
        message.getProperties().put(MessageConst.PROPERTY_POP_CK, result.getExtraInfo());
    }
}
