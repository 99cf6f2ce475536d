// SPDX-License-Identifier: Apache-2.0
#include "election-etcd/etcd_messages.hpp"

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "tenon/text.hpp"

namespace tenon::election_etcd {
namespace {

namespace base64 = boost::beast::detail::base64;
using fastjson::Value;
using fastjson::Writer;

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
std::int64_t number_in(const Value& object, std::string_view name) { return object.i64_or(name, 0); }

std::string text_in(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr ? decoded(value->as_string().value_or("")) : std::string();
}

/// Takes the next number off the front; nothing is left of a text without one.
std::int64_t take_number(std::string_view& from) {
  std::int64_t number = 0;
  from.remove_prefix(std::min(from.find_first_not_of(' '), from.size()));
  const auto end = std::from_chars(from.data(), from.data() + from.size(), number).ptr;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()));
  return number;
}

Result<Value> object_in(std::string_view answer) {
  auto value = fastjson::parse(answer, {}, fastjson::References::none);
  if (!value || !value->is_object())
    return Error(Errc::message_illegal, text("etcd answered no JSON object: ", answer));
  return value;
}

/// At the end of a report.
constexpr std::string_view kDrained = " drained";

using Texts = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// An object whose members are texts.
std::string object_of(Texts members) {
  std::string out;
  Writer json(out);
  json.begin_object();
  for (const auto& [name, value] : members) json.member(name, value);
  json.end_object();
  return out;
}

std::string put(std::string_view key, std::string_view value, std::int64_t lease) {
  if (lease == 0) return object_of({{"key", encoded(key)}, {"value", encoded(value)}});
  return object_of({{"key", encoded(key)}, {"value", encoded(value)}, {"lease", std::to_string(lease)}});
}

/// Makes all `puts` if all that is compared holds, else nothing.
std::string transaction(std::initializer_list<std::string> compare, std::initializer_list<std::string> puts) {
  std::string out;
  Writer json(out);
  json.begin_object().key("compare").begin_array();
  for (const std::string& one : compare) json.raw(one);
  json.end_array().key("success").begin_array();
  for (const std::string& one : puts) json.begin_object().key("request_put").raw(one).end_object();
  json.end_array().end_object();
  return out;
}

void take_pair(Seen& seen, std::string_view key, const Value& pair) {
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
    report.drained = rest == kDrained;
    seen.reports.push_back(report);
  }
}

}  // namespace

std::string EtcdMessages::log_in(std::string_view username, std::string_view password) {
  return object_of({{"name", username}, {"password", password}});
}

std::string EtcdMessages::read_all() const {
  std::string end = directory_;
  ++end.back();  // everything that begins with the directory
  return object_of({{"key", encoded(directory_)}, {"range_end", encoded(end)}});
}

std::string EtcdMessages::grant(std::chrono::milliseconds ttl) const {
  return object_of({{"TTL", std::to_string(std::chrono::ceil<std::chrono::seconds>(ttl).count())}});
}

std::string EtcdMessages::lease(std::int64_t lease) const { return object_of({{"ID", std::to_string(lease)}}); }

std::string EtcdMessages::put_report(std::int64_t lease, const Report& report) const {
  const std::string value =
      text(report.term, ' ', report.position.epoch, ' ', report.position.log_end, report.drained ? kDrained : "");
  return put(text(directory_, "members/", report.broker_id), value, lease);
}

std::string EtcdMessages::note_confirmed(std::int64_t broker_id, std::int64_t confirmed) const {
  const std::string this_one_leads = object_of({{"key", encoded(directory_ + "leader")},
                                                {"target", "VALUE"},
                                                {"result", "EQUAL"},
                                                {"value", encoded(std::to_string(broker_id))}});
  return transaction({this_one_leads}, {put(directory_ + "confirmed", std::to_string(confirmed), 0)});
}

std::string EtcdMessages::campaign(std::int64_t lease, std::int64_t broker_id, const Seen& seen,
                                   std::int64_t term) const {
  const std::string leader = directory_ + "leader", last_term = directory_ + "term";
  const std::string nobody_leads =
      object_of({{"key", encoded(leader)}, {"target", "CREATE"}, {"result", "EQUAL"}, {"create_revision", "0"}});
  const std::string nobody_led_since = object_of({{"key", encoded(last_term)},
                                                  {"target", "MOD"},
                                                  {"result", "EQUAL"},
                                                  {"mod_revision", std::to_string(seen.term_revision)}});
  return transaction({nobody_leads, nobody_led_since},
                     {put(leader, std::to_string(broker_id), lease), put(last_term, std::to_string(term), 0)});
}

Result<Seen> EtcdMessages::seen_in(std::string_view answer) const {
  const auto object = object_in(answer);
  if (!object) return object.error();
  Seen seen;
  // An empty directory has one, too; without it this is not etcd, and "nobody leads" must not be read out of it.
  if (object->find("header") == nullptr) return Error(Errc::message_illegal, text("etcd answered ", answer));
  const Value* pairs = object->find("kvs");
  if (pairs == nullptr) return seen;
  for (const Value& one : pairs->elements()) {
    const std::string key = text_in(one, "key");
    if (key.starts_with(directory_)) take_pair(seen, std::string_view(key).substr(directory_.size()), one);
  }
  return seen;
}

Result<std::string> EtcdMessages::token_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  const Value* token = object->find("token");
  if (token == nullptr || !token->is_string()) return Error(Errc::message_illegal, "etcd gave the user no token");
  return std::string(*token->as_string());
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
  const Value* result = object->find("result");
  if (result == nullptr || !result->is_object()) return Error(Errc::message_illegal, text("etcd answered ", answer));
  if (number_in(*result, "TTL") > 0) return {};
  return Error(Errc::query_not_found, "the lease is over");
}

Result<bool> EtcdMessages::won_in(std::string_view answer) {
  const auto object = object_in(answer);
  if (!object) return object.error();
  if (object->find("header") == nullptr) return Error(Errc::message_illegal, text("etcd answered ", answer));
  return object->bool_or("succeeded", false);
}

}  // namespace tenon::election_etcd
