// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;

/** Two groups consume the same topic independently. */
public final class TwoGroups implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        List<String> bodies = Stage.send(stage.producer(), topic, "both ", 40);
        for (String group : List.of("first", "second")) {
            Received received = new Received();
            DefaultMQPushConsumer consumer = stage.push(group);
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener(received.concurrently());
            consumer.start();
            received.expectExactly(bodies);
        }
    }
}
