// SPDX-License-Identifier: Apache-2.0
#include "namesrv_link/other_master.hpp"

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
  if (!address.empty()) {
    said_[name_server] = {address, 0};
  } else if (const auto said = said_.find(name_server);
             said != said_.end() && ++said->second.looks_since > looks_per_round_) {
    said_.erase(said);
  }
}

std::string OtherMaster::address() const {
  const std::scoped_lock lock(mutex_);
  return said_.empty() ? std::string() : said_.begin()->second.address;
}

Result<std::string> OtherMaster::run(std::string_view) {
  std::string out;
  fastjson::Writer(out).begin_object().member("address", address()).end_object();
  return out;
}

}  // namespace tenon::kernel
