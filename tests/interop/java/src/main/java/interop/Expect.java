// SPDX-License-Identifier: Apache-2.0
package interop;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** What scenarios say about outcomes. Waiting is polling with a deadline; nothing sleeps a fixed time. */
public final class Expect {
    private static final long PATIENCE_MS = Long.getLong("patience.seconds", 60) * 1000;

    private Expect() {
    }

    public static void that(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("expected " + what);
        }
    }

    public static void equal(Object wanted, Object got, String what) {
        that(Objects.equals(wanted, got), what + " = " + wanted + ", got " + got);
    }

    public static void eventually(String what, Callable<Boolean> condition) throws Exception {
        eventually(() -> what, condition);
    }

    public static void eventually(Supplier<String> what, Callable<Boolean> condition) throws Exception {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.call()) {
            that(System.currentTimeMillis() < deadline, what.get() + " within " + PATIENCE_MS / 1000 + " s");
            Thread.sleep(20);
        }
    }

    /** The exception that `action` must end with. */
    public static Exception refused(String what, Callable<?> action) {
        try {
            action.call();
        } catch (Exception refused) {
            return refused;
        }
        throw new AssertionError("expected a refusal: " + what);
    }
}
