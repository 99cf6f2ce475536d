// SPDX-License-Identifier: Apache-2.0
// JSON bodies of brokers, clients and name servers: registrations in each of their forms, heartbeats, routes, the
// topics of a compressed registration. The first byte chooses. Any bytes must be read or refused.
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "client/topic_route.hpp"
#include "fuzz_check.hpp"
#include "protocol-native/bodies/register_broker_body.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/client/heartbeat_body.hpp"
#include "remoting/mq_version.hpp"

namespace {

using namespace tenon;
using namespace tenon::protocol_native;

/// What a fuzzer would hardly find by itself.
std::vector<std::byte> deflated(std::span<const std::byte> bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::vector<std::byte> out(size);
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
            static_cast<uLong>(bytes.size()), 1);
  out.resize(size);
  return out;
}

void read_registration(std::span<const std::byte> body, RegisterBodyForm form) {
  const auto read = read_register_broker_body(body, form);
  if (!read) return;
  for (const auto& topic : read->topics) {
    TENON_FUZZ_CHECK(topic != nullptr);
    if (topic->name.find(' ') != std::string::npos)
      continue;  // no broker has such topics, and the form no place for it
    const auto again = decode_topic_config(encode_topic_config(*topic));
    TENON_FUZZ_CHECK(!again || (again->perm == topic->perm && again->read_queue_nums == topic->read_queue_nums));
  }
}

void read_route(std::string_view json) {
  const auto route = client::parse_topic_route(json);
  if (!route) return;
  TENON_FUZZ_CHECK(route->publish_queues("T").size() <= 1U << 20);
  TENON_FUZZ_CHECK(route->subscribe_queues("T").size() <= 1U << 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span body(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  const std::string_view words(reinterpret_cast<const char*>(data + 1), size - 1);
  using remoting::mq_version::ours;
  switch (data[0] % 8) {
    case 0:
      read_registration(body, {false, ours});
      break;
    case 1:
      read_registration(body, {false, 0});
      break;
    case 2:
      read_registration(body, {true, ours});
      break;
    case 3:
      read_registration(deflated(body), {true, ours});
      break;
    case 4:
      (void)read_queue_routes(body);
      break;
    case 5:
      (void)parse_heartbeat(words);
      break;
    case 6:
      read_route(words);
      break;
    default:
      (void)decode_topic_config(words);
      break;
  }
  return 0;
}
