// SPDX-License-Identifier: Apache-2.0
package interop;

import interop.scenarios.AskClient;
import interop.scenarios.AutoCreateTopic;
import interop.scenarios.BatchQueues;
import interop.scenarios.BodySizes;
import interop.scenarios.Broadcasting;
import interop.scenarios.DeadLetter;
import interop.scenarios.Delayed;
import interop.scenarios.LightQueues;
import interop.scenarios.LitePullAssign;
import interop.scenarios.LitePullSubscribe;
import interop.scenarios.Namespaces;
import interop.scenarios.OffsetSearch;
import interop.scenarios.OrderedBySelector;
import interop.scenarios.PullConsumer;
import interop.scenarios.PushConcurrently;
import interop.scenarios.PushOrderly;
import interop.scenarios.QueryById;
import interop.scenarios.QueryByKey;
import interop.scenarios.Rebalance;
import interop.scenarios.RebalanceOrderly;
import interop.scenarios.RequestReply;
import interop.scenarios.ResetOffsets;
import interop.scenarios.ResumeOffsets;
import interop.scenarios.RetryLater;
import interop.scenarios.SendAsync;
import interop.scenarios.SendBatch;
import interop.scenarios.SendOneway;
import interop.scenarios.SendRefused;
import interop.scenarios.SendSync;
import interop.scenarios.SqlFilter;
import interop.scenarios.StartAtFirst;
import interop.scenarios.TagFilter;
import interop.scenarios.Timed;
import interop.scenarios.Traces;
import interop.scenarios.TransactionProducerReturns;
import interop.scenarios.Transactions;
import interop.scenarios.TwoGroups;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every scenario by name, the long ones first, because several run at a time. */
final class Scenarios {
    static final Map<String, Scenario> ALL = new LinkedHashMap<>();

    static {
        add(new TransactionProducerReturns(), new Transactions(), new Rebalance(), new RebalanceOrderly(), new DeadLetter(), new ResetOffsets(), new Traces(), new RetryLater(), new Namespaces(), new Timed(), new Delayed(), new ResumeOffsets(), new PushOrderly(),
            new LitePullSubscribe(), new LitePullAssign(), new RequestReply(), new StartAtFirst(), new Broadcasting(),
            new PushConcurrently(), new OrderedBySelector(), new TagFilter(), new SqlFilter(), new TwoGroups(), new PullConsumer(), new LightQueues(), new QueryByKey(),
            new QueryById(), new OffsetSearch(), new SendSync(), new SendAsync(), new SendOneway(), new SendBatch(), new BodySizes(),
            new AutoCreateTopic(), new SendRefused(), new AskClient());
        if (BatchQueues.supported()) {
            add(new BatchQueues());
        }
    }

    private Scenarios() {
    }

    private static void add(Scenario... scenarios) {
        for (Scenario scenario : scenarios) {
            ALL.put(scenario.getClass().getSimpleName(), scenario);
        }
    }
}
