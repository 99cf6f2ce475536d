// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include "replication/epoch_history.hpp"
#include "tenon/log_tap.hpp"

namespace tenon::replication::testing {

/// A commit log in memory whose records all have 16 bytes. What is cut off is kept as the newest of `cut`.
class MemoryLog final : public LogTap {
 public:
  static constexpr std::int64_t kRecord = 16;
  static constexpr std::int64_t kFile = 4'096;

  /// `word` makes the record differ from others at the same place.
  void append(char word) {
    bytes_ += text(max_.value);
    bytes_.resize(static_cast<std::size_t>(max_ - min_ + kRecord), word);
    max_ += kRecord;
  }
  /// The oldest file goes, as by retention.
  void drop_first_file() {
    const std::int64_t gone = std::min(kFile, max_ - min_);
    bytes_.erase(0, static_cast<std::size_t>(gone));
    min_ += gone;
  }
  /// What a restart does: half a record is forgotten, and what was not flushed may be gone.
  void restart(PhysicalOffset survives) {
    max_ = std::clamp(survives, min_, max_);
    bytes_.resize(static_cast<std::size_t>(max_ - min_));
    forget_what_was_cut();
  }
  /// Everything below is on the disk, and survives a power cut.
  PhysicalOffset flushed() const { return flushed_; }
  void flush(PhysicalOffset end) { flushed_ = std::max(flushed_, std::min(end, max_)); }
  void begin_at(PhysicalOffset begin) {
    min_ = max_ = begin;
    bytes_.clear();
  }
  const std::string& bytes() const { return bytes_; }

  PhysicalOffset log_min() const override { return min_; }
  PhysicalOffset log_max() const override { return max_; }
  std::int64_t log_file_size() const override { return kFile; }
  PhysicalOffset log_received() const override { return min_ + static_cast<std::int64_t>(bytes_.size()); }

  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm) const override {
    if (from < min_ || from > max_) return Error(Errc::query_not_found, text("nothing at ", from));
    const std::int64_t file_end = from.value - from.value % kFile + kFile;
    const std::int64_t length = std::min({bytes_max, file_end - from.value, max_ - from});
    const auto bytes = std::as_bytes(std::span(bytes_));
    return LogStretch{
        from, length,
        MemorySlice{bytes.subspan(static_cast<std::size_t>(from - min_), static_cast<std::size_t>(length))}, nullptr};
  }
  void watch(LogWatcher*) override {}
  Status append_log(PhysicalOffset at, std::span<const std::byte> bytes) override {
    if (log_received() == min_ && at.value % kFile == 0) min_ = max_ = at;
    if (at != log_received()) return Error(Errc::invalid_parameter, text("the log goes on at ", log_received()));
    if (fails) return Error(Errc::service_not_available, "the disk is full");
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    max_ = PhysicalOffset{log_received().value - log_received().value % kRecord};
    return {};
  }
  Result<std::string> truncate_log(PhysicalOffset end) override {
    const PhysicalOffset whole{end.value - end.value % kRecord};
    if (whole < min_ || whole > log_received()) return Error(Errc::invalid_parameter, text("no end: ", end));
    cut = bytes_.substr(static_cast<std::size_t>(whole - min_));
    bytes_.resize(static_cast<std::size_t>(whole - min_));
    max_ = whole;
    forget_what_was_cut();
    return std::string("cut");
  }
  PhysicalOffset confirm_offset() const override { return confirmed_; }
  void set_confirm_offset(PhysicalOffset offset) override { confirmed_ = offset; }

  bool fails = false;
  std::string cut;

 private:
  void forget_what_was_cut() {
    flushed_ = std::min(flushed_, max_);
    confirmed_ = std::min(confirmed_, max_);
  }

  PhysicalOffset min_, max_, confirmed_, flushed_;
  std::string bytes_;
};

class MemoryEpochs final : public EpochKeeper {
 public:
  const EpochHistory& history() const override { return history_; }
  Status replace(EpochHistory history) override {
    history_ = std::move(history);
    return {};
  }
  /// Becomes master, after whatever the log has lost.
  void begin(std::int64_t number, PhysicalOffset log_end) {
    history_.truncate(log_end);
    history_.begin({number, log_end}).value();
  }

 private:
  EpochHistory history_;
};

}  // namespace tenon::replication::testing
