// SPDX-License-Identifier: Apache-2.0
// A throw-away slave: with tenon_mini_broker's `replicate` it makes the pair that Tenon's replication is measured
// against. It reads the log straight to its place, makes the queue entry of each record as the mini broker does, and
// says how far it has come; no check, no epochs, no recovery. One master, from an empty log on. With `keep` its log
// grows, as that of such a mini broker does.
// Usage: tenon_mini_slave PORT LOG_FILE [keep]
#include <array>
#include <memory>
#include <vector>

#include "frame_server.hpp"
#include "mini_log.hpp"
#include "page_maker.hpp"

namespace {

using tenon::bench::Entry;
using tenon::bench::kEntries;
using tenon::bench::kQueues;
using tenon::bench::kWrappingBytes;
using tenon::bench::PageMaker;
using tenon::bench::read_u32;

class MiniSlave {
 public:
  MiniSlave(const char* file, bool keeps)
      : log_bytes_(keeps ? PageMaker::kLogBytes : kWrappingBytes), file_(tenon::bench::open_log(file)) {
    if (!keeps && posix_fallocate(file_, 0, kWrappingBytes) != 0) std::perror(file), std::exit(1);
    log_ = tenon::bench::map_log(file_, log_bytes_);
    if (keeps)
      pages_ = std::make_unique<PageMaker>(file_);
    else
      madvise(log_, log_bytes_, MADV_POPULATE_WRITE);
  }

  /// Until the master is gone.
  void follow(int master) {
    const int yes = 1;
    setsockopt(master, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    for (;;) {
      const std::uint64_t room = std::min<std::uint64_t>(kReceiveBytes, log_bytes_ - end_ % log_bytes_);
      if (pages_) pages_->await(end_ + room);
      const ssize_t got = recv(master, log_ + end_ % log_bytes_, room, 0);
      if (got <= 0) return;
      end_ += static_cast<std::uint64_t>(got);
      index();
      if (send(master, &end_, sizeof end_, MSG_NOSIGNAL) != sizeof end_) return;
    }
  }

 private:
  /// Makes the entries of the records that are whole. A size of 0, or no room for one: the log goes on at its start.
  void index() {
    while (indexed_ + kSizeField <= end_) {
      const char* const record = log_ + indexed_ % log_bytes_;
      const std::uint64_t room = log_bytes_ - indexed_ % log_bytes_;
      const std::uint32_t size = room < kSizeField ? 0 : read_u32(record);
      if (size == 0) {
        indexed_ += room;
        continue;
      }
      if (end_ - indexed_ < size) return;
      Queue& queue = queues_[read_u32(record + 12) % kQueues];
      queue.entries[queue.end++ % kEntries] = {indexed_, size, hash_of_tag(record, size)};
      indexed_ += size;
    }
  }

  static std::int32_t hash_of_tag(const char* record, std::uint32_t size) {
    const std::size_t body = read_u32(record + 84);
    const std::size_t topic = static_cast<unsigned char>(record[88 + body]);
    std::string_view properties(record + 91 + body + topic, size - 91 - body - topic);
    return tenon::bench::hash_of_tag(properties);
  }

  static constexpr std::uint64_t kReceiveBytes = 256 * 1024, kSizeField = 4;
  struct Queue {
    std::vector<Entry> entries = std::vector<Entry>(kEntries);
    std::uint64_t end = 0;
  };
  const std::uint64_t log_bytes_;
  int file_;
  std::unique_ptr<PageMaker> pages_;  ///< Only of a log that is kept.
  char* log_ = nullptr;
  std::uint64_t end_ = 0, indexed_ = 0;
  std::array<Queue, kQueues> queues_;
};

}  // namespace

int main(int argc, char** argv) {
  MiniSlave slave(argc > 2 ? argv[2] : "tenon-mini-slave.log", argc > 3 && std::string_view(argv[3]) == "keep");
  const int listener = tenon::bench::listen_on_loopback(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  for (;;) {
    const int master = accept(listener, nullptr, nullptr);
    if (master < 0) return 1;
    slave.follow(master);
    close(master);
  }
}
