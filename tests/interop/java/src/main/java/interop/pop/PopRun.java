// SPDX-License-Identifier: Apache-2.0
package interop.pop;

import interop.Main;
import interop.Scenario;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the scenarios of pop consumption as interop.Main does its own. Clients of 5.x only. */
public final class PopRun {
    /** They wait for most of their time. */
    private static final int AT_A_TIME = 8;

    private PopRun() {
    }

    public static void main(String[] args) throws Exception {
        Map<String, Scenario> all = new LinkedHashMap<>();
        for (Scenario scenario : new Scenario[] {new PopOnce(), new PopRetryLater(), new PopLost(), new PopInvisibleTime(),
            new PopOrderly(), new PopFilters(), new PopShared()}) {
            all.put(scenario.getClass().getSimpleName(), scenario);
        }
        Main.run(args, all, AT_A_TIME);
    }
}
