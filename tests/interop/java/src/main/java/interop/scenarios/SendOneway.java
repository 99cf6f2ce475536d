// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** One-way messages arrive although nobody answers. */
public final class SendOneway implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        DefaultMQProducer producer = stage.producer();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            producer.sendOneway(new Message(topic, "TagA", "oneway" + i, Stage.utf8("oneway " + i)));
            bodies.add("oneway " + i);
        }
        received.expectExactly(bodies);
    }
}
