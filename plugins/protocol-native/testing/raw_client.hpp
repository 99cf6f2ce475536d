// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remoting/command.hpp"
#include "remoting/output_buffer.hpp"
#include "remoting/request_code.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_native {

/// A frame as it came, with everything copied.
struct ReceivedFrame {
  std::int32_t code = -1;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::int32_t version = 0;
  remoting::HeaderType type = remoting::HeaderType::json;
  std::string header;  ///< The raw header.
  std::optional<std::string> remark;
  bool has_fields = false;
  std::map<std::string, std::string> fields;
  std::string body;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "<absent>" : found->second;
  }
};

/// A client that does nothing by itself: blocking calls on one socket, for tests.
class RawClient {
 public:
  /// Borrows names and values.
  using FieldList = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit RawClient(const HostAddress& server);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  /// The bytes of a request; `opaque` 0 takes the next number.
  static std::string frame(remoting::RequestCode code, std::int32_t opaque, const FieldList& fields,
                           std::string_view body = {}, std::int32_t flag = 0,
                           remoting::HeaderType type = remoting::HeaderType::json, std::int32_t version = 479);
  void send_bytes(std::string_view bytes);
  /// Sends a request and returns its opaque.
  std::int32_t send(remoting::RequestCode code, const FieldList& fields, std::string_view body = {},
                    std::int32_t flag = 0);
  /// Sends a request and waits for the frame with its opaque; others that come before are kept for next().
  ReceivedFrame call(remoting::RequestCode code, const FieldList& fields, std::string_view body = {});
  /// Answers a request of the server.
  void answer(const ReceivedFrame& request, std::int32_t code, std::string_view body = {});
  /// The next frame in the order of arrival; empty when the connection has ended or nothing comes in time.
  std::optional<ReceivedFrame> next(std::chrono::milliseconds timeout = std::chrono::seconds(10));
  std::optional<ReceivedFrame> next_answer(std::int32_t opaque);
  /// True when the server closes the connection in time; what comes before is thrown away.
  bool closed_by_server(std::chrono::milliseconds timeout = std::chrono::seconds(10));
  int descriptor() const noexcept { return socket_; }
  void finish_sending();

 private:
  bool receive_some(std::chrono::steady_clock::time_point deadline);
  std::optional<ReceivedFrame> take_frame();

  int socket_ = -1;
  std::int32_t next_opaque_ = 1000;
  std::vector<std::byte> input_;
  std::vector<ReceivedFrame> kept_;
  bool ended_ = false;
};

}  // namespace tenon::protocol_native
