// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * A producer and a consumer that live through the death of a broker: interop.KillRun NAME_SERVER TAG COUNT.
 *
 * Sends COUNT messages from several threads, each until it is acknowledged, and prints "acked N" on the way: whoever
 * runs this kills the broker meanwhile. Then checks the model: every acknowledged message was consumed by the group
 * that ran all the time, and a new group finds it at exactly the queue offset that the acknowledgement named, in
 * queues without a gap. The topic is printed at the begin: "topic NAME".
 */
public final class KillRun {
    private static final int SENDERS = 4;
    private static final int REPORT_EVERY = 500;

    private final Map<String, String> bodyByPlace = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final int count;

    private KillRun(int count) {
        this.count = count;
    }

    public static void main(String[] args) throws Exception {
        int status = 0;
        try (Stage stage = new Stage(args[0], "KillRun", args[1])) {
            new KillRun(Integer.parseInt(args[2])).run(stage);
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println("FAIL " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private void run(Stage stage) throws Exception {
        String topic = stage.topic();
        System.out.println("topic " + topic);
        Received live = consume(stage, topic, "live");
        send(stage.producer(), topic);
        List<String> bodies = new ArrayList<>(bodyByPlace.values());
        Expect.equal(count, bodies.size(), "places of acknowledged messages");
        live.expectAll(bodies);
        Received after = consume(stage, topic, "after");
        after.expectAll(bodies);
        checkModel(after);
        System.out.printf("pass KillRun: %d acknowledged, %d attempts failed, %d stored%n", count, refused.get(), after.count());
    }

    private static Received consume(Stage stage, String topic, String role) throws Exception {
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push(role);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        return received;
    }

    private void send(DefaultMQProducer producer, String topic) throws Exception {
        producer.setSendMsgTimeout(3000);
        ExecutorService pool = Executors.newFixedThreadPool(SENDERS);
        List<Future<?>> senders = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            senders.add(pool.submit(() -> {
                for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                    sendUntilAcknowledged(producer, topic, "number " + number);
                }
                return null;
            }));
        }
        for (Future<?> sender : senders) {
            sender.get();
        }
        pool.shutdown();
    }

    private void sendUntilAcknowledged(DefaultMQProducer producer, String topic, String body) throws Exception {
        Expect.eventually(() -> "an acknowledgement of '" + body + "'", () -> {
            try {
                SendResult result = producer.send(new Message(topic, "TagA", body, Stage.utf8(body)));
                if (result.getSendStatus() != SendStatus.SEND_OK) {
                    refused.incrementAndGet();
                    return false;
                }
                var queue = result.getMessageQueue();
                String other = bodyByPlace.put(place(queue.getBrokerName(), queue.getQueueId(), result.getQueueOffset()), body);
                Expect.that(other == null, "a place of its own for '" + body + "', it is that of '" + other + "'");
                report();
                return true;
            } catch (Exception brokerIsDead) {
                refused.incrementAndGet();
                return false;
            }
        });
    }

    private synchronized void report() {
        int acked = bodyByPlace.size();
        if (acked % REPORT_EVERY == 0) {
            System.out.println("acked " + acked);
        }
    }

    private static String place(String broker, int queue, long offset) {
        return broker + "/" + queue + "/" + offset;
    }

    private void checkModel(Received stored) {
        Map<String, String> found = new ConcurrentHashMap<>();
        Map<String, Long> first = new ConcurrentHashMap<>();
        Map<String, Long> last = new ConcurrentHashMap<>();
        for (MessageExt message : stored.all()) {
            String queue = message.getBrokerName() + "/" + message.getQueueId();
            found.put(place(message.getBrokerName(), message.getQueueId(), message.getQueueOffset()), Received.body(message));
            first.merge(queue, message.getQueueOffset(), Math::min);
            last.merge(queue, message.getQueueOffset(), Math::max);
        }
        bodyByPlace.forEach((place, body) -> Expect.equal(body, found.get(place), "message at " + place));
        first.forEach((queue, offset) -> Expect.equal(0L, offset, "first offset of " + queue));
        last.forEach((queue, offset) -> {
            for (long i = 0; i <= offset; i++) {
                Expect.that(found.containsKey(queue + "/" + i), "no gap in " + queue + " at " + i);
            }
        });
    }
}
