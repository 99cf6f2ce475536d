// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** A request finds its reply, once waiting for it and once by callback. */
public final class RequestReply implements Scenario {
    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        DefaultMQProducer replies = stage.producer();
        DefaultMQPushConsumer responder = stage.push("responder");
        responder.subscribe(topic, "*");
        responder.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                try {
                    replies.send(MessageUtil.createReplyMessage(message, Stage.utf8("re: " + Received.body(message))), 15_000);
                } catch (Exception failed) {
                    throw new IllegalStateException(failed);
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        responder.start();
        Expect.eventually("queues of the responder", () -> !Stage.queuesOf(responder, topic).isEmpty());
        DefaultMQProducer requester = stage.producer("requester");
        knownToTheBrokers(stage, requester);
        Message reply = requester.request(new Message(topic, "TagA", "ask1", Stage.utf8("one")), 30_000);
        Expect.equal("re: one", new String(reply.getBody()), "reply");
        CompletableFuture<String> second = new CompletableFuture<>();
        requester.request(new Message(topic, "TagA", "ask2", Stage.utf8("two")), new RequestCallback() {
            @Override
            public void onSuccess(Message message) {
                second.complete(new String(message.getBody()));
            }

            @Override
            public void onException(Throwable failure) {
                second.completeExceptionally(failure);
            }
        }, 30_000);
        Expect.equal("re: two", second.get(40, TimeUnit.SECONDS), "reply by callback");
    }

    /** A reply finds its way once the broker has a heartbeat of the requester, which goes to brokers of routes that it knows. */
    private static void knownToTheBrokers(Stage stage, DefaultMQProducer requester) throws Exception {
        Stage.send(requester, stage.topic("_warm", 1), "learns the route ", 1);
        var api = requester.getDefaultMQProducerImpl().getMqClientFactory().getMQClientAPIImpl();
        for (String broker : stage.brokers()) {
            Expect.eventually("the requester at " + broker, () -> {
                try {
                    return !api.getProducerConnectionList(broker, requester.getProducerGroup(), 5000).getConnectionSet().isEmpty();
                } catch (MQBrokerException notYet) {
                    return false;
                }
            });
        }
    }
}
