// SPDX-License-Identifier: Apache-2.0
#include "table_changes.hpp"

#include <stdexcept>

#include "fastjson/reader.hpp"
#include "message_requests.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using remoting::RequestCode;

constexpr std::uint64_t kNames = 4;  ///< Of topics, and of groups.
constexpr const char* kAbsent = "absent";

bool is_topic(const std::string& name) { return name.front() == 'T'; }

ReceivedFrame remove(RawClient& client, const std::string& name) {
  if (is_topic(name)) return client.call(RequestCode::delete_topic_in_broker, {{"topic", name}});
  return client.call(RequestCode::delete_subscriptiongroup, {{"groupName", name}});
}

}  // namespace

void TableChanges::start(const HostAddress& broker) {
  join();
  thread_ = std::thread([this, broker] {
    RawClient client(broker);
    while (change(client)) continue;
  });
}

void TableChanges::join() {
  if (thread_.joinable()) thread_.join();
}

bool TableChanges::change(RawClient& client) {
  const Name name = text(random_() % 2 == 0 ? 'T' : 'g', random_() % kNames);
  std::string state = kAbsent;
  const ReceivedFrame answer = random_() % 4 == 0 ? remove(client, name) : make(client, name, state);
  auto& allowed = allowed_.try_emplace(name, std::set<std::string>{kAbsent}).first->second;
  if (answer.code == 0) allowed.clear();
  allowed.insert(state);
  answered_ += answer.code == 0 ? 1 : 0;
  if (answer.code == 0 && is_topic(name) && state != kAbsent && random_() % 2 == 0) {
    (void)e2e::send_message(client, name, "one that a deletion takes away");
  }
  return answer.code != -1 && answer.code != 14;
}

ReceivedFrame TableChanges::make(RawClient& client, const Name& name, std::string& state) {
  if (!is_topic(name)) {
    const std::string retries = std::to_string(random_() % 100);
    state = text("retries ", retries);
    const std::string body = text(R"({"groupName":")", name, R"(","retryMaxTimes":)", retries, "}");
    return client.call(RequestCode::update_and_create_subscriptiongroup, {}, body);
  }
  const std::string queues = std::to_string(1 + random_() % 9), perm = random_() % 2 == 0 ? "4" : "6";
  const std::string order = random_() % 2 == 0 ? "true" : "false";
  state = text(queues, " queues, perm ", perm, ", order ", order);
  return e2e::put_topic(client, name, {.queues = queues, .perm = perm, .order = order});
}

std::string TableChanges::state_of(RawClient& client, const Name& name) {
  const ReceivedFrame answer = is_topic(name)
                                   ? client.call(RequestCode::get_topic_config, {{"topic", name}})
                                   : client.call(RequestCode::get_subscriptiongroup_config, {{"group", name}});
  if (answer.code == -1) return "not to be asked";
  if (answer.code != 0) return kAbsent;
  const fastjson::Value json = fastjson::parse(answer.body).value();
  if (!is_topic(name)) return text("retries ", json.i64_or("retryMaxTimes", -1));
  return text(json.i64_or("readQueueNums", -1), " queues, perm ", json.i64_or("perm", -1), ", order ",
              json.bool_or("order", false) ? "true" : "false");
}

std::string TableChanges::compare_with(const HostAddress& broker) const {
  RawClient client(broker);
  for (const auto& [name, allowed] : allowed_) {
    const std::string state = state_of(client, name);
    if (!allowed.contains(state)) return text(name, " is '", state, "' and was answered '", *allowed.begin(), "'");
  }
  return {};
}

std::string TableChanges::settle(const HostAddress& master, const HostAddress& slave) try {
  RawClient at_master(master), at_slave(slave);
  for (auto& [name, allowed] : allowed_) {
    const std::string state = state_of(at_master, name), copied = state_of(at_slave, name);
    if (copied != state) return text(name, " is '", state, "' at the master and '", copied, "' at the slave");
    if (!allowed.contains(state)) return text(name, " is '", state, "' and was answered '", *allowed.begin(), "'");
    allowed = {state};
  }
  return {};
} catch (const std::runtime_error& failed) {
  return failed.what();  // one has just ended
}

}  // namespace tenon::fault
