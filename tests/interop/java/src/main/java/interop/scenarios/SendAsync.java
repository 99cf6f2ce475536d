// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Scenario;
import interop.Stage;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;

/** Asynchronous sends are all answered, each with an offset of its own. */
public final class SendAsync implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer producer = stage.producer();
        Set<String> ids = ConcurrentHashMap.newKeySet();
        List<String> failures = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 100; i++) {
            producer.send(new Message(topic, "TagA", "async" + i, Stage.utf8("async " + i)), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    ids.add(result.getOffsetMsgId());
                }

                @Override
                public void onException(Throwable failure) {
                    failures.add(failure.toString());
                }
            });
        }
        Expect.eventually(() -> "100 answers, got " + ids.size() + " and " + failures, () -> ids.size() + failures.size() == 100);
        Expect.equal(List.of(), failures, "failures");
    }
}
