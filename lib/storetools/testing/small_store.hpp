// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "logstore/testing/test_store.hpp"
#include "storetools/repair.hpp"
#include "storetools/verify.hpp"

namespace tenon::storetools::testing {

/// 400 messages in the three queues of topic "T", in files of 16 KiB (log) and 2000 bytes (queues); closed cleanly.
class SmallStore : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.open().has_value());
    for (int count = 0; count < 400; ++count) {
      const auto receipt = store_.append("T", count % 3, "message " + std::to_string(count) + std::string(100, 'x'),
                                         "KEYS\1k" + std::to_string(count) + "\2TAGS\1t\2");
      ASSERT_TRUE(receipt.has_value());
      offsets_.push_back(receipt->physical_offset.value);
    }
    store_.close();
  }

  std::filesystem::path root() const { return store_.directory.path(); }
  std::filesystem::path log_file(std::int64_t offset) const {
    return root() / "commitlog" / logstore::offset_file_name(offset - offset % 16'384);
  }
  std::filesystem::path index_file() const {
    return root() / "index" / logstore::posix_file_system().list(root() / "index").value().front().name;
  }
  static void overwrite(const std::filesystem::path& path, std::int64_t at, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good()) << path;
  }

  /// What verify finds: "file:position: what" of damages, with the notes behind.
  std::vector<Finding> findings() {
    std::vector<Finding> found;
    Findings all([&](const Finding& finding) { found.push_back(finding); });
    const auto summary = verify({root(), {}, {}}, all);
    EXPECT_TRUE(summary.has_value()) << summary.error().message();
    if (summary) summary_ = *summary;
    damages_ = all.damages();
    return found;
  }
  /// The one damage there is.
  void expect_damage(const std::filesystem::path& file, std::int64_t position, std::string_view word) {
    const auto found = findings();
    EXPECT_GE(damages_, 1);
    for (const Finding& finding : found) {
      if (finding.file == file && finding.position == position && finding.what.find(word) != std::string::npos) return;
    }
    ADD_FAILURE() << "not named: " << file << ":" << position << " " << word;
    for (const Finding& finding : found)
      std::printf("  %s:%lld %s\n", finding.file.c_str(), static_cast<long long>(finding.position),
                  finding.what.c_str());
  }
  void repair_it(bool cut_records) {
    const RepairRequest request{root(), {}, cut_records, {}};
    const auto plan = plan_repair(request);
    ASSERT_TRUE(plan.has_value());
    const Status repaired = repair(request, *plan, root() / "saved");
    ASSERT_TRUE(repaired.has_value()) << repaired.error().message();
    (void)findings();
    EXPECT_EQ(damages_, 0);
  }

  logstore::testing::TestStore store_;
  std::vector<std::int64_t> offsets_;
  VerifySummary summary_;
  std::int64_t damages_ = 0;
};

}  // namespace tenon::storetools::testing
