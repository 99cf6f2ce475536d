// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A lite pull consumer polls what its group has not committed yet. */
public final class LitePullSubscribe implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        poll(stage, topic, Stage.send(producer, topic, "first ", 20));
        poll(stage, topic, Stage.send(producer, topic, "second ", 20));
    }

    private static void poll(Stage stage, String topic, List<String> bodies) throws Exception {
        DefaultLitePullConsumer consumer = stage.litePull("lite");
        consumer.setAutoCommit(false);
        consumer.subscribe(topic, "*");
        consumer.start();
        Received received = new Received();
        Expect.eventually(() -> bodies.size() + " messages, got " + received.count(), () -> {
            received.add(consumer.poll(500));
            return received.count() >= bodies.size();
        });
        received.expectExactly(bodies);
        consumer.commitSync();
        consumer.shutdown();
    }
}
