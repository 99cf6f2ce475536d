// SPDX-License-Identifier: Apache-2.0
package interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/**
 * What one scenario owns: topics and groups of its own, and clients, all shut down by close() in reverse order.
 *
 * Types whose package differs between client 4.9 and 5 are only reached through `var`, so that one source serves both.
 */
public final class Stage implements AutoCloseable {
    /**
     * Not the 30 s of the default: the client leaves out the heartbeat after a rebalance when another is on its way ("lock
     * heartBeat, but failed"), and then no broker, Tenon's or Java's, may serve its new subscription until the next one.
     */
    private static final int HEARTBEAT_MS = 1000;
    private static final AtomicInteger CLIENTS = new AtomicInteger();
    private static DefaultMQAdminExt admin;

    public final String namesrv;
    private final String name;
    private final Deque<Runnable> open = new ArrayDeque<>();

    public Stage(String namesrv, String scenario, String tag) {
        this.namesrv = namesrv;
        this.name = scenario + "_" + tag;
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static synchronized DefaultMQAdminExt admin(String namesrv) throws Exception {
        if (admin == null) {
            admin = new DefaultMQAdminExt(30_000L);
            admin.setNamesrvAddr(namesrv);
            admin.setInstanceName("admin");
            admin.start();
        }
        return admin;
    }

    /** Addresses of the masters that are registered now. */
    public List<String> brokers() throws Exception {
        var table = admin(namesrv).examineBrokerClusterInfo().getBrokerAddrTable();
        return table.values().stream().map(b -> b.getBrokerAddrs().get(0L)).collect(Collectors.toList());
    }

    public String topicName(String suffix) {
        return "Interop_" + name + suffix;
    }

    public String group(String role) {
        return "interop_" + name + "_" + role;
    }

    /** Creates the scenario's topic on every broker and waits until the name server routes to all of them. */
    public String topic() throws Exception {
        return topic("", 4);
    }

    public String topic(String suffix, int queues) throws Exception {
        String topic = topicName(suffix);
        // A Java broker says that it has booted before the name server knows of it.
        Expect.eventually("a registered broker", () -> !brokers().isEmpty());
        List<String> brokers = brokers();
        for (String broker : brokers) {
            admin(namesrv).createAndUpdateTopicConfig(broker, new TopicConfig(topic, queues, queues, 6));
        }
        Expect.eventually("a route of " + topic + " to " + brokers.size() + " brokers", () -> routedTo(topic) == brokers.size());
        return topic;
    }

    private int routedTo(String topic) {
        try {
            return admin(namesrv).examineTopicRouteInfo(topic).getQueueDatas().size();
        } catch (Exception notYet) {
            return 0;
        }
    }

    /** Unlike in the other programs that run at the same time: a broker finds the requester of a reply by its client id. */
    private static String instance() {
        return "client" + ProcessHandle.current().pid() + "-" + CLIENTS.incrementAndGet();
    }

    public DefaultMQProducer producer() throws Exception {
        return producer("producer");
    }

    public DefaultMQProducer producer(String role) throws Exception {
        return started(new DefaultMQProducer(group(role)));
    }

    /** Writes a trace of every send to RMQ_SYS_TRACE_TOPIC, within five seconds. */
    public DefaultMQProducer tracingProducer(String role) throws Exception {
        return started(new DefaultMQProducer(group(role), true, null));
    }

    public TransactionMQProducer transactional(String role, TransactionListener listener) throws Exception {
        TransactionMQProducer producer = new TransactionMQProducer(group(role));
        producer.setTransactionListener(listener);
        return started(producer);
    }

    private <P extends DefaultMQProducer> P started(P producer) throws Exception {
        producer.setNamesrvAddr(namesrv);
        producer.setInstanceName(instance());
        producer.setSendMsgTimeout(15_000);
        producer.setHeartbeatBrokerInterval(HEARTBEAT_MS);
        producer.start();
        open.push(producer::shutdown);
        return producer;
    }

    /** Not started. Reads from the first offset, learns new routes within a second. */
    public DefaultMQPushConsumer push(String role) {
        return unstarted(new DefaultMQPushConsumer(group(role)));
    }

    /** Not started, as push(); writes traces of what it consumes. */
    public DefaultMQPushConsumer tracingPush(String role) {
        return unstarted(new DefaultMQPushConsumer(group(role), true, null));
    }

    private DefaultMQPushConsumer unstarted(DefaultMQPushConsumer consumer) {
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(instance());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPollNameServerInterval(1000);
        consumer.setHeartbeatBrokerInterval(HEARTBEAT_MS);
        consumer.setConsumeThreadMin(2);
        consumer.setConsumeThreadMax(4);
        open.push(consumer::shutdown);
        return consumer;
    }

    /** A started push consumer of every message of `topic`. */
    public DefaultMQPushConsumer consume(String role, String topic, MessageListenerConcurrently listener) throws Exception {
        DefaultMQPushConsumer consumer = push(role);
        consumer.registerMessageListener(listener);
        return subscribed(consumer, topic);
    }

    /** The same, one message of a queue after the other. */
    public DefaultMQPushConsumer consume(String role, String topic, MessageListenerOrderly listener) throws Exception {
        DefaultMQPushConsumer consumer = push(role);
        consumer.registerMessageListener(listener);
        return subscribed(consumer, topic);
    }

    private static DefaultMQPushConsumer subscribed(DefaultMQPushConsumer consumer, String topic) throws Exception {
        consumer.subscribe(topic, "*");
        consumer.start();
        return consumer;
    }

    public DefaultLitePullConsumer litePull(String role) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group(role));
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(instance());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        open.push(consumer::shutdown);
        return consumer;
    }

    public DefaultMQPullConsumer pull(String role) {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group(role));
        consumer.setNamesrvAddr(namesrv);
        consumer.setInstanceName(instance());
        open.push(consumer::shutdown);
        return consumer;
    }

    /** The queues of `topic` that a started push consumer has now. */
    public static Set<MessageQueue> queuesOf(DefaultMQPushConsumer consumer, String topic) {
        return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet().stream()
            .filter(q -> q.getTopic().equals(topic)).collect(Collectors.toSet());
    }

    /** The offset that `consumer` knows as consumed, -1 when it knows none. */
    public static long committed(DefaultMQPushConsumer consumer, MessageQueue queue) {
        return consumer.getDefaultMQPushConsumerImpl().getOffsetStore().readOffset(queue, ReadOffsetType.READ_FROM_MEMORY);
    }

    /** Sends `prefix0 ... prefix(n-1)`, spread over all queues; returns the bodies. */
    public static List<String> send(DefaultMQProducer producer, String topic, String prefix, int n) throws Exception {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            sendOne(producer, new Message(topic, "TagA", prefix + i, utf8(prefix + i)));
            bodies.add(prefix + i);
        }
        return bodies;
    }

    public static SendResult sendOne(DefaultMQProducer producer, Message message) throws Exception {
        SendResult result = producer.send(message);
        Expect.equal(SendStatus.SEND_OK, result.getSendStatus(), "send status");
        return result;
    }

    @Override
    public void close() {
        open.forEach(Runnable::run);
    }
}
