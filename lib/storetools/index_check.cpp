// SPDX-License-Identifier: Apache-2.0
#include "storetools/index_check.hpp"

#include <algorithm>
#include <vector>

#include "record/layout.hpp"
#include "storetools/reading_file_system.hpp"
#include "tenon/message.hpp"

namespace tenon::storetools {
namespace {

using logstore::IndexHash;
using record::load_big;

constexpr std::int64_t kHeaderSize = 40;

/// Whether one of the texts that a record is indexed under has this hash.
bool has_key(const record::RecordView& view, std::int32_t hash) {
  const IndexHash hashes(view.topic());
  const PropertiesView properties = view.properties();
  if (const auto unique = properties.find(property::unique_key); unique && hashes.of(*unique) == hash) return true;
  if (const auto tags = properties.find(property::tags); tags && hashes.of_tags(*tags) == hash) return true;
  std::string_view keys = properties.find(property::keys).value_or("");
  while (!keys.empty()) {
    const std::size_t space = keys.find(' ');
    if (space != 0 && hashes.of(keys.substr(0, space)) == hash) return true;
    keys = space == std::string_view::npos ? "" : keys.substr(space + 1);
  }
  return false;
}

}  // namespace

IndexCheck::IndexCheck(std::filesystem::path directory, std::optional<logstore::IndexShape> shape, bool unclean,
                       Findings& findings)
    : directory_(std::move(directory)), shape_(shape), unclean_(unclean), findings_(findings) {}

void IndexCheck::expect(const record::RecordView& view) {
  if ((view.sys_flag() & sys_flag::transaction_mask) == sys_flag::transaction_rollback) return;
  const PropertiesView properties = view.properties();
  if (properties.find(property::unique_key) || properties.find(property::keys)) last_with_key_ = view.physical_offset();
}

void IndexCheck::add(std::string_view kind, const InputFile& file, std::int64_t position, std::string what) {
  findings_.add(kind, {unclean_ ? Severity::note : Severity::damage, file.path(), position, std::move(what)});
}

std::int32_t IndexCheck::slot(const InputFile& file, std::int32_t number) const {
  return load_big<std::int32_t>(file.bytes().data() + kHeaderSize + 4LL * number);
}

const std::byte* IndexCheck::entry(const InputFile& file, std::int32_t number) const {
  return file.bytes().data() + kHeaderSize + 4LL * shape_->slots + 20LL * number;
}

Status IndexCheck::finish(const LogReader& log) {
  const auto entries = reading_file_system().list(directory_);
  if (!entries) return entries.error();
  for (const auto& found : *entries) {
    const bool named = std::all_of(found.name.begin(), found.name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (found.is_directory || !named) {
      findings_.add("foreign file", {Severity::note, directory_ / found.name, -1, "is no index file"});
      continue;
    }
    const auto file = InputFile::open(directory_ / found.name);
    if (!file) return file.error();
    check_file(*file, log, &found == &entries->back());
  }
  if (entries->empty() && last_with_key_.value >= 0 && !unclean_)
    findings_.add("no index", {Severity::note, directory_, -1,
                               "no index files, though records have keys: is the index switched off?"});
  return {};
}

void IndexCheck::check_file(const InputFile& file, const LogReader& log, bool newest) {
  if (file.size() <= kHeaderSize) return add("short index file", file, -1, text("has only ", file.size(), " bytes"));
  const std::byte* const at = file.bytes().data();
  const Header header{load_big<std::int64_t>(at),      load_big<std::int64_t>(at + 8),
                      load_big<std::int64_t>(at + 16), load_big<std::int64_t>(at + 24),
                      load_big<std::int32_t>(at + 32), load_big<std::int32_t>(at + 36)};
  if (!shape_ && header.count <= 2) return;  // one key or none tells no shape, and holds nothing to compare
  if (!shape_ || shape_->file_size() != file.size()) {
    return add("index file of unknown shape", file, -1,
               text("has ", file.size(), " bytes: its entries hang from no slots that fit"));
  }
  if (header.count < 1 || header.count > shape_->entries || header.begin_time > header.end_time ||
      header.begin_offset > header.end_offset) {
    return add("index header", file, 0, "its header cannot be");
  }
  entries_ += header.count - 1;
  check_entries(file, header, log);
  check_chains(file, header);
  if (newest) check_completeness(file, header);
}

void IndexCheck::check_entries(const InputFile& file, const Header& header, const LogReader& log) {
  for (std::int32_t number = 1; number < header.count; ++number) {
    const std::byte* const at = entry(file, number);
    const std::int64_t position = at - file.bytes().data();
    const auto hash = load_big<std::int32_t>(at);
    const PhysicalOffset offset{load_big<std::int64_t>(at + 4)};
    if (offset < log.min()) continue;  // expired
    const auto view = log.record_at(offset);
    if (!view) {
      add("index entry without a record", file, position,
          text("points at physical offset ", offset, ", where no record lies"));
    } else if (!has_key(*view, hash)) {
      add("index entry of another key", file, position,
          text("points at the record at physical offset ", offset, ", which has no key of this hash"));
    }
  }
}

void IndexCheck::check_chains(const InputFile& file, const Header& header) {
  std::vector<bool> reached(static_cast<std::size_t>(header.count), false);
  std::int64_t used = 0, hanging = 0;
  for (std::int32_t number = 0; number < shape_->slots; ++number) {
    std::int32_t at = slot(file, number);
    if (at > 0 && at < header.count) ++used;
    while (at > 0 && at < header.count && !reached[static_cast<std::size_t>(at)]) {
      reached[static_cast<std::size_t>(at)] = true;
      if (load_big<std::int32_t>(entry(file, at)) % shape_->slots == number) ++hanging;
      const auto previous = load_big<std::int32_t>(entry(file, at) + 16);
      if (previous >= at) break;
      at = previous;
    }
  }
  if (hanging != header.count - 1) {
    add("index chains", file, kHeaderSize,
        text(header.count - 1 - hanging, " of ", header.count - 1, " entries cannot be found from their slots"));
  } else if (used != header.slots_used) {
    add("index header", file, 32, text("says that ", header.slots_used, " slots are used, but ", used, " are"));
  }
}

/// Only the newest file reaches the end of the log. Tags alone do not count: brokers before 5.4 do not index them.
void IndexCheck::check_completeness(const InputFile& newest, const Header& header) {
  if (header.end_offset >= last_with_key_.value) return;
  add("index ends early", newest, 24,
      text("ends at physical offset ", header.end_offset, ", but the record at ", last_with_key_, " has keys, too"));
}

}  // namespace tenon::storetools
