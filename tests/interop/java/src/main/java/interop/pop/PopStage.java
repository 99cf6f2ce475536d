// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Expect;
import interop.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckCallback;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopCallback;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.header.AckMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ChangeInvisibleTimeRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.apache.rocketmq.remoting.protocol.header.PopMessageRequestHeader;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** What a pop scenario needs besides a Stage: groups in mode POP, push consumers that use it, and the single requests. */
final class PopStage {
    /** The shortest that a push consumer asks for. */
    static final long INVISIBLE_MS = 5000;
    private static final long TIMEOUT_MS = 10_000;

    private final Stage stage;
    private final MQClientAPIImpl api;
    final DefaultMQProducer producer;

    PopStage(Stage stage) throws Exception {
        this.stage = stage;
        producer = stage.producer();
        api = producer.getDefaultMQProducerImpl().getMqClientFactory().getMQClientAPIImpl();
    }

    DefaultMQAdminExt admin() throws Exception {
        return Stage.admin(stage.namesrv);
    }

    /** Creates the group of `role` on every broker, in mode POP for `topic`. */
    String group(String role, String topic) throws Exception {
        SubscriptionGroupConfig config = new SubscriptionGroupConfig();
        config.setGroupName(stage.group(role));
        for (String broker : stage.brokers()) {
            admin().createAndUpdateSubscriptionGroupConfig(broker, config);
            admin().setMessageRequestMode(broker, topic, stage.group(role), MessageRequestMode.POP, 0, TIMEOUT_MS);
        }
        return stage.group(role);
    }

    /** Not started: a push consumer that lets the broker decide how it gets its messages. */
    DefaultMQPushConsumer push(String role, MessageListenerConcurrently listener) {
        DefaultMQPushConsumer consumer = stage.push(role);
        consumer.setClientRebalance(false);
        consumer.setPopInvisibleTime(INVISIBLE_MS);
        consumer.registerMessageListener(listener);
        return consumer;
    }

    DefaultMQPushConsumer consume(String role, String topic, MessageListenerConcurrently listener) throws Exception {
        DefaultMQPushConsumer consumer = push(role, listener);
        consumer.subscribe(topic, "*");
        consumer.start();
        return consumer;
    }

    PopMessageRequestHeader request(String group, String topic, int max, long invisibleMs) {
        PopMessageRequestHeader header = new PopMessageRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(topic);
        header.setQueueId(-1);
        header.setMaxMsgNums(max);
        header.setInvisibleTime(invisibleMs);
        header.setPollTime(2000);
        header.setBornTime(System.currentTimeMillis());
        header.setInitMode(0);
        header.setExpType("TAG");
        header.setExp("*");
        header.setOrder(false);
        return header;
    }

    /** A queue of a topic that is new. */
    MessageQueue someQueue(String topic) throws Exception {
        return producer.fetchPublishMessageQueues(topic).get(0);
    }

    /** Sends `number 0` and so on to one queue; returns the bodies. */
    List<String> send(MessageQueue queue, int n) throws Exception {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            bodies.add("number " + i);
            producer.send(new Message(queue.getTopic(), "TagA", Stage.utf8("number " + i)), queue);
        }
        return bodies;
    }

    /** The messages that the broker of `queue` gives for one request, none when it has none in time. */
    List<MessageExt> pop(MessageQueue queue, PopMessageRequestHeader header) throws Exception {
        CompletableFuture<PopResult> answer = new CompletableFuture<>();
        api.popMessageAsync(queue.getBrokerName(), address(queue.getBrokerName()), header, TIMEOUT_MS, new PopCallback() {
            @Override
            public void onSuccess(PopResult result) {
                answer.complete(result);
            }

            @Override
            public void onException(Throwable failure) {
                answer.completeExceptionally(failure);
            }
        });
        List<MessageExt> found = answer.get(TIMEOUT_MS, TimeUnit.MILLISECONDS).getMsgFoundList();
        return found == null ? List.of() : found;
    }

    AckResult acknowledge(String group, MessageExt message) throws Exception {
        String receipt = message.getProperty(MessageConst.PROPERTY_POP_CK);
        String[] parts = ExtraInfoUtil.split(receipt);
        AckMessageRequestHeader header = new AckMessageRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(ExtraInfoUtil.getRealTopic(parts, message.getTopic(), group));
        header.setQueueId(ExtraInfoUtil.getQueueId(parts));
        header.setOffset(ExtraInfoUtil.getQueueOffset(parts));
        header.setExtraInfo(receipt);
        Answer answer = new Answer();
        api.ackMessageAsync(address(ExtraInfoUtil.getBrokerName(parts)), TIMEOUT_MS, answer, header);
        return answer.get();
    }

    AckResult changeInvisibleTime(String group, MessageExt message, long invisibleMs) throws Exception {
        String receipt = message.getProperty(MessageConst.PROPERTY_POP_CK);
        String[] parts = ExtraInfoUtil.split(receipt);
        String broker = ExtraInfoUtil.getBrokerName(parts);
        ChangeInvisibleTimeRequestHeader header = new ChangeInvisibleTimeRequestHeader();
        header.setConsumerGroup(group);
        header.setTopic(ExtraInfoUtil.getRealTopic(parts, message.getTopic(), group));
        header.setQueueId(ExtraInfoUtil.getQueueId(parts));
        header.setOffset(ExtraInfoUtil.getQueueOffset(parts));
        header.setExtraInfo(receipt);
        header.setInvisibleTime(invisibleMs);
        Answer answer = new Answer();
        api.changeInvisibleTimeAsync(broker, address(broker), header, TIMEOUT_MS, answer);
        return answer.get();
    }

    private String address(String broker) throws Exception {
        return admin().examineBrokerClusterInfo().getBrokerAddrTable().get(broker).selectBrokerAddr();
    }

    /** Messages that wait in the topic of the group's retries; they end up there when nobody acknowledged them in time. */
    long revived(String group, String topic) throws Exception {
        long count = 0;
        for (String broker : stage.brokers()) {  // the name server may not know the topic yet
            count += stored(broker, "%RETRY%" + group + "_" + topic);
        }
        return count;
    }

    private long stored(String broker, String topic) throws Exception {
        try {
            return admin().examineTopicStats(broker, topic).getOffsetTable().values().stream().mapToLong(q -> q.getMaxOffset()).sum();
        } catch (MQBrokerException refused) {
            Expect.equal(ResponseCode.TOPIC_NOT_EXIST, refused.getResponseCode(), "answer of a broker that has revived nothing");
            return 0;
        }
    }

    /** How many messages of `topic` the group has not taken yet, as consumerProgress tells; -1 when that is not known. */
    long lag(String group, String topic) throws Exception {
        ConsumeStats stats;
        try {
            stats = admin().examineConsumeStats(group, topic);
        } catch (Exception notYet) {
            return -1;
        }
        return stats.getOffsetTable().values().stream().mapToLong(o -> o.getBrokerOffset() - o.getConsumerOffset()).sum();
    }

    private static final class Answer implements AckCallback {
        private final CompletableFuture<AckResult> result = new CompletableFuture<>();

        @Override
        public void onSuccess(AckResult answer) {
            result.complete(answer);
        }

        @Override
        public void onException(Throwable failure) {
            result.completeExceptionally(failure);
        }

        AckResult get() throws Exception {
            return result.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        }
    }
}
