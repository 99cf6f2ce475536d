// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs scenarios, several at a time: interop.Main NAME_SERVER TAG [SCENARIO ...] (default: all).
 *
 * TAG keeps the topics and groups of several runs on one server apart. Prints one line a scenario and ends with
 * "N passed, N failed"; the exit status is 1 when one failed.
 */
public final class Main {
    private static final int AT_A_TIME = Integer.getInteger("at.a.time", 4);
    private static final AtomicInteger PASSED = new AtomicInteger();
    private static final AtomicInteger FAILED = new AtomicInteger();

    private Main() {
    }

    public static void main(String[] args) throws Exception {
        run(args, Scenarios.ALL, AT_A_TIME);
    }

    /** Never returns. */
    public static void run(String[] args, Map<String, Scenario> all, int atATime) throws Exception {
        List<String> names = args.length > 2 ? Arrays.asList(args).subList(2, args.length) : new ArrayList<>(all.keySet());
        ExecutorService pool = Executors.newFixedThreadPool(atATime);
        List<Future<?>> running = new ArrayList<>();
        for (String name : names) {
            running.add(pool.submit(() -> run(name, all, args[0], args[1])));
        }
        for (Future<?> one : running) {
            one.get();
        }
        System.out.println(PASSED + " passed, " + FAILED + " failed");
        System.exit(FAILED.get() == 0 ? 0 : 1);  // client threads would keep the process alive
    }

    private static void run(String name, Map<String, Scenario> all, String namesrv, String tag) {
        long begin = System.currentTimeMillis();
        String outcome;
        try (Stage stage = new Stage(namesrv, name, tag)) {
            Scenario scenario = all.get(name);
            Expect.that(scenario != null, "a scenario, one of " + all.keySet() + "; got '" + name + "'");
            scenario.run(stage);
            PASSED.incrementAndGet();
            outcome = "pass " + name;
        } catch (Throwable failure) {
            failure.printStackTrace();
            FAILED.incrementAndGet();
            outcome = "FAIL " + name + ": " + String.valueOf(failure.getMessage()).split("\n")[0];
        }
        System.out.printf("%s (%.1f s)%n", outcome, (System.currentTimeMillis() - begin) / 1000.0);
    }
}
