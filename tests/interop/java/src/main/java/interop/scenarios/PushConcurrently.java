// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;

/** A push consumer gets every message once, also those sent while it waits at the end of the queues. */
public final class PushConcurrently implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        List<String> bodies = Stage.send(producer, topic, "before ", 100);
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        received.expectExactly(bodies);
        bodies.addAll(Stage.send(producer, topic, "after ", 100));  // the pulls are held at the broker by now
        received.expectExactly(bodies);
        for (MessageExt message : received.all()) {
            Expect.equal(topic, message.getTopic(), "topic");
            Expect.equal(0, message.getReconsumeTimes(), "reconsume times");
        }
    }
}
