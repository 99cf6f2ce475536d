// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.Collections;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A group that is consuming goes back by time: what came since then comes once more, what came before does not. */
public final class ResetOffsets implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("online", topic, received.concurrently());
        DefaultMQProducer producer = stage.producer();
        List<String> early = Stage.send(producer, topic, "early ", 20);
        received.expectExactly(early);
        long between = System.currentTimeMillis() + 1;
        Expect.eventually("a later millisecond", () -> System.currentTimeMillis() > between);
        List<String> late = Stage.send(producer, topic, "late ", 20);
        received.expectAll(late);
        Stage.admin(stage.namesrv).resetOffsetByTimestamp(topic, stage.group("online"), between, true);
        // Pulls that are held learn of it at their next evaluation, here or at a Java broker: these messages are one.
        List<String> last = Stage.send(producer, topic, "last ", 20);
        Expect.eventually(() -> "each late message twice, got " + received.bodies(), () -> atLeast(2, late, received));
        Expect.eventually(() -> "what came after, got " + received.bodies(), () -> atLeast(1, last, received));
        for (String body : early) {
            Expect.equal(1, Collections.frequency(received.bodies(), body), "deliveries of '" + body + "'");
        }
    }

    private static boolean atLeast(int times, List<String> wanted, Received received) {
        List<String> bodies = received.bodies();
        return wanted.stream().allMatch(body -> Collections.frequency(bodies, body) >= times);
    }
}
