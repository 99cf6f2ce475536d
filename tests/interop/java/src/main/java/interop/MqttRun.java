// SPDX-License-Identifier: Apache-2.0
package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * The RocketMQ side of a talk with MQTT clients: interop.MqttRun NAME_SERVER TAG, driven by lines on standard input.
 *
 * Prints "topic NAME" and "ready", then "got BODY|MQTT TOPIC|TAG|UNIT" for each message. "send BODY" sends one, "end" ends.
 */
public final class MqttRun {
    private MqttRun() {
    }

    public static void main(String[] args) throws Exception {
        try (Stage stage = new Stage(args[0], "MqttRun", args[1])) {
            run(stage);
        }
        System.exit(0);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void run(Stage stage) throws Exception {
        String topic = stage.topic();
        var consumer = stage.push("consumer");
        consumer.subscribe(topic, "MQTT_COMMON || hot");
        consumer.registerMessageListener((org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                say("got " + new String(message.getBody(), StandardCharsets.UTF_8) + "|" + message.getUserProperty("originMqttTopic") + "|"
                    + message.getTags() + "|" + message.getUserProperty("unit"));
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        var producer = stage.producer();
        say("topic " + topic);
        say("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
            if (!line.startsWith("send ")) {
                continue;
            }
            Message message = new Message(topic, "java", Stage.utf8(line.substring(5)));
            message.putUserProperty("colour", "blue");
            SendStatus status = producer.send(message).getSendStatus();
            say("sent " + status);
        }
    }
}
