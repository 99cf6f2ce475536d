// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "record/record_view.hpp"
#include "storetools/findings.hpp"
#include "storetools/input_file.hpp"

namespace tenon::storetools {

/// The commit log of a stopped store, read only. Does not stop at a damaged record, as recovery does, but looks for the
/// next whole one: records carry their own physical offset. Threads: one.
class LogReader {
 public:
  /// Opens the files; what is wrong with their names and lengths goes to `findings`. A file that is shorter than the
  /// others reads as if zeros followed, of a longer one the surplus is not looked at. Error: io, or no such directory.
  static Result<LogReader> open(const std::filesystem::path& directory, Findings& findings);

  struct Place {
    const std::filesystem::path& file;
    std::int64_t position;  ///< In the file.
  };
  struct Visitor {
    std::function<void(const record::RecordView&, const Place&)> record;
    /// Bytes from `at` up to `next` are no record.
    std::function<void(PhysicalOffset at, PhysicalOffset next, const Place&, const std::string& why)> damage;
    Progress progress;
  };
  struct Summary {
    PhysicalOffset min;
    PhysicalOffset end;          ///< After the last whole record.
    PhysicalOffset trusted_end;  ///< Where recovery would end the log: the first damage, or `end`.
    std::int64_t records = 0;
    std::int64_t records_behind_damage = 0;
    std::int64_t last_timestamp_ms = 0;
  };
  Summary scan(const Visitor& visitor) const { return scan_from(min(), visitor); }
  Summary scan_from(PhysicalOffset start, const Visitor& visitor) const;

  /// The record that lies at `at`; empty if none does.
  std::optional<record::RecordView> record_at(PhysicalOffset at) const;
  PhysicalOffset min() const noexcept { return {files_.empty() ? 0 : files_.front().base}; }
  PhysicalOffset end_of_files() const noexcept { return {files_.empty() ? 0 : files_.back().end()}; }
  bool empty() const noexcept { return files_.empty(); }

  struct File {
    std::int64_t base = 0;
    InputFile input;
    std::int64_t length = 0;  ///< On disk. `input` has the usual one.
    std::int64_t end() const noexcept { return base + input.size(); }
  };
  const std::vector<File>& files() const noexcept { return files_; }
  const File* file_of(PhysicalOffset at) const noexcept;

 private:
  struct Walk;
  PhysicalOffset walk_file(const File& file, PhysicalOffset at, Walk& walk) const;
  std::optional<PhysicalOffset> next_whole(const File& file, PhysicalOffset after) const;

  std::vector<File> files_;
};

}  // namespace tenon::storetools
