// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.HashSet;
import java.util.Set;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** Messages are found by each of their keys. */
public final class QueryByKey implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        Stage.sendOne(producer, new Message(topic, "TagA", "blue green", Stage.utf8("two keys")));
        Stage.sendOne(producer, new Message(topic, "TagA", "green", Stage.utf8("one key")));
        Expect.eventually("1 message with key blue", () -> find(producer, topic, "blue").equals(Set.of("two keys")));
        Expect.eventually("2 messages with key green", () -> find(producer, topic, "green").equals(Set.of("two keys", "one key")));
        Expect.equal(Set.of(), find(producer, topic, "red"), "messages with key red");
    }

    private static Set<String> find(DefaultMQProducer producer, String topic, String key) {
        Set<String> bodies = new HashSet<>();
        try {
            producer.queryMessage(topic, key, 32, 0, System.currentTimeMillis() + 60_000).getMessageList()
                .forEach(message -> bodies.add(Received.body(message)));
        } catch (Exception none) {  // the client says so by an exception
            bodies.clear();
        }
        return bodies;
    }
}
