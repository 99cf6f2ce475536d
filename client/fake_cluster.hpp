// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "client/client_instance.hpp"
#include "client/fake_server.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

/// The route of a topic on brokers "a", "b", ... at these addresses, with `queues` queues each.
inline std::string route_json(const std::vector<std::string>& addresses, int queues) {
  std::string brokers, datas;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    const char* comma = i == 0 ? "" : ",";
    brokers +=
        text(comma, R"({"brokerAddrs":{"0":")", addresses[i], R"("},"brokerName":")", name, R"(","cluster":"C"})");
    datas += text(comma, R"({"brokerName":")", name, R"(","perm":6,"readQueueNums":)", queues, R"(,"writeQueueNums":)",
                  queues, "}");
  }
  return text(R"({"brokerDatas":[)", brokers, R"(],"queueDatas":[)", datas, "]}");
}

/// What a fake broker was asked, in order.
class RequestLog {
 public:
  void add(const Reply& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  std::vector<Reply> of(remoting::RequestCode code) const {
    const std::lock_guard lock(mutex_);
    std::vector<Reply> found;
    for (const Reply& request : requests_) {
      if (request.code == static_cast<std::int32_t>(code)) found.push_back(request);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Reply> requests_;
};

inline ClientOptions client_of(const FakeServer& name_server) {
  ClientOptions options;
  options.name_servers = name_server.address();
  options.client_id = "127.0.0.1@me";
  return options;
}

}  // namespace tenon::client
