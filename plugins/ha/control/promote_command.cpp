// SPDX-License-Identifier: Apache-2.0
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "ha/control/ha_commands.hpp"
#include "ha/control/promotion_checks.hpp"

namespace tenon::ha {
namespace {

struct Wish {
  bool force = false;
  bool only_check = false;
};

Result<Wish> wish_of(std::string_view arguments) {
  if (arguments.empty()) return Wish{};
  const auto json = fastjson::parse(arguments);
  if (!json) return json.error();
  return Wish{json->bool_or("force", false), json->bool_or("check", false)};
}

std::string answer(bool promoted, std::int64_t epoch, const std::vector<PromotionCheck>& checks) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("promoted", promoted).member("epoch", epoch).key("checks").begin_array();
  for (const PromotionCheck& check : checks) {
    json.begin_object().member("name", check.name).member("passed", check.passed);
    json.member("meaning", check.meaning).end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace

Result<std::string> PromoteCommand::run(std::string_view arguments) {
  if (parts_.role == nullptr) return Error(Errc::service_not_available, "replication has not started");
  const auto wish = wish_of(arguments);
  if (!wish) return wish.error();
  if (parts_.role->is_master()) return Error(Errc::illegal_operation, "this broker is the master already");
  const auto checks = promotion_checks(parts_.replication->status(), parts_.role->master());
  if (wish->only_check || (!all_passed(checks) && !wish->force)) return answer(false, 0, checks);
  const auto epoch = parts_.role->promote_for_good();
  if (!epoch) return epoch.error();
  return answer(true, *epoch, checks);
}

}  // namespace tenon::ha
