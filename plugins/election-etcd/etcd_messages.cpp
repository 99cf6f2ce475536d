// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_messages.hpp"

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/json.hpp>
#include <charconv>

#include "tenon/text.hpp"

namespace tenon::election_etcd {
namespace {

namespace json = boost::json;
namespace base64 = boost::beast::detail::base64;

std::string encoded(std::string_view bytes) {
  std::string out(base64::encoded_size(bytes.size()), '\0');
  out.resize(base64::encode(out.data(), bytes.data(), bytes.size()));
  return out;
}

/// decoded_size() leaves out the bytes of a last group that is not padded, and decode() writes them.
std::string decoded(std::string_view text_of_bytes) {
  std::string out(base64::decoded_size(text_of_bytes.size()) + 3, '\0');
  out.resize(base64::decode(out.data(), text_of_bytes.data(), text_of_bytes.size()).first);
  return out;
}

/// The number in a member that the gateway writes as a string; 0 when it is missing, as protobuf leaves zeros out.
std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return 0;
  std::int64_t number = 0;
  const std::string_view digits = value->get_string();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? decoded(value->get_string()) : std::string();
}

/// Takes the next number off the front; nothing is left of a text without one.
std::int64_t take_number(std::string_view& from) {
  std::int64_t number = 0;
  from.remove_prefix(std::min(from.find_first_not_of(' '), from.size()));
  const auto end = std::from_chars(from.data(), from.data() + from.size(), number).ptr;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()));
  return number;
}

Result<json::object> object_in(std::string_view answer) {
  boost::system::error_code failed;
  json::value value = json::parse(answer, failed);
  if (failed || !value.is_object()) return Error(Errc::message_illegal, text("etcd answered no JSON object: ", answer));
  return std::move(value.get_object());
}

json::object put(std::string_view key, std::string_view value, std::int64_t lease) {
  json::object request{{"key", encoded(key)}, {"value", encoded(value)}};
  if (lease != 0) request["lease"] = std::to_string(lease);
  return request;
}

void take_pair(Seen& seen, std::string_view key, const json::object& pair) {
  constexpr std::string_view kMembers = "members/";
  const std::string content = text_in(pair, "value");
  std::string_view rest = content;
  if (key == "leader") {
    seen.leader = take_number(rest);
  } else if (key == "term") {
    seen.term = take_number(rest);
    seen.term_revision = number_in(pair, "mod_revision");
  } else if (key == "confirmed") {
    seen.confirmed = take_number(rest);
  } else if (key.starts_with(kMembers)) {
    key.remove_prefix(kMembers.size());
    Report report;
    report.broker_id = take_number(key);
    report.term = take_number(rest);
    report.position.epoch = take_number(rest);
    report.position.log_end = take_number(rest);
    seen.reports.push_back(report);
  }
}

}  // namespace

std::string EtcdMessages::log_in(std::string_view username, std::string_view password) {
  return json::serialize(json::object{{"name", username}, {"password", password}});
}

std::string EtcdMessages::read_all() const {
  std::string end = directory_;
  ++end.back();  // everything that begins with the directory
  return json::serialize(json::object{{"key", encoded(directory_)}, {"range_end", encoded(end)}});
}

std::string EtcdMessages::grant(std::chrono::milliseconds ttl) const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(ttl).count();
  return json::serialize(json::object{{"TTL", std::to_string(seconds)}});
}

std::string EtcdMessages::lease(std::int64_t lease) const {
  return json::serialize(json::object{{"ID", std::to_string(lease)}});
}

std::string EtcdMessages::put_report(std::int64_t lease, const Report& report) const {
  const std::string value = text(report.term, ' ', report.position.epoch, ' ', report.position.log_end);
  return json::serialize(put(text(directory_, "members/", report.broker_id), value, lease));
}

std::string EtcdMessages::note_confirmed(std::int64_t broker_id, std::int64_t confirmed) const {
  json::array compare, success;
  compare.push_back(json::object{{"key", encoded(directory_ + "leader")},
                                 {"target", "VALUE"},
                                 {"result", "EQUAL"},
                                 {"value", encoded(std::to_string(broker_id))}});
  success.push_back(json::object{{"request_put", put(directory_ + "confirmed", std::to_string(confirmed), 0)}});
  return json::serialize(json::object{{"compare", std::move(compare)}, {"success", std::move(success)}});
}

std::string EtcdMessages::campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen,
                                   std::int64_t term) const {
  const std::string leader = directory_ + "leader", last_term = directory_ + "term";
  json::array compare;
  compare.push_back(
      json::object{{"key", encoded(leader)}, {"target", "CREATE"}, {"result", "EQUAL"}, {"create_revision", "0"}});
  compare.push_back(json::object{{"key", encoded(last_term)},
                                 {"target", "MOD"},
                                 {"result", "EQUAL"},
                                 {"mod_revision", std::to_string(seen.term_revision)}});
  json::array success;
  success.push_back(json::object{{"request_put", put(leader, std::to_string(broker_id), lease)}});
  success.push_back(json::object{{"request_put", put(last_term, std::to_string(term), 0)}});
  return json::serialize(json::object{{"compare", std::move(compare)}, {"success", std::move(success)}});
}

Result<Seen> EtcdMessages::seen_in(std::string_view answer) const {
  const auto object = object_in(answer);
  if (!object) return object.error();
  Seen seen;
  // An empty directory has one, too; without it this is not etcd, and "nobody leads" must not be read out of it.
  if (object->if_contains("header") == nullptr) return Error(Errc::message_illegal, text("etcd answered ", answer));
  const json::value* pairs = object->if_contains("kvs");
  if (pairs == nullptr || !pairs->is_array()) return seen;
  for (const json::value& one : pairs->get_array()) {
    if (!one.is_object()) continue;
    const std::string key = text_in(one.get_object(), "key");
    if (key.starts_with(directory_)) take_pair(seen, std::string_view(key).substr(directory_.size()), one.get_object());
  }
  return seen;
}

Result<std::string> EtcdMessages::token_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  const json::value* token = object->if_contains("token");
  if (token == nullptr || !token->is_string()) return Error(Errc::message_illegal, "etcd gave the user no token");
  return std::string(token->get_string());
}

Result<std::int64_t> EtcdMessages::granted_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  const std::int64_t lease = number_in(*object, "ID");
  if (lease == 0) return Error(Errc::message_illegal, text("etcd gave no lease: ", answer));
  return lease;
}

Status EtcdMessages::kept_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  const json::value* result = object->if_contains("result");
  if (result == nullptr || !result->is_object()) return Error(Errc::message_illegal, text("etcd answered ", answer));
  if (number_in(result->get_object(), "TTL") > 0) return {};
  return Error(Errc::query_not_found, "the lease is over");
}

Result<bool> EtcdMessages::won_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  if (object->if_contains("header") == nullptr) return Error(Errc::message_illegal, text("etcd answered ", answer));
  const json::value* succeeded = object->if_contains("succeeded");
  return succeeded != nullptr && succeeded->is_bool() && succeeded->get_bool();
}

}  // namespace tenon::election_etcd
