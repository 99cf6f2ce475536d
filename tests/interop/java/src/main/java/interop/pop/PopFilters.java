// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.common.message.Message;

/** Pop by tag and by SQL92: only what matches comes, also to who waits at the broker; the offsets pass the rest by. */
public final class PopFilters implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        PopStage pop = new PopStage(stage);
        Group tags = new Group(pop, "tags", topic, MessageSelector.byTag("TagA || TagC"));
        Group sql = new Group(pop, "sql", topic, MessageSelector.bySql("price BETWEEN 10 AND 20 OR colour = 'red'"));
        List<String> byTag = new ArrayList<>();
        List<String> bySql = new ArrayList<>();
        for (int round = 0; round < 2; round++) {  // in the second round both wait
            for (int i = 0; i < 40; i++) {
                String body = round + "." + i;
                Message message = new Message(topic, "Tag" + (char) ('A' + i % 4), Stage.utf8(body));
                message.putUserProperty("price", Integer.toString(i));
                message.putUserProperty("colour", i % 10 == 0 ? "red" : "blue");
                Stage.sendOne(pop.producer, message);
                if (i % 2 == 0) {
                    byTag.add(body);
                }
                if (i >= 10 && i <= 20 || i % 10 == 0) {
                    bySql.add(body);
                }
            }
            tags.received.expectExactly(byTag);
            sql.received.expectExactly(bySql);
        }
        Expect.eventually("the group by tag at the end of every queue", () -> pop.lag(tags.name, topic) == 0);
        Expect.eventually("the group by SQL at the end of every queue", () -> pop.lag(sql.name, topic) == 0);
    }

    private static final class Group {
        final Received received = new Received();
        final String name;

        Group(PopStage pop, String role, String topic, MessageSelector selector) throws Exception {
            name = pop.group(role, topic);
            DefaultMQPushConsumer consumer = pop.push(role, received.concurrently());
            consumer.setPopInvisibleTime(60_000);
            consumer.subscribe(topic, selector);
            consumer.start();
        }
    }
}
