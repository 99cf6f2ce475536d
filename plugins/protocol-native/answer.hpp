// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remoting/response_code.hpp"
#include "tenon/error.hpp"

namespace tenon::protocol_native {

class Connection;

/// extFields: names and values; values are always text on the wire (Go and C++ clients read nothing else).
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A response as the handlers of the cold paths make it. (Sends and pulls write theirs straight into the output.)
struct Answer {
  Answer() = default;
  explicit Answer(remoting::ResponseCode response_code, std::string remark_text = {})
      : code(static_cast<std::int32_t>(response_code)), remark(std::move(remark_text)) {}

  std::int32_t code = 0;  ///< A ResponseCode, or whatever number a client answered.
  std::string remark;     ///< Absent on the wire when empty.
  Fields fields;          ///< extFields; absent on the wire when empty.
  std::string body;
};

/// An answer that comes later, from any thread. Copies answer the same request; the first one counts for the client,
/// so call it once. After the connection has ended, and for a oneway request, it does nothing.
class DeferredAnswer {
 public:
  DeferredAnswer(std::shared_ptr<Connection> connection, std::int32_t opaque, bool oneway)
      : connection_(std::move(connection)), opaque_(opaque), oneway_(oneway) {}

  void operator()(Answer answer) const;
  void success() const { (*this)(Answer()); }
  void error(const Error& error) const;
  /// Success without fields, or the error.
  void status(const Status& status) const;

 private:
  std::shared_ptr<Connection> connection_;
  std::int32_t opaque_;
  bool oneway_;
};

}  // namespace tenon::protocol_native
