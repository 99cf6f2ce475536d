// SPDX-License-Identifier: Apache-2.0
package interop;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Decides transactions by the first word of their body: "commit" and "rollback" at once, "unknown-commit" and
 * "unknown-rollback" when the broker asks.
 */
public final class Decider implements TransactionListener {
    private final Set<String> checked = ConcurrentHashMap.newKeySet();
    private volatile boolean answers = true;

    public static LocalTransactionState first(String plan) {
        return switch (plan) {
            case "commit" -> LocalTransactionState.COMMIT_MESSAGE;
            case "rollback" -> LocalTransactionState.ROLLBACK_MESSAGE;
            default -> LocalTransactionState.UNKNOW;
        };
    }

    private static String plan(Message message) {
        return new String(message.getBody(), StandardCharsets.UTF_8).split(" ")[0];
    }

    /** With false, checks are answered "unknown". */
    public void answerChecks(boolean yes) {
        answers = yes;
    }

    /** Messages that the broker has asked about. */
    public int checked() {
        return checked.size();
    }

    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
        return first(plan(message));
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
        checked.add(Received.body(message));
        String plan = plan(message);
        if (!answers) {
            return LocalTransactionState.UNKNOW;
        }
        return plan.endsWith("commit") ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE;
    }
}
