// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Scenario;
import interop.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Bodies of one byte, of 8 KiB that the client compresses, and of a megabyte come back as they were. */
public final class BodySizes implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        byte[] regular = new byte[8192];
        for (int i = 0; i < regular.length; i++) {
            regular[i] = (byte) ('a' + i / 64 % 26);
        }
        byte[] noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        for (byte[] body : List.of(new byte[] {0}, regular, noise)) {
            SendResult result = Stage.sendOne(producer, new Message(topic, body));
            MessageExt stored = producer.viewMessage(topic, result.getOffsetMsgId());
            Expect.that(Arrays.equals(body, stored.getBody()), "the same " + body.length + " bytes");
        }
    }
}
