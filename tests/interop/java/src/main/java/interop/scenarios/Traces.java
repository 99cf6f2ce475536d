// SPDX-License-Identifier: Apache-2.0
package interop.scenarios;

import interop.Expect;
import interop.Received;
import interop.Scenario;
import interop.Stage;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.trace.TraceContext;
import org.apache.rocketmq.client.trace.TraceDataEncoder;
import org.apache.rocketmq.client.trace.TraceType;
import org.apache.rocketmq.common.message.Message;

/**
 * A producer and a consumer that trace: what became of a message is found by its id and by its key in the topic of the
 * traces, which the first of them makes. Clients leave a trace out when the answer to the send does not allow it.
 */
public final class Traces implements Scenario {
    private static final String TRACES = "RMQ_SYS_TRACE_TOPIC";
    private static final Set<TraceType> WANTED = Set.of(TraceType.Pub, TraceType.SubBefore, TraceType.SubAfter);

    @Override
    public void run(Stage stage) throws Exception {
        String topic = stage.topic();
        Received received = new Received();
        DefaultMQPushConsumer consumer = stage.tracingPush("consumer");
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener(received.concurrently());
        consumer.start();
        DefaultMQProducer producer = stage.tracingProducer("producer");
        String key = stage.topicName("key");
        SendResult sent = Stage.sendOne(producer, new Message(topic, "TagA", key, Stage.utf8("traced")));
        received.expectExactly(List.of("traced"));
        for (String word : List.of(sent.getMsgId(), key)) {
            Expect.eventually(() -> WANTED + " of " + word + ", got " + find(producer, word, sent.getMsgId()).keySet(),
                () -> find(producer, word, sent.getMsgId()).keySet().equals(WANTED));
        }
        Map<TraceType, TraceContext> traces = find(producer, key, sent.getMsgId());
        TraceContext sending = traces.get(TraceType.Pub);
        Expect.equal(stage.group("producer"), sending.getGroupName(), "group that sent");
        Expect.equal("DefaultRegion", sending.getRegionId(), "region");
        Expect.that(sending.isSuccess(), "a send that succeeded");
        Expect.equal(topic, sending.getTraceBeans().get(0).getTopic(), "topic");
        Expect.equal(sent.getOffsetMsgId(), sending.getTraceBeans().get(0).getOffsetMsgId(), "id of where it lies");
        Expect.equal(stage.group("consumer"), traces.get(TraceType.SubBefore).getGroupName(), "group that consumed");
        Expect.that(traces.get(TraceType.SubAfter).isSuccess(), "a consumption that succeeded");
    }

    /** What the traces that have `word` as a key say of the message, one of each type. */
    private static Map<TraceType, TraceContext> find(DefaultMQProducer producer, String word, String messageId) {
        Map<TraceType, TraceContext> found = new EnumMap<>(TraceType.class);
        List<TraceContext> all = new ArrayList<>();
        try {
            producer.queryMessage(TRACES, word, 32, 0, System.currentTimeMillis() + 60_000).getMessageList()
                .forEach(trace -> all.addAll(TraceDataEncoder.decoderFromTraceDataString(Received.body(trace))));
        } catch (Exception none) {  // the client says so by an exception
            return found;
        }
        all.stream().filter(trace -> trace.getTraceBeans().get(0).getMsgId().equals(messageId))
            .forEach(trace -> found.put(trace.getTraceType(), trace));
        return found;
    }
}
