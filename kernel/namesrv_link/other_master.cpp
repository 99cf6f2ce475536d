// SPDX-License-Identifier: Apache-2.0
#include "namesrv_link/other_master.hpp"

#include <utility>

#include "fastjson/writer.hpp"

namespace tenon::kernel {

void OtherMaster::seen(const std::string& name_server, const std::string& address) {
  const std::scoped_lock one(telling_);
  const std::string before = this->address();
  note(name_server, address);
  if (const std::string now = this->address(); now != before && changed_) changed_(now);
}

void OtherMaster::note(const std::string& name_server, const std::string& address) {
  const std::scoped_lock lock(mutex_);
  const auto known = said_.find(name_server);
  if (address.empty()) {
    if (known != said_.end()) ++known->second.looks_since;
    return;
  }
  Said& said = said_[name_server];
  if (said.address != address) said = {.address = address};
  const std::int64_t away = std::exchange(said.looks_since, 0);
  if (away <= looks_at_most_) said.round = std::max(said.round, away);
}

std::string OtherMaster::address() const {
  const std::scoped_lock lock(mutex_);
  const auto there = std::ranges::find_if(said_, [this](const auto& one) { return is_there(one.second); });
  return there == said_.end() ? std::string() : there->second.address;
}

Result<std::string> OtherMaster::run(std::string_view) {
  std::string out;
  fastjson::Writer(out).begin_object().member("address", address()).end_object();
  return out;
}

}  // namespace tenon::kernel
