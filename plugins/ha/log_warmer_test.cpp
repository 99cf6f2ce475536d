// SPDX-License-Identifier: Apache-2.0
#include "ha/log_warmer.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <vector>

#include "ha/testing/empty_log.hpp"

namespace tenon::ha {
namespace {

constexpr std::size_t kPage = 4096;

/// Pages that nobody has touched yet.
class UntouchedLog final : public testing::EmptyLog {
 public:
  static constexpr std::size_t kPages = 8;

  UntouchedLog() {
    void* const pages = mmap(nullptr, kPages * kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(pages, MAP_FAILED);
    pages_ = static_cast<std::byte*>(pages);
  }
  ~UntouchedLog() override { munmap(pages_, kPages * kPage); }

  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm) const override {
    const auto length = static_cast<std::size_t>(bytes_max);
    return LogStretch{from, bytes_max, MemorySlice{{pages_ + from.value, length}}, nullptr};
  }
  PhysicalOffset log_max() const override { return {kPages * kPage}; }
  std::int64_t log_file_size() const override { return kPages * kPage; }

  std::vector<bool> touched() const {
    std::vector<unsigned char> present(kPages);
    EXPECT_EQ(mincore(pages_, kPages * kPage, present.data()), 0);
    std::vector<bool> touched;
    touched.reserve(kPages);
    for (const unsigned char page : present) touched.push_back((page & 1) != 0);
    return touched;
  }

 private:
  std::byte* pages_ = nullptr;
};

TEST(LogWarmer, TouchesTheLastPageToo) {
  const UntouchedLog log;
  // The end of page 1, page 2, and less of page 3 than was left of page 1.
  EXPECT_EQ(bring_into_memory(log, {2 * kPage - 100}, kPage + 150).value, 3 * kPage + 50);
  EXPECT_EQ(log.touched(), (std::vector<bool>{false, true, true, true, false, false, false, false}));
}

}  // namespace
}  // namespace tenon::ha
