// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Decider;
import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;

/** A producer ends before it has decided; the next one of its group is asked, and decides. */
public final class TransactionProducerReturns implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        stage.consume("consumer", topic, received.concurrently());
        Decider silent = new Decider();
        silent.answerChecks(false);
        TransactionMQProducer first = stage.transactional("producer", silent);
        first.sendMessageInTransaction(new Message(topic, Stage.utf8("unknown-commit a")), null);
        first.sendMessageInTransaction(new Message(topic, Stage.utf8("unknown-rollback b")), null);
        first.shutdown();
        // Long enough for rounds of checks that nobody hears.
        Thread.sleep(5_000);
        Expect.equal(0, received.count(), "messages while nobody has decided");
        Decider decider = new Decider();
        TransactionMQProducer second = stage.transactional("producer", decider);
        // A producer makes itself known to the brokers that it has sent to.
        Stage.send(second, stage.topic("_other", 1), "hello ", 1);
        Expect.eventually(() -> "2 checks, got " + decider.checked(), () -> decider.checked() >= 2);
        received.expectAll(List.of("unknown-commit a"));
    }
}
