// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;

/** What was delivered, and whether each queue went on one by one: no offset left out, none for the second time. */
final class FailoverReceiver implements MessageListenerConcurrently {
    private final Map<String, String> bodyByPlace = new HashMap<>();
    private final Map<Integer, Long> nextOffset = new HashMap<>();
    private final ConcurrentSkipListSet<Long> times = new ConcurrentSkipListSet<>();
    private int count;
    private int gaps;
    private int again;

    static String place(int queue, long offset) {
        return queue + "/" + offset;
    }

    @Override
    public synchronized ConsumeConcurrentlyStatus consumeMessage(List<MessageExt> messages, ConsumeConcurrentlyContext context) {
        for (MessageExt message : messages) {
            long offset = message.getQueueOffset();
            long wanted = nextOffset.getOrDefault(message.getQueueId(), 0L);
            count++;
            if (offset > wanted) {
                gaps++;
            } else if (offset < wanted) {
                again++;
            }
            nextOffset.put(message.getQueueId(), offset + 1);
            bodyByPlace.put(place(message.getQueueId(), offset), Received.body(message));
        }
        times.add(System.currentTimeMillis());
        return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    }

    /** How many of these were not delivered from the place where they were acknowledged. */
    synchronized long missing(Map<String, String> acknowledged) {
        return acknowledged.entrySet().stream().filter(entry -> !entry.getValue().equals(bodyByPlace.get(entry.getKey()))).count();
    }

    synchronized void checkOrder() {
        Expect.equal(0, gaps, "offsets left out");
        Expect.equal(0, again, "deliveries for the second time");
    }

    synchronized int count() {
        return count;
    }

    synchronized int gaps() {
        return gaps;
    }

    /** How often a queue stepped back: each is a message that was delivered before. */
    synchronized int again() {
        return again;
    }

    /** Wall clock of the first delivery at or after `ms`, 0 when there is none. */
    long firstSince(long ms) {
        Long first = times.ceiling(ms);
        return first == null ? 0 : first;
    }
}
