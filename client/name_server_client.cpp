// SPDX-License-Identifier: Apache-2.0
#include "client/name_server_client.hpp"

#include "client/reply_error.hpp"
#include "fastjson/reader.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(";,"), list.size());
    if (end > 0) parts.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

}  // namespace

NameServerClient::NameServerClient(RemotingClient& remoting, std::string_view addresses, Milliseconds timeout)
    : remoting_(remoting), addresses_(split(addresses)), timeout_(timeout) {}

Result<Reply> NameServerClient::call(const Request& request) {
  if (addresses_.empty()) return Error(Errc::invalid_parameter, "no name server is given");
  Error last;
  for (std::size_t attempt = 0; attempt < addresses_.size(); ++attempt) {
    std::size_t chosen;
    {
      const std::lock_guard lock(mutex_);
      chosen = chosen_;
    }
    auto reply = remoting_.call(addresses_[chosen], request, timeout_);
    if (reply) return reply;
    const char* const question = reply.error().is(Errc::disconnected) ? " (is a name server running there?)" : "";
    last = Error(reply.error().code(), text("name server: ", reply.error().message(), question));
    const std::lock_guard lock(mutex_);
    if (chosen_ == chosen) chosen_ = (chosen_ + 1) % addresses_.size();
  }
  return last;
}

Result<TopicRoute> NameServerClient::route_of(std::string_view topic) {
  Request request(RequestCode::get_routeinfo_by_topic);
  request.field("topic", topic).field("acceptStandardJsonOnly", true);
  const auto reply = call(request);
  if (!reply) return reply.error();
  if (!reply->ok()) return error_of(*reply, text("route of topic ", topic));
  return parse_topic_route(reply->body);
}

Result<std::vector<std::string>> NameServerClient::topics() {
  const auto reply = call(Request(RequestCode::get_all_topic_list_from_nameserver));
  if (!reply) return reply.error();
  if (!reply->ok()) return error_of(*reply, "list topics");
  const auto parsed = fastjson::parse(std::string_view(reply->body));
  if (!parsed) return parsed.error();
  std::vector<std::string> topics;
  if (const fastjson::Value* list = parsed->find("topicList")) {
    for (const auto& topic : list->elements()) topics.push_back(topic.as_text().value_or(""));
  }
  return topics;
}

Result<std::vector<BrokerData>> NameServerClient::brokers() {
  const auto reply = call(Request(RequestCode::get_broker_cluster_info));
  if (!reply) return reply.error();
  if (!reply->ok()) return error_of(*reply, "list brokers");
  const auto parsed = fastjson::parse(std::string_view(reply->body));
  if (!parsed) return parsed.error();
  std::vector<BrokerData> brokers;
  const fastjson::Value* table = parsed->find("brokerAddrTable");
  if (table == nullptr) return brokers;
  for (const auto& member : table->members()) brokers.push_back(parse_broker_data(member.value));
  return brokers;
}

Status NameServerClient::delete_topic(std::string_view topic) {
  Status outcome;
  for (const std::string& address : addresses_) {
    Request request(RequestCode::delete_topic_in_namesrv);
    request.field("topic", topic);
    const auto reply = remoting_.call(address, request, timeout_);
    if (outcome && !reply) outcome = reply.error();
    if (outcome && reply && !reply->ok())
      outcome = error_of(*reply, text("delete topic ", topic, " at name server ", address));
  }
  return outcome;
}

}  // namespace tenon::client
