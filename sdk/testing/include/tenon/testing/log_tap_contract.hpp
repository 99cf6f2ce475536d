// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tenon/log_tap.hpp"

/// Conformance suite of the LogTap capability. Link Tenon::testing and instantiate it for your store:
///
///     INSTANTIATE_TEST_SUITE_P(Mine, LogTapContract, ::testing::Values(LogTapCase{"mine", open_my_store}),
///                              log_tap_case_name);
namespace tenon::testing {

/// A store that offers the tap, open and empty, and what it lives on. Files of at most 64 KiB, all of the same length,
/// so that a few hundred messages fill some of them.
struct OpenLog {
  MessageStore* store = nullptr;
  LogTap* tap = nullptr;
  std::shared_ptr<void> keep_alive;  ///< Destroying it closes the store and removes its files.
  /// Closes the store cleanly, opens it again on the same data, and sets `store` and `tap` of the object given.
  std::function<void(OpenLog&)> reopen;
};
struct LogTapCase {
  std::string name;
  std::function<OpenLog()> open;
};
/// Not inline, so that whoever names his cases gets the tests out of the library.
std::string log_tap_case_name(const ::testing::TestParamInfo<LogTapCase>& info);

/// Two logs of the same kind: messages are appended to the first, and its bytes brought to the second.
class LogTapContract : public ::testing::TestWithParam<LogTapCase> {
 protected:
  static constexpr int kTopics = 3, kQueues = 2;

  void SetUp() override;

  static AppendReceipt append(OpenLog& log, int number, std::string_view mark = "");
  void fill(int from, int to);
  /// Everything that the copy has not, in pieces of at most `piece` bytes.
  void replicate(std::int64_t piece);
  /// Bytes of the source's log, at most up to the end of a file.
  LogStretch stretch_at(PhysicalOffset from, std::int64_t bytes_max = INT32_MAX);
  static std::span<const std::byte> bytes_of(const LogStretch& stretch);
  void expect_the_same();
  static std::string body_at(const OpenLog& log, int topic, std::int32_t queue, std::int64_t offset);

  OpenLog source_, copy_;
};

}  // namespace tenon::testing
