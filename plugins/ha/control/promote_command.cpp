// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include <optional>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "ha/control/ha_commands.hpp"
#include "tenon/thread_signals.hpp"

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

struct Answer {
  bool promoted = false;
  std::int64_t epoch = 0;
  std::optional<std::string> state = {};  ///< Of a promotion that is under way.
};

std::string written(const Answer& answer, const std::vector<PromotionCheck>& checks) {
  std::string out;
  fastjson::Writer json(out);
  json.begin_object().member("promoted", answer.promoted).member("epoch", answer.epoch);
  if (answer.state) json.member("underWay", true).member("state", *answer.state);
  json.key("checks").begin_array();
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
  const std::scoped_lock one(mutex_);
  if (promotion_.valid()) return outcome();
  if (parts_.role->is_master()) return Error(Errc::illegal_operation, "this broker is the master already");
  checks_ = promotion_checks(parts_.replication->status(), parts_.role->master());
  if (wish->only_check || (!all_passed(checks_) && !wish->force)) return written({}, checks_);
  begin();
  return outcome();
}

void PromoteCommand::begin() {
  const SignalsBlocked for_main;
  promotion_ = std::async(std::launch::async, [role = parts_.role] {
    ::pthread_setname_np(::pthread_self(), "promotion");
    return role->promote_for_good();
  });
}

/// mutex_ held: another one that asks waits as long again.
Result<std::string> PromoteCommand::outcome() {
  if (promotion_.wait_for(patience_) != std::future_status::ready)
    return written({.state = parts_.health ? parts_.health() : std::string()}, checks_);
  const Result<std::int64_t> epoch = promotion_.get();
  if (!epoch) return epoch.error();
  return written({.promoted = true, .epoch = *epoch}, checks_);
}

void PromoteCommand::stop() noexcept {
  const std::scoped_lock one(mutex_);
  if (promotion_.valid()) promotion_.wait();
}

}  // namespace tenon::ha
