// SPDX-License-Identifier: Apache-2.0
#include "waiting_file.hpp"

#include <utility>

#include "state_file/state_file.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kIntervalMs = 10'000;  // RocketMQ's.

}  // namespace

void WaitingFile::open() {
  path_ = parts_.host->data_dir() / "config" / "transactionMetrics";
  auto content = state_file::read_or_backup(path_);
  Status read = content ? Status{} : Status(content.error());
  if (content && !content->empty()) read = parts_.waiting->decode(*content);
  if (!read)
    parts_.host->log().warn("counting transactions from 0, as of ", path_.native(), ": ", read.error().message());
  written_ = parts_.waiting->encode();
}

void WaitingFile::save() {
  if (parts_.host->now_ms() >= next_ms_) write();
}

void WaitingFile::write() {
  next_ms_ = parts_.host->now_ms() + kIntervalMs;
  std::string content = parts_.waiting->encode();
  if (path_.empty() || content == written_) return;
  if (const Status written = state_file::replace(path_, content); !written) {
    parts_.host->log().warn("cannot write the counts of transactions: ", written.error().message());
    return;
  }
  written_ = std::move(content);
}

}  // namespace tenon::transaction
