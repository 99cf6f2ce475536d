// SPDX-License-Identifier: Apache-2.0
// Answers every frame with one fixed success and stores nothing: what sockets and wake-ups alone cost on this machine.
// Usage: tenon_null_server [PORT]
#include <cstring>

#include "frame_server.hpp"

namespace {

using tenon::bench::Connection;

// Understands just enough of the request to answer it: the ten digits of the load generator's opaque.
constexpr std::string_view kHeader =
    R"({"code":0,"extFields":{"queueId":"0","transactionId":"7F00000143AD4E0E2F2A69AC00000000","msgId":"7F00000100002A9F0000000000000000",)"
    R"("TRACE_ON":"true","MSG_REGION":"DefaultRegion","queueOffset":"0","offset":"0"},"flag":1,"language":"JAVA","opaque":1000000000,)"
    R"("serializeTypeCurrentRPC":"JSON","version":493})";
constexpr std::string_view kOpaque = R"("opaque":)";

std::string answer_template() {
  std::string out(8, '\0');
  char* to = out.data();
  tenon::bench::put(to, static_cast<std::uint32_t>(4 + kHeader.size()));
  tenon::bench::put(to, static_cast<std::uint32_t>(kHeader.size()));
  return out.append(kHeader);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string answer = answer_template();
  const std::size_t digits_at = answer.rfind(kOpaque) + kOpaque.size();
  std::string log(64 * 1024 * 1024, '\0');
  std::size_t log_end = 0;
  const auto serve = [&](auto& server, Connection& connection, std::string_view frame) {
    if (log_end + frame.size() > log.size()) log_end = 0;
    std::memcpy(log.data() + log_end, frame.data(), frame.size());
    log_end += frame.size();
    const std::size_t at = frame.substr(0, 4 + (tenon::bench::read_u32(frame.data()) & 0xFFFFFF)).rfind(kOpaque);
    if (at == std::string_view::npos || at + kOpaque.size() + 10 > frame.size()) return;
    connection.out.append(answer);
    std::memcpy(connection.out.data() + connection.out.size() - answer.size() + digits_at,
                frame.data() + at + kOpaque.size(), 10);
    server.answer_later(connection);
  };
  tenon::bench::FrameServer server(serve, [](Connection&) {});
  server.run(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
}
