// SPDX-License-Identifier: Apache-2.0
#include "remoting/recall_handle.hpp"

#include <gtest/gtest.h>

namespace tenon::remoting {
namespace {

TEST(RecallHandle, IsThatOfAJavaBroker) {
  // Recorded from 5.4.0: ../shared/golden/wire/broker-5.4.0/java-5.4.0-timer.jsonl.
  const std::string recorded =
      "djEgV2lyZURlbGF5X0o1NDAgYnJva2VyLWEgMTc5NTI2NDMzODAwMSA3RjAwMDAwMTY2QTE0RTBFMkYyQTY5QUZFOTM2MDAwMA==";
  const RecallHandle handle = RecallHandle::decode(recorded).value();
  EXPECT_EQ(handle.topic, "WireDelay_J540");
  EXPECT_EQ(handle.broker_name, "broker-a");
  EXPECT_EQ(handle.timestamp_ms, 1'795'264'338'001);
  EXPECT_EQ(handle.unique_key, "7F00000166A14E0E2F2A69AFE9360000");
  EXPECT_EQ(handle.encode(), recorded);
}

TEST(RecallHandle, RefusesWhatIsNone) {
  const RecallHandle whole{"topic", "broker", 1'795'264'338'001, "key"};
  const std::string handle = whole.encode();
  EXPECT_TRUE(RecallHandle::decode(handle));
  for (const std::string& bad : {std::string(), std::string("not Base64!"), handle.substr(0, 12),
                                 std::string(4'096, 'A'), RecallHandle{"two words", "broker", 1, "key"}.encode()}) {
    EXPECT_FALSE(RecallHandle::decode(bad)) << bad;
  }
}

}  // namespace
}  // namespace tenon::remoting
