// SPDX-License-Identifier: Apache-2.0
#include "fake_classic_master.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "record/layout.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using remoting::RequestCode;

/// As often as a slave hears of it.
constexpr int kTurnMs = 20;
constexpr std::size_t kBatchBytes = 32 * 1024;

std::pair<int, HostAddress> listen_anywhere() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::listen(listener, 16);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return {listener, HostAddress::parse(text("127.0.0.1:", ntohs(address.sin_port))).value()};
}

bool is_readable(int socket, int timeout_ms) {
  pollfd waits{socket, POLLIN, 0};
  return ::poll(&waits, 1, timeout_ms) > 0;
}

}  // namespace

FakeClassicMaster::FakeClassicMaster(const HostAddress& name_server, Disk disk)
    : disk_(std::move(disk)),
      server_([this](const client::Reply& request) { return answer(request); }),
      registration_(name_server) {
  std::tie(listener_, ha_address_) = listen_anywhere();
  const auto registered = registration_.call(RequestCode::register_broker, {{"brokerName", "broker-a"},
                                                                            {"brokerAddr", server_.address()},
                                                                            {"clusterName", "DefaultCluster"},
                                                                            {"haServerAddr", ha_address_.to_string()},
                                                                            {"brokerId", "0"}});
  if (registered.code != 0) throw std::runtime_error(registered.remark.value_or("not registered"));
  thread_ = std::thread([this] { serve_log(); });
}

FakeClassicMaster::~FakeClassicMaster() {
  ends_ = true;
  thread_.join();
  ::close(listener_);
}

void FakeClassicMaster::come_back_with(Disk disk) {
  {
    const std::scoped_lock lock(mutex_);
    disk_ = std::move(disk);
    ++version_;
    ++starts_;
  }
  server_.hang_up();
}

/// One slave at a time.
void FakeClassicMaster::serve_log() {
  while (!ends_) {
    if (!is_readable(listener_, kTurnMs)) continue;
    const int slave = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    serve_slave(slave);
    ::close(slave);
  }
}

/// Says nothing before the slave has said where its log ends; -1 is kept for nothing.
void FakeClassicMaster::serve_slave(int slave) {
  const int start = starts_;
  std::optional<std::size_t> next;
  while (!ends_ && start == starts_) {
    if (is_readable(slave, kTurnMs)) {
      std::array<std::byte, 8> report;
      if (::recv(slave, report.data(), report.size(), MSG_WAITALL) != static_cast<ssize_t>(report.size())) return;
      const auto end = record::load_big<std::int64_t>(report.data());
      if (end >= 0 && !next) next = static_cast<std::size_t>(end);
    }
    if (next && !send_more(slave, start, *next)) return;
  }
}

/// A connection never outlives its process, so it sends of one disk only.
bool FakeClassicMaster::send_more(int slave, int start, std::size_t& next) {
  std::string frame(12, '\0');
  {
    const std::scoped_lock lock(mutex_);
    if (start != starts_) return false;
    if (next < disk_.log.size()) frame += disk_.log.substr(next, kBatchBytes);
  }
  record::store_big(reinterpret_cast<std::byte*>(frame.data()), static_cast<std::int64_t>(next));
  record::store_big(reinterpret_cast<std::byte*>(frame.data()) + 8, static_cast<std::int32_t>(frame.size() - 12));
  next += frame.size() - 12;
  return ::send(slave, frame.data(), frame.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(frame.size());
}

std::optional<client::Reply> FakeClassicMaster::answer(const client::Reply& request) {
  if (answers_nobody_) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  switch (static_cast<RequestCode>(request.code)) {
    case RequestCode::get_all_topic_config: {
      std::string table;
      for (const std::string& topic : disk_.topics)
        table += text(table.empty() ? "" : ",", '"', topic, R"(":{"topicName":")", topic,
                      R"(","readQueueNums":4,"writeQueueNums":4,"perm":6})");
      return client::success({},
                             text(R"({"dataVersion":{"counter":)", version_, R"(},"topicConfigTable":{)", table, "}}"));
    }
    case RequestCode::get_all_subscriptiongroup_config:
      return client::success({}, R"({"subscriptionGroupTable":{}})");
    case RequestCode::get_all_consumer_offset:
      return client::success({}, R"({"offsetTable":{}})");
    case RequestCode::view_message_by_id:
      return record_at(request.number("offset", -1));
    default:
      return client::refusal(3, "not supported");
  }
}

/// As Java's: the size is believed that stands there.
client::Reply FakeClassicMaster::record_at(std::int64_t offset) const {
  const auto begin = static_cast<std::size_t>(offset);
  if (offset >= 0 && begin + sizeof(std::int32_t) <= disk_.log.size()) {
    const auto size = record::load_big<std::int32_t>(reinterpret_cast<const std::byte*>(disk_.log.data()) + begin);
    if (size > 0 && begin + static_cast<std::size_t>(size) <= disk_.log.size())
      return client::success({}, disk_.log.substr(begin, static_cast<std::size_t>(size)));
  }
  return client::refusal(1, text("can not find message by the offset, ", offset));
}

}  // namespace tenon::e2e
