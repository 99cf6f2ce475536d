// SPDX-License-Identifier: Apache-2.0
#include "storetools/log_reader.hpp"

#include <algorithm>
#include <cstring>

#include "logstore/file_sizes.hpp"
#include "logstore/file_system.hpp"
#include "logstore/options.hpp"
#include "record/record_check.hpp"
#include "storetools/reading_file_system.hpp"
#include "storetools/record_diagnosis.hpp"

namespace tenon::storetools {
namespace {

constexpr std::int64_t kReportEvery = 16LL << 20;

std::span<const std::byte> rest_of(const LogReader::File& file, PhysicalOffset at) {
  return file.input.bytes().subspan(static_cast<std::size_t>(at.value - file.base));
}

void check_names(std::vector<LogReader::File>& files, Findings& findings) {
  // One of another length keeps every broker from opening the directory; the last may be unfinished.
  for (std::size_t index = 0; index < files.size(); ++index) {
    const LogReader::File& file = files[index];
    if (index > 0 && file.base != files[index - 1].end())
      findings.add("commit-log file missing", {Severity::damage, file.input.path(), -1,
                                               text("the file before it ends at ", files[index - 1].end())});
    if (file.input.size() == file.length) continue;
    if (index + 1 == files.size() && all_zeros(file.input.bytes())) {
      findings.add("unfinished file",
                   {Severity::note, file.input.path(), -1, "was being made when the broker stopped"});
    } else {
      findings.add("commit-log file of another length",
                   {Severity::damage, file.input.path(), -1,
                    text("has ", file.length, " bytes, but by their names the files have ", file.input.size())});
    }
  }
}

}  // namespace

struct LogReader::Walk {
  const Visitor& visitor;
  Summary& summary;
  bool damaged = false;
  std::int64_t next_report = 0;
};

Result<LogReader> LogReader::open(const std::filesystem::path& directory, Findings& findings) {
  LogReader reader;
  const auto entries = reading_file_system().list(directory);
  if (!entries) return entries.error();
  if (!std::filesystem::is_directory(directory))
    return Error(std::make_error_code(std::errc::no_such_file_or_directory),
                 text(directory.string(), ": no such directory"));
  const auto size = logstore::log_file_size_of(*entries);
  for (const auto& entry : *entries) {
    const auto base = logstore::parse_offset_file_name(entry.name);
    if (entry.is_directory) {
      findings.add("directory", {Severity::note, directory / entry.name, -1,
                                 "is a directory: RocketMQ before 5 refuses to open the log beside it"});
      continue;
    }
    if (!base) {
      findings.add("foreign file", {Severity::damage, directory / entry.name, -1,
                                    "does not belong here: a Java broker refuses to open the directory"});
      continue;
    }
    auto input = InputFile::open(directory / entry.name, size.value_or(entry.size));
    if (!input) return input.error();
    reader.files_.push_back({*base, std::move(*input), entry.size});
  }
  check_names(reader.files_, findings);
  return reader;
}

const LogReader::File* LogReader::file_of(PhysicalOffset at) const noexcept {
  const auto after = std::upper_bound(files_.begin(), files_.end(), at.value,
                                      [](std::int64_t offset, const File& file) { return offset < file.base; });
  if (after == files_.begin()) return nullptr;
  const File& file = *std::prev(after);
  return at.value < file.end() ? &file : nullptr;
}

std::optional<record::RecordView> LogReader::record_at(PhysicalOffset at) const {
  const File* const file = file_of(at);
  if (file == nullptr) return std::nullopt;
  const auto view = record::RecordView::decode(rest_of(*file, at));
  if (!view || view->physical_offset() != at) return std::nullopt;
  return *view;
}

LogReader::Summary LogReader::scan_from(PhysicalOffset start, const Visitor& visitor) const {
  Summary summary;
  summary.min = min();
  summary.end = summary.trusted_end = start;
  Walk walk{visitor, summary, false, start.value + kReportEvery};
  std::int64_t reached = start.value;
  for (const File& file : files_) {
    if (file.end() <= start.value) continue;
    walk.damaged = walk.damaged || file.base > reached;  // what follows a file that is missing
    reached = file.end();
    const PhysicalOffset stopped = walk_file(file, {std::max(file.base, start.value)}, walk);
    if (stopped.value < file.end() && &file != &files_.back()) {
      // Nothing but zeros follows. Fine if that is so in all later files, too: prepared, not yet used.
      const bool more = std::any_of(files_.begin() + (&file - files_.data()) + 1, files_.end(),
                                    [](const File& later) { return !all_zeros(later.input.bytes()); });
      if (!more) break;
      walk.damaged = true;
      if (visitor.damage)
        visitor.damage(stopped, {file.end()}, {file.input.path(), stopped.value - file.base},
                       "nothing but zeros, although later files hold records");
    }
  }
  return summary;
}

/// Returns where the zeros begin, or the end of the file.
PhysicalOffset LogReader::walk_file(const File& file, PhysicalOffset at, Walk& walk) const {
  Summary& summary = walk.summary;
  while (at.value < file.end()) {
    const auto rest = rest_of(file, at);
    const auto checked = record::check_record(rest, at);
    const Place place{file.input.path(), at.value - file.base};
    if (checked.state == record::RecordState::whole) {
      if (walk.visitor.record) walk.visitor.record(checked.view, place);
      at += checked.view.total_size();
      ++summary.records;
      if (walk.damaged) ++summary.records_behind_damage;
      summary.last_timestamp_ms = checked.view.store_timestamp_ms();
    } else if (checked.state == record::RecordState::blank) {
      at = {file.end()};
    } else if (all_zeros(rest)) {
      return at;
    } else {
      const PhysicalOffset next = next_whole(file, at).value_or(PhysicalOffset{file.end()});
      if (walk.visitor.damage) walk.visitor.damage(at, next, place, diagnose_record(rest, at));
      walk.damaged = true;
      at = next;
      continue;
    }
    summary.end = at;
    if (!walk.damaged) summary.trusted_end = at;
    if (walk.visitor.progress && at.value >= walk.next_report) {
      walk.visitor.progress(static_cast<double>(at.value - min().value) /
                            static_cast<double>(std::max<std::int64_t>(end_of_files().value - min().value, 1)));
      walk.next_report = at.value + kReportEvery;
    }
  }
  return at;
}

/// The next byte behind `after` at which a whole record or the closing filler lies.
std::optional<PhysicalOffset> LogReader::next_whole(const File& file, PhysicalOffset after) const {
  const auto bytes = file.input.bytes();
  const auto is_whole = [&](std::size_t at) {
    return record::check_record(bytes.subspan(at), {file.base + static_cast<std::int64_t>(at)}).state !=
           record::RecordState::damaged;
  };
  const auto first = static_cast<std::size_t>(after.value - file.base) + 1;
  // All magics begin with one of two bytes; the search looks for those four bytes behind each candidate.
  for (std::size_t at = first; at + record::kBlankSize <= bytes.size(); ++at) {
    const std::byte head = bytes[at + record::position::magic];
    if (head != std::byte{0xDA} && head != std::byte{0xCB}) continue;
    if (is_whole(at)) return PhysicalOffset{file.base + static_cast<std::int64_t>(at)};
  }
  return std::nullopt;
}

}  // namespace tenon::storetools
