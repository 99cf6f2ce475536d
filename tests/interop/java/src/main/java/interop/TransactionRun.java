// SPDX-License-Identifier: Apache-2.0
package interop;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Transactions whose broker goes away in the middle: interop.TransactionRun NAME_SERVER TAG GO_ON_FILE.
 *
 * Stores half messages and prints "half stored". Whoever runs this then does to the broker what it wants, and creates
 * GO_ON_FILE when a broker serves again; only then the local transactions end. Those that commit must be consumed once,
 * the others never. Answers to checks come after GO_ON_FILE, too.
 */
public final class TransactionRun {
    private static final int MESSAGES = 6;

    private TransactionRun() {
    }

    public static void main(String[] args) throws Exception {
        int status = 0;
        try (Stage stage = new Stage(args[0], "TransactionRun", args[1])) {
            run(stage, Path.of(args[2]));
            System.out.println("pass TransactionRun (" + MESSAGES + " transactions)");
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println("FAIL TransactionRun: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static LocalTransactionState fate(String body) {
        return body.startsWith("commit") ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE;
    }

    private static void run(Stage stage, Path goOn) throws Exception {
        String topic = stage.topic();
        // The last local transaction ends when the broker is back, the others only when they are asked about.
        TransactionMQProducer producer = stage.transactional("producer", new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object last) {
                if (last == null) {
                    return LocalTransactionState.UNKNOW;
                }
                System.out.println("half stored");
                try {
                    Expect.eventually("the file " + goOn, () -> Files.exists(goOn));
                } catch (Exception tooLate) {
                    return LocalTransactionState.UNKNOW;
                }
                return fate(new String(message.getBody(), StandardCharsets.UTF_8));
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return Files.exists(goOn) ? fate(Received.body(message)) : LocalTransactionState.UNKNOW;
            }
        });
        List<String> committed = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            String body = (i % 2 == 0 ? "rollback " : "commit ") + i;
            if (i % 2 == 1) {
                committed.add(body);
            }
            producer.sendMessageInTransaction(new Message(topic, Stage.utf8(body)), i == MESSAGES - 1 ? "last" : null);
        }
        Received received = new Received();
        var consumer = stage.push("consumer");
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        received.expectAll(committed);
    }
}
