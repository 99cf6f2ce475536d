// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tenon/batch_queues.hpp"
#include "tenon/message_store.hpp"
#include "tenon/readable_end.hpp"

/// Conformance suite of the BatchQueues capability. Link Tenon::testing and instantiate it for your store:
///
///     INSTANTIATE_TEST_SUITE_P(Mmap, BatchQueuesContract, ::testing::Values(BatchQueuesCase{"mmap", open_mmap_store}),
///                              batch_queues_case_name);
namespace tenon::testing {

/// A store to be tested, open and empty, and what it lives on.
struct OpenBatches {
  MessageStore* store = nullptr;
  BatchQueues* batches = nullptr;
  ReadableEnd* end = nullptr;        ///< nullptr: it has none.
  std::shared_ptr<void> keep_alive;  ///< Destroying it closes the store and removes its files.
  /// Closes and opens again what survives a clean stop, and sets the pointers; empty: nothing survives.
  std::function<void(OpenBatches&)> reopen = {};
};
struct BatchQueuesCase {
  std::string name;
  std::function<OpenBatches()> open;
};
std::string batch_queues_case_name(const ::testing::TestParamInfo<BatchQueuesCase>& info);

class BatchQueuesContract : public ::testing::TestWithParam<BatchQueuesCase> {
 protected:
  void SetUp() override;

  /// One record with so many messages in topic "B"; 0: a message without the flag.
  Result<AppendReceipt> append(int messages, const std::string& body, std::int32_t queue_id = 0,
                               const std::string& properties = {});
  ReadResult read(std::int64_t offset, std::int32_t max_messages = 32, const CompiledFilter* filter = nullptr) const;
  /// The body of the record that is read first from there.
  std::string body_at(std::int64_t offset) const;
  QueueBounds bounds() const { return open_.store->bounds("B", 0); }

  OpenBatches open_;
};

}  // namespace tenon::testing
