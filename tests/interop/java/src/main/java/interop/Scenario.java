// SPDX-License-Identifier: Apache-2.0
package interop;

/** One thing that real programs do with a broker. Throws when the broker does not do its part. */
@FunctionalInterface
public interface Scenario {
    void run(Stage stage) throws Exception;
}
