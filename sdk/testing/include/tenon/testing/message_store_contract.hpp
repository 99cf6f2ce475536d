// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tenon/message_store.hpp"

/// Conformance suite of the MessageStore capability. Link Tenon::testing and instantiate it for your store:
///
///     INSTANTIATE_TEST_SUITE_P(Mmap, MessageStoreContract, ::testing::Values(StoreCase{"mmap", open_mmap_store}),
///                              store_case_name);
namespace tenon::testing {

/// A store to be tested, open and empty, and what it lives on.
struct OpenStore {
  MessageStore* store = nullptr;
  std::shared_ptr<void> keep_alive;  ///< Destroying it closes the store and removes its files.
  /// Closes the store cleanly and opens it again on the same data; nullptr if nothing survives a close.
  std::function<MessageStore*()> reopen;
};
struct StoreCase {
  std::string name;
  std::function<OpenStore()> open;
};
/// Not inline, so that whoever names his cases gets the tests out of the library.
std::string store_case_name(const ::testing::TestParamInfo<StoreCase>& info);

class MessageStoreContract : public ::testing::TestWithParam<StoreCase> {
 protected:
  void SetUp() override;
  MessageStore& store() { return *open_.store; }

  /// A message with a body and tags; the texts live as long as the fixture.
  Message message(std::string_view topic, std::int32_t queue_id, std::string body, std::string properties = {});
  AppendReceipt append(std::string_view topic, std::int32_t queue_id, std::string body, std::string properties = {});
  ReadResult read(std::string_view topic, std::int32_t queue_id, std::int64_t offset, std::int32_t max_messages = 32);
  /// Bodies of the records in a result, in order, taken from its slices.
  static std::vector<std::string> bodies(const ReadResult& result);

  OpenStore open_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace tenon::testing
