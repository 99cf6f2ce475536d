// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "logstore/index_file.hpp"
#include "storetools/log_reader.hpp"

namespace tenon::storetools {

/// Compares the key index of a stopped store with its commit log. Source: ../shared/reference/store-format.md 4.
/// Threads: one.
class IndexCheck {
 public:
  /// `unclean`: the next start throws the newest files away and makes them again, so they are not judged.
  IndexCheck(std::filesystem::path directory, std::optional<logstore::IndexShape> shape, bool unclean,
             Findings& findings);

  /// Every record of the log, in order.
  void expect(const record::RecordView& view);
  /// Error: io.
  Status finish(const LogReader& log);

  std::int64_t entries() const noexcept { return entries_; }

 private:
  struct Header {
    std::int64_t begin_time, end_time, begin_offset, end_offset;
    std::int32_t slots_used, count;
  };
  void check_file(const InputFile& file, const LogReader& log, bool newest);
  void check_entries(const InputFile& file, const Header& header, const LogReader& log);
  void check_chains(const InputFile& file, const Header& header);
  void check_completeness(const InputFile& newest, const Header& header);
  std::int32_t slot(const InputFile& file, std::int32_t number) const;
  const std::byte* entry(const InputFile& file, std::int32_t number) const;
  void add(std::string_view kind, const InputFile& file, std::int64_t position, std::string what);

  std::filesystem::path directory_;
  std::optional<logstore::IndexShape> shape_;
  bool unclean_;
  Findings& findings_;
  PhysicalOffset last_with_key_{-1};
  std::int64_t entries_ = 0;
};

}  // namespace tenon::storetools
