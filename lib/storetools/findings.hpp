// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace tenon::storetools {

enum class Severity {
  note,    ///< Nothing that is lost: the next start puts it right, or it is what a deleted topic leaves.
  damage,  ///< Something that was stored cannot be served, or is served wrongly.
};

/// One thing that verify has to say: which file, where in it, what.
struct Finding {
  Severity severity = Severity::damage;
  std::filesystem::path file;
  std::int64_t position = -1;  ///< Byte in the file; -1: the file as a whole.
  std::string what;
};

/// Takes findings as they come. Of one kind in one directory only the first few are passed on, so that a store without
/// its queues is not reported entry by entry; all are counted. Threads: one.
class Findings {
 public:
  using Sink = std::function<void(const Finding&)>;
  static constexpr int kPassedOn = 5;

  explicit Findings(Sink sink) : sink_(std::move(sink)) {}
  /// `kind` groups findings that say the same about different places.
  void add(std::string_view kind, Finding finding);
  /// Says how many were not passed on.
  void finish();
  std::int64_t damages() const noexcept { return damages_; }
  std::int64_t notes() const noexcept { return notes_; }

 private:
  Sink sink_;
  std::map<std::pair<std::string, std::string>, std::int64_t> seen_;  ///< By kind and directory.
  std::int64_t damages_ = 0, notes_ = 0;
};

/// Called now and then with the part of the work that is done, 0 to 1.
using Progress = std::function<void(double part)>;

}  // namespace tenon::storetools
