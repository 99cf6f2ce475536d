// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.Arrays;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** Only messages of the subscribed tags arrive, also when another tag has the same hash code. */
public final class TagFilter implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        Expect.equal("AaAa".hashCode(), "BBBB".hashCode(), "hash code");  // the broker compares hashes, the client strings
        for (String tag : Arrays.asList("TagB", "TagA", "BBBB", "AaAa", null, "TagC")) {
            Message message = new Message(topic, tag, Stage.utf8("tag " + tag));
            producer.send(message, (queues, m, arg) -> queues.get(0), null);
        }
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.subscribe(topic, "TagA || TagC||AaAa");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        received.expectExactly(List.of("tag TagA", "tag AaAa", "tag TagC"));  // the last one sent matches
    }
}
