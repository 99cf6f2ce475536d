// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Scenario;
import interop.Stage;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Bodies of one byte, of 8 KiB that the client compresses, and of a megabyte come back as they were. By which method a
 * client of 5.x has compressed is known from the flags that the broker keeps.
 */
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
        for (byte[] body : List.of(new byte[] {0}, noise)) {
            comesBack(producer, topic, body);
        }
        for (String method : List.of("ZLIB", "LZ4", "ZSTD")) {
            if (compressBy(producer, method)) {
                Expect.that(comesBack(producer, topic, regular).getStoreSize() < regular.length, "a body made smaller by " + method);
            }
        }
    }

    private static MessageExt comesBack(DefaultMQProducer producer, String topic, byte[] body) throws Exception {
        SendResult result = Stage.sendOne(producer, new Message(topic, body));
        MessageExt stored = producer.viewMessage(topic, result.getOffsetMsgId());
        Expect.that(Arrays.equals(body, stored.getBody()), "the same " + body.length + " bytes");
        return stored;
    }

    /** False for a client that does not know the method: 4.9 has zlib alone. */
    private static boolean compressBy(DefaultMQProducer producer, String method) throws Exception {
        for (Method setter : DefaultMQProducer.class.getMethods()) {
            if (setter.getName().equals("setCompressType")) {
                Class<?> methods = setter.getParameterTypes()[0];
                setter.invoke(producer, methods.getMethod("valueOf", String.class).invoke(null, method));
                return true;
            }
        }
        return method.equals("ZLIB");
    }
}
