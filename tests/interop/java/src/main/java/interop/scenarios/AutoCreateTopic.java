// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** The first message to an unknown topic creates it with the four queues that clients ask for. */
public final class AutoCreateTopic implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topicName("_new");
        DefaultMQProducer producer = stage.producer();
        List<String> bodies = Stage.send(producer, topic, "first ", 8);
        Expect.eventually("a route of " + topic, () -> routed(stage, topic));
        var route = Stage.admin(stage.namesrv).examineTopicRouteInfo(topic);
        Expect.equal(4, route.getQueueDatas().get(0).getWriteQueueNums(), "write queues");
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        received.expectExactly(bodies);
    }

    private static boolean routed(Stage stage, String topic) {
        try {
            return !Stage.admin(stage.namesrv).examineTopicRouteInfo(topic).getQueueDatas().isEmpty();
        } catch (Exception notYet) {
            return false;
        }
    }
}
