// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol-native/answer.hpp"
#include "protocol-native/services.hpp"
#include "remoting/command.hpp"
#include "remoting/request_code.hpp"
#include "remoting/response_code.hpp"
#include "remoting/send_fields.hpp"

namespace tenon::protocol_native {

/// One request on its way through a handler: what was asked, by whom, and the ways to answer.
///
/// Ownership: lives while the handler runs; every view it gives borrows from the read buffer and dies with it. A
/// handler that answers later keeps a DeferredAnswer and copies of what it needs. Threads: only the connection's own.
class Request {
 public:
  /// `send`: the fields of a send that were decoded already; `command` then has none.
  Request(const remoting::Command& command, const std::shared_ptr<Connection>& connection,
          const BrokerServices& services, const remoting::SendFields* send = nullptr)
      : command_(command), connection_(connection), services_(services), send_(send) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  std::int32_t code() const noexcept { return command_.code; }
  std::int32_t opaque() const noexcept { return command_.opaque; }
  bool is_oneway() const noexcept { return command_.is_oneway(); }
  std::int32_t version() const noexcept { return command_.version; }  ///< Version ordinal of the client.
  std::string_view language() const noexcept;                         ///< "JAVA", "GO", "CPP", ...

  /// A field of the header; numbers and booleans of the C++ client come as their text.
  std::optional<std::string_view> find(std::string_view field) const noexcept { return command_.fields.find(field); }
  std::string_view text(std::string_view field) const noexcept { return find(field).value_or(std::string_view()); }
  std::int64_t int64_or(std::string_view field, std::int64_t otherwise) const;
  std::int32_t int32_or(std::string_view field, std::int32_t otherwise) const;
  bool boolean_or(std::string_view field, bool otherwise) const;
  /// These throw Failure(invalid_parameter), which is answered 29, when the field is absent or no such number.
  std::string_view require_text(std::string_view field) const;
  std::int64_t require_int64(std::string_view field) const;
  std::int32_t require_int32(std::string_view field) const;

  std::span<const std::byte> body() const noexcept { return command_.body; }
  std::string_view body_text() const noexcept {
    return {reinterpret_cast<const char*>(command_.body.data()), command_.body.size()};
  }

  const remoting::Command& command() const noexcept { return command_; }
  /// Only of the codes 310 and 320, and not always: nullptr means that they are in command().
  const remoting::SendFields* send_fields() const noexcept { return send_; }
  const std::shared_ptr<Connection>& connection() const noexcept { return connection_; }
  /// The same connection as the kernel and other capabilities see it.
  std::shared_ptr<ClientChannel> channel() const;
  const HostAddress& remote_address() const noexcept;
  const BrokerServices& services() const noexcept { return services_; }

  /// Answers now. A oneway request gets nothing, so handlers need not ask.
  void answer(const Answer& answer);
  void succeed() { answer(Answer()); }
  void succeed(Fields fields);
  void succeed_with_body(std::string body, Fields fields = {});
  void fail(remoting::ResponseCode code, std::string remark);
  void fail(const Error& error);
  /// For an answer that needs another callback first.
  DeferredAnswer defer();

 private:
  const remoting::Command& command_;
  const std::shared_ptr<Connection>& connection_;
  const BrokerServices& services_;
  const remoting::SendFields* const send_;
};

}  // namespace tenon::protocol_native
