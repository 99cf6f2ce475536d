// SPDX-License-Identifier: Apache-2.0
#include "coordinator.hpp"

#include <gtest/gtest.h>

#include "names.hpp"
#include "tenon/testing/memory_message_store.hpp"

namespace tenon::transaction {
namespace {

TEST(Coordinator, ASlaveWhoseLedgerIsEmptyTakesNoHalfMessageForPending) {
  testing::MemoryMessageStore store;
  HalfLedger ledger(16);
  Counters counters;
  Parts parts;
  parts.store = &store;
  parts.ledger = &ledger;
  parts.counters = &counters;
  const HalfActions actions(parts);
  Coordinator coordinator(parts, actions);
  Message half;
  half.topic = kHalfTopic;
  half.queue_id = kQueue;
  ASSERT_TRUE(store.append(half));
  EXPECT_EQ(coordinator.totals().pending, 1);
  EXPECT_GT(coordinator.totals().oldest_pending_begun_ms, 0);
  coordinator.rest();
  EXPECT_EQ(coordinator.totals().pending, 0);
  EXPECT_EQ(coordinator.totals().oldest_pending_begun_ms, 0);
}

}  // namespace
}  // namespace tenon::transaction
