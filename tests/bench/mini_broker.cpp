// SPDX-License-Identifier: Apache-2.0
// A throw-away broker: the practical limit that Tenon is measured against. It really parses the JSON header, computes
// the CRC, appends RocketMQ's record and consume-queue entry and answers as a broker does, but has one topic, no
// tables, no access control, no statistics, no recovery, and a log that wraps around: it writes over the same 256 MiB
// again and again. With `keep` it keeps what it was given, as a broker must: its log grows into pages that are made for
// it. With a tenon_mini_slave it sends that one what a wake has appended, and its answers once the slave has it.
// Never use it for anything but measuring.
// Usage: tenon_mini_broker [PORT [LOG_FILE [wrap|sync|keep [SLAVE_HOST:PORT]]]]
#include <fcntl.h>
#include <sys/mman.h>
#include <zlib.h>

#include <charconv>
#include <chrono>
#include <cstring>

#include "frame_server.hpp"
#include "mini_log.hpp"
#include "page_maker.hpp"
#include "replica_link.hpp"
#ifdef TENON_ISAL
#include <isa-l.h>
#endif

namespace {

using tenon::bench::Connection;
using tenon::bench::Entry;
using tenon::bench::kEntries;
using tenon::bench::kQueues;
using tenon::bench::kWrappingBytes;
using tenon::bench::PageMaker;
using tenon::bench::put;
using tenon::bench::read_u32;
using tenon::bench::ReplicaLink;

struct Waiter {
  Connection* connection;
  std::int32_t opaque;
  std::uint64_t offset;
};
struct Queue {
  std::vector<Entry> entries = std::vector<Entry>(kEntries);
  std::uint64_t end = 0;
  std::vector<Waiter> waiters;
};

/// The members of a request header that the mini broker reads, found bytewise in one pass.
struct Header {
  std::int32_t code = 0, opaque = 0;
  std::int64_t born = 0, offset = 0, max = 0, suspend = 0;
  std::uint32_t queue = 0, sys_flag = 0, flag = 0;
  bool batch = false;
  std::string_view topic, properties;
};

template <class Number>
void number(std::string_view value, Number& out) {
  const bool negative = value.starts_with('-');
  Number found = 0;
  for (std::size_t i = negative ? 1 : 0; i < value.size() && value[i] >= '0' && value[i] <= '9'; ++i) {
    found = static_cast<Number>(found * 10 + static_cast<Number>(value[i] - '0'));
  }
  out = negative ? static_cast<Number>(0 - found) : found;
}

void take_field(Header& header, std::string_view name, std::string_view value) {
  if (name.size() == 1) switch (name[0]) {
      case 'b':
        header.topic = value;
        return;
      case 'e':
        return number(value, header.queue);
      case 'f':
        return number(value, header.sys_flag);
      case 'g':
        return number(value, header.born);
      case 'h':
        return number(value, header.flag);
      case 'i':
        header.properties = value;
        return;
      case 'm':
        header.batch = value == "true";
        return;
      default:
        return;
    }
  if (name == "code") return number(value, header.code);
  if (name == "opaque") return number(value, header.opaque);
  if (name == "queueId") return number(value, header.queue);
  if (name == "queueOffset") return number(value, header.offset);
  if (name == "maxMsgNums") return number(value, header.max);
  if (name == "suspendTimeoutMillis") return number(value, header.suspend);
}

Header parse(std::string_view json) {
  Header header;
  std::string_view name;
  bool value_next = false;
  const char *at = json.data(), *const end = at + json.size();
  for (; at < end; ++at) {
    if (*at == '"') {
      const char* const begin = ++at;
      for (; at < end && *at != '"'; ++at) {
        if (*at == '\\') ++at;
      }
      const std::string_view text(begin, static_cast<std::size_t>(std::min(at, end) - begin));
      if (value_next)
        take_field(header, name, text);
      else
        name = text;
      value_next = false;
    } else if (*at == ':') {
      value_next = true;
    } else if (*at == '{') {
      value_next = false;
    } else if (value_next) {
      const char* const begin = at;
      while (at + 1 < end && at[1] != ',' && at[1] != '}') ++at;
      take_field(header, name, {begin, static_cast<std::size_t>(at + 1 - begin)});
      value_next = false;
    }
  }
  header.queue %= kQueues;
  return header;
}

unsigned hex_digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15; }

