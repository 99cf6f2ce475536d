// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** A batch lands in one queue at consecutive offsets and comes out as single messages. */
public final class SendBatch implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        List<Message> batch = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Message message = new Message(topic, "Tag" + i, "batch" + i, Stage.utf8("batch " + i));
            message.putUserProperty("number", Integer.toString(i));
            batch.add(message);
            bodies.add("batch " + i);
        }
        SendResult result = producer.send(batch);
        Expect.equal(SendStatus.SEND_OK, result.getSendStatus(), "send status");
        Expect.equal(10, result.getOffsetMsgId().split(",").length, "number of offset message ids");
        Received received = new Received();
        stage.consume("consumer", topic, received.orderly());
        received.expectExactly(bodies);
        List<MessageExt> all = received.all();
        for (int i = 0; i < 10; i++) {
            MessageExt message = all.get(i);
            Expect.equal("batch " + i, Received.body(message), "order within the batch");
            Expect.equal(result.getQueueOffset() + i, message.getQueueOffset(), "queue offset");
            Expect.equal(Integer.toString(i), message.getUserProperty("number"), "user property");
            Expect.equal("Tag" + i, message.getTags(), "tag");
        }
    }
}
