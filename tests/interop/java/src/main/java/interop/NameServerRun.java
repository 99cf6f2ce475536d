// SPDX-License-Identifier: Apache-2.0
package interop;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/**
 * Clients that lose their only name server: interop.NameServerRun NAME_SERVER TAG.
 *
 * Whoever runs this takes it away at "with" and brings it back at "without". Who knows the route goes on meanwhile; who
 * begins then can do nothing until it is back.
 */
public final class NameServerRun {
    private final InetSocketAddress nameServer;

    private NameServerRun(String address) {
        String[] hostAndPort = address.split(":");
        nameServer = new InetSocketAddress(hostAndPort[0], Integer.parseInt(hostAndPort[1]));
    }

    public static void main(String[] args) {
        int status = 0;
        try (Stage stage = new Stage(args[0], "NameServerRun", args[1])) {
            new NameServerRun(args[0]).run(stage);
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println("FAIL NameServerRun: " + failure.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.push("consumer");
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        DefaultMQProducer producer = stage.producer();
        List<String> bodies = Stage.send(producer, topic, "with ", 40);
        received.expectAll(bodies);
        System.out.println("with");
        Expect.eventually("the end of the name server", () -> !listens());
        bodies.addAll(Stage.send(producer, topic, "without ", 40));
        received.expectAll(bodies);
        DefaultMQProducer late = stage.producer("late");
        Expect.refused("a send of who began without a name server", () -> send(late, topic));
        System.out.println("without");
        Expect.eventually("a send when the name server is back", () -> isTaken(late, topic));
        System.out.println("pass NameServerRun");
    }

    private boolean listens() {
        try (Socket probe = new Socket()) {
            probe.connect(nameServer, 1000);
            return true;
        } catch (Exception refused) {
            return false;
        }
    }

    private static Object send(DefaultMQProducer producer, String topic) throws Exception {
        return Stage.sendOne(producer, new Message(topic, Stage.utf8("late")));
    }

    private static boolean isTaken(DefaultMQProducer producer, String topic) {
        try {
            send(producer, topic);
            return true;
        } catch (Exception notYet) {
            return false;
        }
    }
}
