// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/memory_message_store.hpp"

#include "tenon/testing/batch_queues_contract.hpp"
#include "tenon/testing/message_store_contract.hpp"
#include "tenon/testing/readable_end_contract.hpp"

namespace tenon::testing {
namespace {

OpenStore open_memory_store() {
  auto store = std::make_shared<MemoryMessageStore>();
  return {store.get(), store, [store] { return store.get(); }};
}

INSTANTIATE_TEST_SUITE_P(Memory, MessageStoreContract, ::testing::Values(StoreCase{"memory", open_memory_store}),
                         store_case_name);

OpenReadable open_readable() {
  auto store = std::make_shared<MemoryMessageStore>();
  return {store.get(), store.get(), store};
}
INSTANTIATE_TEST_SUITE_P(Memory, ReadableEndContract, ::testing::Values(ReadableEndCase{"memory", open_readable}),
                         readable_end_case_name);

OpenBatches open_batches() {
  auto store = std::make_shared<MemoryMessageStore>();
  return {store.get(), store.get(), store.get(), store};
}
INSTANTIATE_TEST_SUITE_P(Memory, BatchQueuesContract, ::testing::Values(BatchQueuesCase{"memory", open_batches}),
                         batch_queues_case_name);

TEST(MemoryMessageStore, SaysWhyItRefuses) {
  MemoryMessageStore store;
  store.refuse_writes("the test says so");
  Message message;
  message.topic = "T";
  const auto refused = store.append(message);
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::service_not_available));
  EXPECT_EQ(store.status().refuses_writes_because, "the test says so");
}

TEST(MemoryMessageStore, ForgottenOffsetsAreTooSmall) {
  MemoryMessageStore store;
  Message message;
  message.topic = "T";
  for (int count = 0; count < 4; ++count) ASSERT_TRUE(store.append(message).has_value());
  store.forget_before("T", 0, {2});
  const ReadResult result = store.read({.topic = "T", .queue_id = 0, .offset = {1}});
  EXPECT_EQ(result.status, ReadStatus::offset_too_small);
  EXPECT_EQ(result.next_queue_offset, QueueOffset{2});
}

}  // namespace
}  // namespace tenon::testing
