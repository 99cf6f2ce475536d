// SPDX-License-Identifier: Apache-2.0
package interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.message.MessageExt;

/** Messages in the order in which they came. Threads: any. */
public final class Received {
    private final List<MessageExt> messages = new ArrayList<>();

    public synchronized void add(Collection<MessageExt> more) {
        messages.addAll(more);
    }

    public synchronized List<MessageExt> all() {
        return new ArrayList<>(messages);
    }

    public synchronized int count() {
        return messages.size();
    }

    public List<String> bodies() {
        return all().stream().map(Received::body).collect(Collectors.toList());
    }

    public static String body(MessageExt message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }

    public MessageListenerConcurrently concurrently() {
        return (list, context) -> {
            add(list);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    }

    public MessageListenerOrderly orderly() {
        return (list, context) -> {
            add(list);
            return ConsumeOrderlyStatus.SUCCESS;
        };
    }

    /** Waits for `count` messages, then checks that the bodies are exactly these, each once, in any order. */
    public void expectExactly(Collection<String> bodies) throws Exception {
        Set<String> wanted = new HashSet<>(bodies);
        Expect.eventually(() -> wanted.size() + " messages, got " + count() + missing(wanted), () -> count() >= wanted.size());
        Expect.equal(wanted, new HashSet<>(bodies()), "bodies");
        Expect.equal(wanted.size(), count(), "number of deliveries");
    }

    /** Waits until every one of the bodies came at least once. */
    public void expectAll(Collection<String> bodies) throws Exception {
        Set<String> wanted = new HashSet<>(bodies);
        Expect.eventually(() -> "all of " + wanted.size() + " messages" + missing(wanted),
            () -> count() >= wanted.size() && new HashSet<>(bodies()).containsAll(wanted));
    }

    private String missing(Set<String> wanted) {
        Set<String> absent = new HashSet<>(wanted);
        absent.removeAll(bodies());
        return "; missing " + absent.stream().sorted().limit(5).collect(Collectors.toList());
    }
}
