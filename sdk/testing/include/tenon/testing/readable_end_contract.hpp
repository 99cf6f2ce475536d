// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tenon/readable_end.hpp"

/// Conformance suite of the ReadableEnd capability. Link Tenon::testing and instantiate it for your store:
///
///     INSTANTIATE_TEST_SUITE_P(Mmap, ReadableEndContract, ::testing::Values(ReadableEndCase{"mmap", open_mmap_store}),
///                              readable_end_case_name);
namespace tenon::testing {

/// A store to be tested, open and empty, and what it lives on.
struct OpenReadable {
  MessageStore* store = nullptr;
  ReadableEnd* end = nullptr;
  std::shared_ptr<void> keep_alive;  ///< Destroying it closes the store and removes its files.
  /// Closes and opens again what survives a clean stop, and sets `store` and `end`; empty: nothing survives.
  std::function<void(OpenReadable&)> reopen = {};
};
struct ReadableEndCase {
  std::string name;
  std::function<OpenReadable()> open;
};
std::string readable_end_case_name(const ::testing::TestParamInfo<ReadableEndCase>& info);

class ReadableEndContract : public ::testing::TestWithParam<ReadableEndCase> {
 protected:
  void SetUp() override;

  AppendReceipt append(int number, std::int32_t queue_id = 0);
  ReadResult read(std::int64_t offset, std::int32_t queue_id = 0) const;
  std::int64_t max(std::int32_t queue_id = 0) const { return open_.store->bounds("T", queue_id).max.value; }
  void bound(PhysicalOffset end);

  OpenReadable open_;
};

}  // namespace tenon::testing
