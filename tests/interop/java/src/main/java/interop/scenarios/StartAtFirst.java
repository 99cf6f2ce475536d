// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * A new group that asks for the last offset still gets a young queue from its first message: the broker answers 0 while
 * the first message of the queue is hot. (Java brokers do so, too; messages sent before a first subscription would be lost.)
 */
public final class StartAtFirst implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        List<String> bodies = Stage.send(stage.producer(), topic, "before ", 20);
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        received.expectExactly(bodies);
    }
}