/// Undoes JSON's escapes as far as properties need them: \u00XX, \", \\.
char* unescape(char* to, std::string_view json) {
  while (!json.empty()) {
    const std::size_t plain = std::min(json.find('\\'), json.size());
    to = static_cast<char*>(std::memcpy(to, json.data(), plain)) + plain;
    json.remove_prefix(plain);
    if (json.size() >= 6 && json[1] == 'u') {
      *to++ = static_cast<char>(hex_digit(json[4]) << 4 | hex_digit(json[5]));
      json.remove_prefix(6);
    } else if (json.size() >= 2) {
      *to++ = json[1];
      json.remove_prefix(2);
    } else {
      return to;
    }
  }
  return to;
}

std::uint32_t crc32_of(std::string_view body) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
#ifdef TENON_ISAL
  return crc32_gzip_refl(0, bytes, body.size()) & 0x7FFFFFFF;
#else
  return static_cast<std::uint32_t>(crc32(0, bytes, static_cast<unsigned>(body.size()))) & 0x7FFFFFFF;
#endif
}

enum class LogKind { wraps, syncs, keeps };

class MiniBroker {
 public:
  MiniBroker(const char* file, LogKind kind)
      : log_bytes_(kind == LogKind::keeps ? PageMaker::kLogBytes : kWrappingBytes),
        queues_(kQueues),
        file_(tenon::bench::open_log(file)) {
    if (kind != LogKind::keeps && posix_fallocate(file_, 0, kWrappingBytes) != 0) std::perror(file), std::exit(1);
    const bool sync = kind == LogKind::syncs;
    log_ = tenon::bench::map_log(sync ? -1 : file_, log_bytes_);
    if (kind == LogKind::keeps)
      pages_ = std::make_unique<PageMaker>(file_);
    else
      madvise(log_, log_bytes_, MADV_POPULATE_WRITE);
    if (sync) write_out(0, log_bytes_);  // zeros: a flush must not allocate
  }

  /// Group commit in the simplest form: everything of one wake, before its answers.
  void flush() {
    hand_out(flushed_, [&](std::uint64_t from, std::uint64_t to) { write_out(from, to); });
  }

  /// Sends the slave everything of one wake. Returns the end of it.
  std::uint64_t replicate(ReplicaLink& slave) {
    hand_out(replicated_, [&](std::uint64_t from, std::uint64_t to) { slave.send(log_ + from, to - from); });
    return end_;
  }

  template <class Server>
  void serve(Server& server, Connection& connection, std::string_view frame) {
    const std::size_t length = std::min<std::size_t>(read_u32(frame.data()) & 0xFFFFFF, frame.size() - 4);
    const Header header = parse(frame.substr(4, length));
    const std::string_view body = frame.substr(4 + length);
    server.answer_later(connection);
    switch (header.code) {
      case 310:
      case 320:
        return send(server, connection, header, body);
      case 11:
        return pull(connection, header);
      case 30:
        return answer_offset(connection, header, queues_[header.queue].end);
      case 31:
        return answer_offset(connection, header, oldest(queues_[header.queue]));
      default:
        return answer(connection.out, header.opaque, 0, "", {});
    }
  }

  void forget(Connection& connection) {
    for (Queue& queue : queues_)
      std::erase_if(queue.waiters, [&](const Waiter& waiter) { return waiter.connection == &connection; });
  }

 private:
  std::uint64_t in_log(std::uint64_t position) const { return position & (log_bytes_ - 1); }

  /// What the log has got since `position`, as ranges of the file.
  template <class Out>
  void hand_out(std::uint64_t& position, Out out) {
    if (in_log(position) > in_log(end_) || end_ - position >= log_bytes_) {
      out(in_log(position), log_bytes_);
      position = end_ - in_log(end_);
    }
    out(in_log(position), in_log(end_));
    position = end_;
  }

  void write_out(std::uint64_t from, std::uint64_t to) {
    if (from == to) return;
    const auto size = static_cast<std::size_t>(to - from);
    const ssize_t wrote = pwrite(file_, log_ + from, size, static_cast<off_t>(from));
    if (wrote != static_cast<ssize_t>(size) || fdatasync(file_) != 0) std::perror("write"), std::exit(1);
  }

