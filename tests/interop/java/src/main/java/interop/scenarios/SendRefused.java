// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;

/** A body over the limit of the broker is refused with code 13; the connection stays usable. */
public final class SendRefused implements Scenario {
    private static final int MESSAGE_ILLEGAL = 13;

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        producer.setMaxMessageSize(64 << 20);  // the limit of the client
        producer.setCompressMsgBodyOverHowmuch(1 << 30);
        Exception refused = Expect.refused("5 MiB", () -> producer.send(new Message(topic, new byte[5 << 20])));
        Expect.that(refused instanceof MQBrokerException, "an answer of the broker, got " + refused);
        Expect.equal(MESSAGE_ILLEGAL, ((MQBrokerException) refused).getResponseCode(), "response code");
        Stage.send(producer, topic, "after ", 3);
    }
}
