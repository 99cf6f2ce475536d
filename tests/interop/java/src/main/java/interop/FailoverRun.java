// SPDX-License-Identifier: Apache-2.0
package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;

/**
 * A producer and a push consumer that live through a fail-over: interop.FailoverRun NAME_SERVERS TAG POLL_MS.
 *
 * They work from "ready" on, and learn new routes every POLL_MS. Whoever runs this writes a line for each question:
 * "status" asks how far they are, "since MS" for the first acknowledgement and delivery from that wall clock on, "pause"
 * and "resume" are for the consumer, "tail N" sends N big messages without waiting; "end" stops the producer and, when
 * everything acknowledged was delivered, judges.
 */
public final class FailoverRun {
    private final FailoverSender sender;
    private final FailoverReceiver receiver = new FailoverReceiver();
    private final DefaultMQPushConsumer consumer;

    private FailoverRun(Stage stage, int pollMs) throws Exception {
        String topic = stage.topic();
        consumer = stage.push("consumer");
        consumer.setPollNameServerInterval(pollMs);
        // One thread: messages of a queue are delivered in the order in which they were pulled.
        consumer.setConsumeThreadMin(1);
        consumer.setConsumeThreadMax(1);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(receiver);
        consumer.start();
        sender = new FailoverSender(stage, topic, pollMs);
    }

    public static void main(String[] args) throws Exception {
        int status = 0;
        try (Stage stage = new Stage(args[0], "FailoverRun", args[1])) {
            new FailoverRun(stage, Integer.parseInt(args[2])).obey();
        } catch (Throwable failure) {
            failure.printStackTrace();
            say("FAIL deliveries: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void obey() throws Exception {
        sender.start();
        say("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
            answer(line.split(" "));
        }
        sender.stop();
        Expect.eventually(() -> "every acknowledged message; " + status(), () -> receiver.missing(sender.acknowledged()) == 0);
        receiver.checkOrder();
        Expect.that(sender.acknowledgedTwice() == null, "a place of its own for every message, two are at " + sender.acknowledgedTwice());
        say("pass deliveries (" + status() + ")");
    }

    private void answer(String[] words) throws Exception {
        switch (words[0]) {
            case "status":
                say(status());
                break;
            case "since":
                say("since ack=" + sender.firstSince(Long.parseLong(words[1])) + " delivery=" + receiver.firstSince(Long.parseLong(words[1])));
                break;
            case "pause":
                consumer.suspend();
                break;
            case "resume":
                consumer.resume();
                break;
            case "tail":
                sender.sendTail(Integer.parseInt(words[1]));
                say("tail sent");
                break;
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String status() {
        var acknowledged = sender.acknowledged();
        return "status acked=" + acknowledged.size() + " refused=" + sender.refused() + " delivered=" + receiver.count() + " missing="
            + receiver.missing(acknowledged) + " gaps=" + receiver.gaps() + " again=" + receiver.again();
    }
}