  static std::uint64_t oldest(const Queue& queue) { return queue.end > kEntries ? queue.end - kEntries : 0; }

  void wrap() {
    const std::uint64_t rest = log_bytes_ - in_log(end_);
    if (rest >= 4) std::memset(log_ + in_log(end_), 0, 4);  // a slave must not take it for a record
    end_ += rest;
  }

  std::string_view append(const Header& header, std::string_view body, std::string_view properties, std::int64_t now) {
    const std::size_t size = 91 + body.size() + header.topic.size() + properties.size();
    if (in_log(end_) + size > log_bytes_) wrap();
    if (pages_) pages_->await(end_ + size);
    Queue& queue = queues_[header.queue];
    queue.entries[queue.end % kEntries] = {end_, static_cast<std::uint32_t>(size),
                                           tenon::bench::hash_of_tag(properties)};
    char* to = log_ + in_log(end_);
    const std::string_view record(to, size);
    put(to, static_cast<std::uint32_t>(size));
    put(to, std::uint32_t{0xDAA320A7});
    put(to, crc32_of(body));
    put(to, header.queue);
    put(to, header.flag);
    put(to, queue.end++);
    put(to, end_);
    put(to, header.sys_flag);
    put(to, header.born);
    put(to, std::uint64_t{0x7F00000100000000});  // 127.0.0.1
    put(to, now);
    put(to, std::uint64_t{0x7F00000100002A9F});
    put(to, std::uint32_t{0});
    put(to, std::uint64_t{0});
    put(to, static_cast<std::uint32_t>(body.size()));
    to = static_cast<char*>(std::memcpy(to, body.data(), body.size())) + body.size();
    put(to, static_cast<std::uint8_t>(header.topic.size()));
    to = static_cast<char*>(std::memcpy(to, header.topic.data(), header.topic.size())) + header.topic.size();
    put(to, static_cast<std::uint16_t>(properties.size()));
    std::memcpy(to, properties.data(), properties.size());
    end_ += size;
    return record;
  }

