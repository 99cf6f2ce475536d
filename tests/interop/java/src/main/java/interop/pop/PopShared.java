// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;

/** Two pop consumers share the messages of one queue, which only one of two pull consumers could have. */
public final class PopShared implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic("", 1);
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        Received first = consumer(pop, topic);
        Received second = consumer(pop, topic);
        List<String> bodies = new ArrayList<>();
        Expect.eventually(() -> "messages for both, got " + first.count() + " and " + second.count(), () -> {
            bodies.addAll(Stage.send(pop.producer, topic, "number " + bodies.size() + ".", 20));
            return first.count() > 20 && second.count() > 20;
        });
        Expect.eventually(() -> bodies.size() + " messages, got " + first.count() + " and " + second.count(),
            () -> first.count() + second.count() >= bodies.size());
        Received all = new Received();
        all.add(first.all());
        all.add(second.all());
        all.expectExactly(bodies);
        Expect.eventually("an offset at the end of the queue", () -> pop.lag(group, topic) == 0);
    }

    private static Received consumer(PopStage pop, String topic) throws Exception {
        Received received = new Received();
        DefaultMQPushConsumer consumer = pop.push("consumer", received.concurrently());
        consumer.setPopBatchNums(4);
        consumer.setPopInvisibleTime(60_000);
        consumer.subscribe(topic, "*");
        consumer.start();
        return received;
    }
}
