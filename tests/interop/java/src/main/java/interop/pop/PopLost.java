// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** What one consumer took and never acknowledged goes to another when the invisible time is over, and not before. */
public final class PopLost implements Scenario {
    private static final long SHORT_MS = 4000;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic("", 1);
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        MessageQueue queue = pop.someQueue(topic);
        List<String> bodies = pop.send(queue, 8);
        List<MessageExt> taken = new ArrayList<>();
        Expect.eventually(() -> "8 messages, got " + taken.size(), () -> {
            taken.addAll(pop.pop(queue, pop.request(group, topic, 32, SHORT_MS)));
            return taken.size() >= bodies.size();
        });
        for (MessageExt message : taken.subList(0, 3)) {
            pop.acknowledge(group, message);
        }
        Received other = new Received();
        pop.consume("consumer", topic, other.concurrently());
        other.expectExactly(bodies.subList(3, 8));
        for (MessageExt message : other.all()) {
            Expect.equal(1, message.getReconsumeTimes(), "reconsume times");
            Expect.equal(topic, message.getTopic(), "topic as the listener sees it");
            long early = taken.get(0).getStoreTimestamp() + SHORT_MS - message.getStoreTimestamp();
            Expect.that(early <= 0, "nothing before its invisible time is over, it is " + early + " ms too early");
        }
        Expect.equal(5L, pop.revived(group, topic), "messages in the retry topic");
    }
}