  template <class Server>
  void send(Server& server, Connection& connection, const Header& header, std::string_view body) {
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    char properties[4096];
    const std::string_view props(
        properties, static_cast<std::size_t>(unescape(properties, header.properties.substr(0, 4096)) - properties));
    const std::uint64_t first = queues_[header.queue].end;
    ids_.clear();
    if (!header.batch) add_id(append(header, body, props, now));
    while (header.batch && body.size() >= 22) {
      const std::size_t size = std::min<std::size_t>(read_u32(body.data()), body.size());
      const std::size_t length = std::min<std::size_t>(read_u32(body.data() + 16), body.size() - 22);
      if (size < 22 + length) break;
      add_id(append(header, body.substr(20, length), body.substr(22 + length, size - 22 - length), now));
      body.remove_prefix(size);
    }
    const std::size_t key = props.find(std::string_view("UNIQ_KEY\x01", 9));
    char extra[4096 + 256];
    char* to = extra;
    to = text(text(text(to, R"("queueId":")"), header.queue), R"(","transactionId":")");
    if (key != std::string_view::npos) to = text(to, props.substr(key + 9, 32));
    to = text(text(to, R"(","msgId":")"), ids_);
    to = text(text(text(to, R"(","TRACE_ON":"true","MSG_REGION":"DefaultRegion","queueOffset":")"), first), "\"");
    answer(connection.out, header.opaque, 0, {extra, static_cast<std::size_t>(to - extra)}, {});
    wake(server, queues_[header.queue]);
  }

  void add_id(std::string_view record) {
    char id[34] = ",7F00000100002A9F0000000000000000";
    std::uint64_t physical = __builtin_bswap64(*reinterpret_cast<const std::uint64_t*>(record.data() + 28));
    for (int i = 32; i > 16; --i, physical >>= 4) id[i] = "0123456789ABCDEF"[physical & 15];
    if (ids_.size() < 3900) ids_.append(id + (ids_.empty() ? 1 : 0), id + 33);
  }

  static char* text(char* to, std::string_view value) {
    return static_cast<char*>(std::memcpy(to, value.data(), value.size())) + value.size();
  }
  static char* text(char* to, std::uint64_t value) { return std::to_chars(to, to + 20, value).ptr; }

  template <class Server>
  void wake(Server& server, Queue& queue) {
    for (const Waiter& waiter : queue.waiters) {
      Header header;
      header.opaque = waiter.opaque;
      header.queue = static_cast<std::uint32_t>(&queue - queues_.data());
      header.offset = static_cast<std::int64_t>(waiter.offset);
      header.max = 32;
      pull(*waiter.connection, header);
      server.answer_later(*waiter.connection);
    }
    queue.waiters.clear();
  }

  void pull(Connection& connection, const Header& header) {
    Queue& queue = queues_[header.queue];
    const auto offset = static_cast<std::uint64_t>(header.offset);
    if (offset >= queue.end && header.suspend > 0)
      return queue.waiters.push_back({&connection, header.opaque, queue.end});
    std::uint64_t next = std::max(offset, oldest(queue));
    body_.clear();
    for (std::int64_t left = header.max; left > 0 && next < queue.end; --left, ++next) {
      const Entry& entry = queue.entries[next % kEntries];
      body_.append(log_ + in_log(entry.physical), entry.size);
    }
    char extra[256];
    char* to = text(text(extra, R"("suggestWhichBrokerId":"0","groupSysFlag":"0","nextBeginOffset":")"), next);
    to = text(text(text(text(to, R"(","maxOffset":")"), queue.end), R"(","minOffset":")"), oldest(queue));
    to = text(to, R"(","topicSysFlag":"0")");
    answer(connection.out, header.opaque, body_.empty() ? 19 : 0, {extra, static_cast<std::size_t>(to - extra)}, body_);
  }

  static void answer_offset(Connection& connection, const Header& header, std::uint64_t offset) {
    char extra[64];
    char* to = text(text(text(extra, R"("offset":")"), offset), "\"");
    answer(connection.out, header.opaque, 0, {extra, static_cast<std::size_t>(to - extra)}, {});
  }

  static void answer(std::string& out, std::int32_t opaque, std::uint64_t code, std::string_view extra,
                     std::string_view body) {
    const std::size_t begin = out.size();
    out.resize(begin + 8 + extra.size() + 160 + body.size());
    char* const start = out.data() + begin;
    char* to = text(text(text(start + 8, R"({"code":)"), code), R"(,"extFields":{)");
    to = text(text(to, extra), R"(},"flag":1,"language":"JAVA","opaque":)");
    to = text(text(to, static_cast<std::uint64_t>(opaque)), R"(,"serializeTypeCurrentRPC":"JSON","version":493})");
    const auto header = static_cast<std::uint32_t>(to - start - 8);
    to = text(to, body);
    out.resize(begin + static_cast<std::size_t>(to - start));
    char* lengths = out.data() + begin;
    put(lengths, static_cast<std::uint32_t>(4 + header + body.size()));
    put(lengths, header);
  }

  const std::uint64_t log_bytes_;
  char* log_ = nullptr;
  std::uint64_t end_ = 0, flushed_ = 0, replicated_ = 0;
  std::vector<Queue> queues_;
  int file_;
  std::unique_ptr<PageMaker> pages_;  ///< Only of a log that is kept.
  std::string ids_, body_;
};

LogKind log_kind(std::string_view word) {
  return word == "sync" ? LogKind::syncs : word == "keep" ? LogKind::keeps : LogKind::wraps;
}

}  // namespace

int main(int argc, char** argv) {
  const LogKind kind = log_kind(argc > 3 ? argv[3] : "");
  MiniBroker broker(argc > 2 ? argv[2] : "tenon-mini-broker.log", kind);
  tenon::bench::FrameServer server(
      [&](auto& to, Connection& connection, std::string_view frame) { broker.serve(to, connection, frame); },
      [&](Connection& connection) { broker.forget(connection); });
  if (kind == LogKind::syncs) server.before_answers = [&] { return broker.flush(), 0; };
  std::unique_ptr<ReplicaLink> slave;
  if (argc > 4) {
    slave = std::make_unique<ReplicaLink>(argv[4]);
    server.before_answers = [&] { return broker.replicate(*slave); };
    server.watch_other(slave->descriptor(), [&] { server.release(slave->confirmed()); });
  }
  server.run(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
}
