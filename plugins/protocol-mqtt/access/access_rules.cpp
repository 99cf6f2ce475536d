// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/access/access_rules.hpp"

#include "mqtt/topic.hpp"
#include "protocol-mqtt/access/text_lines.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// The first word and, behind the blanks, everything else.
std::pair<std::string_view, std::string_view> first_word(std::string_view text) {
  const std::size_t end = text.find_first_of(" \t");
  if (end == std::string_view::npos) return {text, {}};
  const std::size_t next = text.find_first_not_of(" \t", end);
  return {text.substr(0, end), next == std::string_view::npos ? std::string_view{} : text.substr(next)};
}

/// %c and %u stand for a whole level each.
std::string filled(std::string_view pattern, std::string_view client_id, std::string_view user_name) {
  std::string filter;
  bool more = true;
  while (more) {
    const std::string_view level = mqtt::take_level(pattern, more);
    filter += level == "%c" ? client_id : level == "%u" ? user_name : level;
    if (more) filter += '/';
  }
  return filter;
}

}  // namespace

Result<AccessRules::Rule> AccessRules::parse_rule(std::string_view words) {
  Rule rule;
  const auto [word, rest] = first_word(words);
  const bool known = word == "read" || word == "write" || word == "readwrite" || word == "deny";
  rule.deny = known && word == "deny";
  rule.read = !known || word == "read" || word == "readwrite";
  rule.write = !known || word == "write" || word == "readwrite";
  rule.filter = known ? rest : words;
  if (mqtt::is_valid_topic_filter(rule.filter)) return rule;
  return Error(Errc::invalid_parameter, text("'", rule.filter, "' is no topic filter"));
}

Result<AccessRules> AccessRules::parse(std::string_view text) {
  AccessRules rules;
  std::vector<Rule>* of = &rules.anonymous_;
  for (const TextLine& line : lines_of(text)) {
    const auto [word, rest] = first_word(line.text);
    const auto complain = [&](std::string_view what) {
      return Error(Errc::invalid_parameter, tenon::text("line ", line.number, ": ", what));
    };
    if (word == "user") {
      if (rest.empty()) return complain("user without a name");
      of = &rules.users_[std::string(rest)];
      continue;
    }
    if (word != "topic" && word != "pattern") return complain("expected topic, user or pattern");
    const auto rule = parse_rule(rest);
    if (!rule) return complain(rule.error().message());
    (word == "topic" ? *of : rules.patterns_).push_back(*rule);
  }
  return rules;
}

void AccessRules::judge(const Rule& rule, Access access, std::string_view filter, std::string_view topic,
                        Verdict& verdict) {
  if (verdict == Verdict::denied || !mqtt::matches(filter, topic)) return;
  if (rule.deny) verdict = Verdict::denied;
  if (!rule.deny && (access == Access::read ? rule.read : rule.write)) verdict = Verdict::granted;
}

bool AccessRules::allows(Access access, std::string_view client_id, std::string_view user_name,
                         std::string_view topic) const {
  Verdict verdict = Verdict::nothing;
  const auto own = users_.find(user_name);
  if (user_name.empty()) {
    for (const Rule& rule : anonymous_) judge(rule, access, rule.filter, topic, verdict);
  } else if (own != users_.end()) {
    for (const Rule& rule : own->second) judge(rule, access, rule.filter, topic, verdict);
  }
  if (patterns_.empty()) return verdict == Verdict::granted;
  // A name with a wildcard would turn its own level of a pattern into everybody's.
  if (mqtt::has_wildcard(client_id) || mqtt::has_wildcard(user_name)) return false;
  for (const Rule& rule : patterns_) judge(rule, access, filled(rule.filter, client_id, user_name), topic, verdict);
  return verdict == Verdict::granted;
}

}  // namespace tenon::protocol_mqtt
