// SPDX-License-Identifier: Apache-2.0
#include "remoting/batch_body.hpp"

#include <gtest/gtest.h>

#include <string>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

OutputBuffer sample_batch() {
  OutputBuffer out;
  append_batch_message(out, {7, "KEYS\x01k\x02", bytes_of("one")});
  append_batch_message(out, {0, "", {}});
  append_batch_message(out, {-1, "TAGS\x01t\x02", bytes_of("three")});
  return out;
}

TEST(BatchBody, Splits) {
  const OutputBuffer body = sample_batch();
  std::vector<BatchMessage> messages;
  ASSERT_TRUE(split_batch_body(body.bytes(), messages));
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].flag, 7);
  EXPECT_EQ(text_of(messages[0].body), "one");
  EXPECT_EQ(messages[1].properties, "");
  EXPECT_EQ(messages[2].flag, -1);
  EXPECT_EQ(messages[2].properties, "TAGS\x01t\x02");
}

TEST(BatchBody, EmptyBodyHasNoMessages) {
  std::vector<BatchMessage> messages(1);
  ASSERT_TRUE(split_batch_body({}, messages));
  EXPECT_TRUE(messages.empty());
}

TEST(BatchBody, RefusesEveryCut) {
  const OutputBuffer body = sample_batch();
  std::vector<BatchMessage> messages;
  int whole = 0;
  for (std::size_t size = 1; size < body.size(); ++size) {
    const std::vector<std::byte> cut(body.data(), body.data() + size);
    const Status outcome = split_batch_body(cut, messages);
    if (outcome.has_value()) {
      ++whole;
      continue;
    }
    EXPECT_TRUE(outcome.error().is(Errc::message_illegal));
    EXPECT_TRUE(messages.empty());
  }
  EXPECT_EQ(whole, 2);  // Behind the first and behind the second message.
}

TEST(BatchBody, RefusesInnerLengthsThatDoNotAddUp) {
  for (const std::size_t position : {0u, 3u, 16u, 19u, 23u, 24u}) {
    OutputBuffer body = sample_batch();
    body.data()[position] ^= std::byte{0x81};
    std::vector<BatchMessage> messages;
    EXPECT_TRUE(split_batch_body(body.bytes(), messages).has_error()) << position;
  }
}

}  // namespace
}  // namespace tenon::remoting
