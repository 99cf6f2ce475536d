// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A group that comes back goes on where it stopped. */
public final class ResumeOffsets implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        consume(stage, topic, Stage.send(producer, topic, "first ", 40), 40);
        consume(stage, topic, Stage.send(producer, topic, "second ", 40), 80);
    }

    private static void consume(Stage stage, String topic, List<String> bodies, long committedAfter) throws Exception {
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.consume("consumer", topic, received.concurrently());
        received.expectExactly(bodies);
        Expect.eventually("offsets that add up to " + committedAfter,
            () -> Stage.queuesOf(consumer, topic).stream().mapToLong(q -> Math.max(0, Stage.committed(consumer, q))).sum() == committedAfter);
        consumer.shutdown();
    }
}
