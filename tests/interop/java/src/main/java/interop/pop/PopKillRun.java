// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Received;
import interop.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * A broker that dies while messages are out: interop.pop.PopKillRun NAME_SERVER TAG GO_ON_FILE.
 *
 * Takes most of the messages, acknowledges every second one and prints "messages are out". Whoever runs this then does to
 * the broker what it wants, and creates GO_ON_FILE when it serves again. Every message that was not acknowledged must
 * come to a consumer then.
 */
public final class PopKillRun {
    private static final int MESSAGES = 240;
    private static final int TAKEN = 200;
    private static final long INVISIBLE_MS = 8000;

    private PopKillRun() {
    }

    public static void main(String[] args) throws Exception {
        int status = 0;
        try (Stage stage = new Stage(args[0], "PopKillRun", args[1])) {
            run(stage, Path.of(args[2]));
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println("FAIL PopKillRun: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static void run(Stage stage, Path goOn) throws Exception {
        String topic = stage.topic();
        PopStage pop = new PopStage(stage);
        String group = pop.group("consumer", topic);
        List<String> bodies = Stage.send(pop.producer, topic, "number ", MESSAGES);
        List<MessageExt> taken = take(pop, group, topic);
        Set<String> acknowledged = new HashSet<>();
        for (int i = 0; i < taken.size(); i += 2) {
            Expect.equal(AckStatus.OK, pop.acknowledge(group, taken.get(i)).getStatus(), "acknowledgement");
            acknowledged.add(Received.body(taken.get(i)));
        }
        System.out.println("messages are out");
        Expect.eventually("the file " + goOn, () -> Files.exists(goOn));
        List<String> wanted = new ArrayList<>(bodies);
        wanted.removeAll(acknowledged);
        Received received = new Received();
        pop.consume("consumer", topic, received.concurrently());
        received.expectAll(wanted);
        long again = received.bodies().stream().filter(acknowledged::contains).count();
        System.out.printf("pass PopKillRun: %d messages, %d taken, %d acknowledged, of which %d came again; %d deliveries%n", MESSAGES,
            taken.size(), acknowledged.size(), again, received.count());
    }

    private static List<MessageExt> take(PopStage pop, String group, String topic) throws Exception {
        MessageQueue queue = pop.someQueue(topic);
        List<MessageExt> taken = new ArrayList<>();
        Expect.eventually(() -> TAKEN + " messages, got " + taken.size(), () -> {
            taken.addAll(pop.pop(queue, pop.request(group, topic, 20, INVISIBLE_MS)));
            return taken.size() >= TAKEN;
        });
        return taken;
    }
}
