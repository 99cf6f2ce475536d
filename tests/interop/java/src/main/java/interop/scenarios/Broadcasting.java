// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;

/** In broadcasting each consumer of the group gets every message. */
public final class Broadcasting implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        List<Received> each = List.of(new Received(), new Received());
        for (Received received : each) {
            DefaultMQPushConsumer consumer = stage.push("consumer");
            var model = consumer.getMessageModel().getDeclaringClass();
            consumer.setMessageModel(Enum.valueOf(model, "BROADCASTING"));
            consumer.subscribe(topic, "*");
            consumer.registerMessageListener(received.concurrently());
            consumer.start();
        }
        List<String> bodies = Stage.send(stage.producer(), topic, "to all ", 20);
        for (Received received : each) {
            received.expectExactly(bodies);
        }
    }
}
