// SPDX-License-Identifier: Apache-2.0
#include "namesrv_link/other_master.hpp"

#include "fastjson/writer.hpp"

namespace tenon::kernel {

void OtherMaster::seen(const std::string& name_server, const std::string& address) {
  const std::scoped_lock one(telling_);
  const std::string before = this->address();
  {
    const std::scoped_lock lock(mutex_);
    if (address.empty()) {
      said_.erase(name_server);
    } else {
      said_[name_server] = address;
    }
  }
  if (const std::string now = this->address(); now != before && changed_) changed_(now);
}

std::string OtherMaster::address() const {
  const std::scoped_lock lock(mutex_);
  return said_.empty() ? std::string() : said_.begin()->second;
}

Result<std::string> OtherMaster::run(std::string_view) {
  std::string out;
  fastjson::Writer(out).begin_object().member("address", address()).end_object();
  return out;
}

}  // namespace tenon::kernel
