// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Decider;
import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;

/** What is committed, at once or when the broker asks, is delivered once; what is rolled back, either way, never. */
public final class Transactions implements Scenario {
    private static final int EACH = 5;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        Decider decider = new Decider();
        TransactionMQProducer producer = stage.transactional("producer", decider);
        List<String> committed = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            for (String plan : new String[] {"commit", "rollback", "unknown-commit", "unknown-rollback"}) {
                String body = plan + " " + i;
                TransactionSendResult sent = producer.sendMessageInTransaction(new Message(topic, "TagA", body, Stage.utf8(body)), null);
                Expect.equal(Decider.first(plan), sent.getLocalTransactionState(), "state of " + body);
                Expect.that(sent.getTransactionId() != null, "a transaction id");
                if (plan.endsWith("commit")) {
                    committed.add(body);
                }
            }
        }
        Expect.eventually(() -> "checks of all unknown ones, got " + decider.checked(), () -> decider.checked() >= 2 * EACH);
        received.expectAll(committed);
        // Everything has ended: one more round of the broker asks nobody.
        Thread.sleep(4_000);
        Expect.equal(2 * EACH, decider.checked(), "checks");
        Expect.equal(committed.size(), received.count(), "messages consumed");
        Expect.that(received.all().stream().allMatch(m -> m.getProperty("PGROUP").equals(stage.group("producer"))), "the producer group");
        Expect.equal(LocalTransactionState.UNKNOW, Decider.first("unknown-commit"), "first answer");
    }
}
