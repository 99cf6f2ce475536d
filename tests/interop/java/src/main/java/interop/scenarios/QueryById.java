// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** A message is found by its offset message id and by its unique key; a wrong id finds nothing. */
public final class QueryById implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        Stage.send(producer, topic, "other ", 5);
        SendResult sent = Stage.sendOne(producer, new Message(topic, "TagA", "key", Stage.utf8("sought")));
        MessageExt byOffset = producer.viewMessage(topic, sent.getOffsetMsgId());
        Expect.equal("sought", Received.body(byOffset), "body by offset message id");
        Expect.eventually("the message by its unique key", () -> "sought".equals(bodyById(producer, topic, sent.getMsgId())));
        String wrong = sent.getOffsetMsgId().substring(0, 16) + "00000000000FFFFF";
        Expect.that(bodyById(producer, topic, wrong) == null, "nothing at a wrong offset");
    }

    private static String bodyById(DefaultMQProducer producer, String topic, String id) {
        try {
            MessageExt message = producer.viewMessage(topic, id);
            return message == null ? null : Received.body(message);
        } catch (Exception notFound) {
            return null;
        }
    }
}
