// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/** Sends without end from a few threads, and knows what was acknowledged, where and when. Only SEND_OK counts. */
final class FailoverSender {
    private static final int THREADS = 2;
    private static final int PACE_MS = 8;
    private static final int TAIL_BYTES = 8 << 10;
    private static final int TIMEOUT_MS = 3000;

    private final Map<String, String> bodyByPlace = new HashMap<>();
    private final ConcurrentSkipListSet<Long> times = new ConcurrentSkipListSet<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final DefaultMQProducer producer;
    private final String topic;
    private final Thread[] threads = new Thread[THREADS];
    private String acknowledgedTwice;
    private volatile boolean stopped;

    FailoverSender(Stage stage, String topic, int pollMs) throws Exception {
        this.topic = topic;
        producer = new DefaultMQProducer(stage.group("producer"));
        producer.setNamesrvAddr(stage.namesrv);
        producer.setPollNameServerInterval(pollMs);
        producer.setSendMsgTimeout(TIMEOUT_MS);
        producer.start();
    }

    void start() {
        for (int i = 0; i < THREADS; i++) {
            threads[i] = new Thread(this::sendOn, "sender-" + i);
            threads[i].start();
        }
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        producer.shutdown();
    }

    private void sendOn() {
        while (!stopped) {
            String body = "number " + next.getAndIncrement();
            try {
                judge(body, producer.send(new Message(topic, "TagA", body, Stage.utf8(body))));
            } catch (Exception nobodyTakesIt) {
                refused.incrementAndGet();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PACE_MS));
        }
    }

    /** What is sent here is stored, but perhaps nowhere else when the master dies. */
    void sendTail(int count) throws Exception {
        String filling = "x".repeat(TAIL_BYTES);
        for (int i = 0; i < count; i++) {
            String body = "tail " + next.getAndIncrement() + filling;
            producer.send(new Message(topic, "TagA", body, Stage.utf8(body)), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    judge(body, result);
                }

                @Override
                public void onException(Throwable nobodyTakesIt) {
                    refused.incrementAndGet();
                }
            });
        }
    }

    private void judge(String body, SendResult result) {
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            refused.incrementAndGet();
            return;
        }
        String place = FailoverReceiver.place(result.getMessageQueue().getQueueId(), result.getQueueOffset());
        synchronized (this) {
            if (bodyByPlace.put(place, body) != null) {
                acknowledgedTwice = place;
            }
        }
        times.add(System.currentTimeMillis());
    }

    synchronized Map<String, String> acknowledged() {
        return new HashMap<>(bodyByPlace);
    }

    synchronized String acknowledgedTwice() {
        return acknowledgedTwice;
    }

    int refused() {
        return refused.get();
    }

    /** Wall clock of the first acknowledgement at or after `ms`, 0 when there is none. */
    long firstSince(long ms) {
        Long first = times.ceiling(ms);
        return first == null ? 0 : first;
    }
}
