// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * A pop consumer gets every message once; only the one that it holds longer than its invisible time comes again, and it
 * was taken last, so that the others would have come before it.
 */
public final class PopOnce implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        List<String> bodies = Stage.send(pop.producer, topic, "before ", 50);
        Received received = new Received();
        CountDownLatch again = new CountDownLatch(2);
        pop.consume("consumer", topic, (messages, context) -> {
            received.add(messages);
            if (Received.body(messages.get(0)).equals("held")) {
                again.countDown();
                await(again);
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        received.expectExactly(bodies);
        bodies.addAll(Stage.send(pop.producer, topic, "after ", 50));  // the consumer waits at the broker by now
        received.expectExactly(bodies);
        Stage.sendOne(pop.producer, new Message(topic, "TagA", Stage.utf8("held")));
        Expect.eventually(() -> "the held message again, got " + received.count(), () -> received.count() >= bodies.size() + 2);
        Expect.equal(List.of("held", "held"), received.bodies().subList(bodies.size(), received.count()), "what came behind");
        Expect.equal(1, received.all().get(bodies.size() + 1).getReconsumeTimes(), "reconsume times of the second delivery");
        Expect.equal(topic, received.all().get(bodies.size() + 1).getTopic(), "topic as the listener sees it");
        Expect.equal(1L, pop.revived(group, topic), "messages in the retry topic");
        Expect.eventually("an offset at the end of every queue", () -> pop.lag(group, topic) == 0);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
