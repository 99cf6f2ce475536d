// SPDX-License-Identifier: Apache-2.0
// From which length of a run on sendfile(2) costs less than a gathered write from the mapping: both engines' reads of
// the same log, sent over a TCP connection of this machine, in turning order; CPU time of the sending thread. The table
// is what `sendfile_min` was chosen from; gnuplot and awk read it as it is.
//
//   crossover_bench [--mib 64] [--rounds 5]
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "logstore/log_store.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace {

using tenon::FileSlice;
using tenon::MemorySlice;
using tenon::logstore::LogStore;
using tenon::logstore::ReadMode;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// A connection whose far end throws everything away.
class Drain {
 public:
  Drain() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, 1) != 0) die("listen");
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    descriptor_ = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), length) != 0) die("connect");
    const int accepted = accept(listener, nullptr, nullptr);
    close(listener);
    reader_ = std::thread([accepted] {
      std::vector<char> nowhere(1 << 20);
      // MSG_TRUNC: the bytes are dropped without a copy, so that the other core is mostly idle.
      while (recv(accepted, nowhere.data(), nowhere.size(), MSG_TRUNC) > 0) {
      }
      close(accepted);
    });
  }
  ~Drain() {
    close(descriptor_);
    reader_.join();
  }
  void send(const MemorySlice& slice) const {
    iovec part{const_cast<std::byte*>(slice.bytes.data()), slice.bytes.size()};
    while (part.iov_len > 0) {
      const ssize_t sent = writev(descriptor_, &part, 1);
      if (sent <= 0) die("writev");
      part.iov_base = static_cast<std::byte*>(part.iov_base) + sent;
      part.iov_len -= static_cast<std::size_t>(sent);
    }
  }
  void send(const FileSlice& slice) const {
    off_t at = slice.offset;
    for (std::int64_t left = slice.length; left > 0;) {
      const ssize_t sent = sendfile(descriptor_, slice.descriptor, &at, static_cast<std::size_t>(left));
      if (sent <= 0) die("sendfile");
      left -= sent;
    }
  }

 private:
  int descriptor_;
  std::thread reader_;
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::unique_ptr<LogStore> open_store(const std::filesystem::path& directory, ReadMode mode) {
  tenon::logstore::StoreOptions options;
  options.directory = directory;
  options.commit_log_file_size = 256 << 20;
  options.index_enabled = false;
  options.read = mode;
  options.file_run_min = 1;
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
  auto store = std::make_unique<LogStore>(std::move(options));
  if (const tenon::Status opened = store->open(); !opened) throw tenon::Failure(opened.error());
  return store;
}

/// Each record of `run` bytes lies between two others, so that every one of them is a run of its own.
std::int64_t fill(LogStore& store, std::int64_t run, std::int64_t bytes) {
  const std::string body(static_cast<std::size_t>(std::max<std::int64_t>(run - 91 - 1, 1)), 'b');
  tenon::Message message;
  message.topic = "R";
  message.body = std::as_bytes(std::span(body));
  std::int64_t count = 0;
  for (std::int64_t written = 0; written < bytes; written += 2 * run, ++count) {
    for (message.queue_id = 0; message.queue_id < 2; ++message.queue_id) {
      if (const auto receipt = store.append(message); !receipt) throw tenon::Failure(receipt.error());
    }
  }
  return count;
}

/// CPU nanoseconds of this thread for each KiB, over all of one queue.
double cost(const LogStore& store, const Drain& drain, std::int64_t count, std::int64_t run) {
  const double begin = thread_seconds();
  for (std::int64_t at = 0; at < count;) {
    const tenon::ReadResult found = store.read({.topic = "R", .queue_id = 0, .offset = {at}, .max_messages = 32});
    for (const tenon::Slice& slice : found.records) std::visit([&](const auto& one) { drain.send(one); }, slice);
    at = found.next_queue_offset.value;
  }
  return (thread_seconds() - begin) * 1e9 * 1024 / static_cast<double>(count * run);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t mib = 64;
  int rounds = 5;
  for (int at = 1; at + 1 < argc; at += 2) {
    if (std::string_view(argv[at]) == "--mib") mib = std::atoll(argv[at + 1]);
    if (std::string_view(argv[at]) == "--rounds") rounds = std::atoi(argv[at + 1]);
  }
  std::printf("# bytes of a run   mmap ns/KiB   sendfile ns/KiB   sendfile/mmap\n");
  for (const std::int64_t run : {512, 1024, 2048, 4096, 6144, 8192, 12'288, 16'384, 32'768, 65'536, 131'072, 262'144}) {
    const tenon::logstore::testing::TemporaryDirectory directory;
    const std::int64_t count = fill(*open_store(directory.path(), ReadMode::mapping), run, mib << 20);
    std::vector<double> mapping, file;
    const Drain drain;
    for (int round = 0; round < 2 * rounds; ++round) {
      const ReadMode mode = round % 2 == 0 ? ReadMode::mapping : ReadMode::file;
      const auto store = open_store(directory.path(), mode);
      (void)cost(*store, drain, count, run);  // brings the pages in
      (mode == ReadMode::mapping ? mapping : file).push_back(cost(*store, drain, count, run));
    }
    std::printf("%16lld %13.1f %17.1f %15.2f\n", static_cast<long long>(run), median(mapping), median(file),
                median(file) / median(mapping));
    std::fflush(stdout);
  }
}
