// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "tenon/export.hpp"
#include "tenon/text.hpp"

namespace tenon {

/// What can go wrong in the broker's domain. Each protocol plug-in maps these to its own codes in one function.
/// The comments name the RocketMQ response code that the native protocol answers.
enum class Errc {
  internal = 1,                  ///< 1: a fault of ours; the text says which.
  busy,                          ///< 2: overload, try again later.
  not_supported,                 ///< 3: nothing loaded offers this.
  flush_disk_timeout,            ///< 10: stored, but not yet known to be on disk.
  slave_not_available,           ///< 11: stored, no replica to confirm it.
  flush_slave_timeout,           ///< 12: stored, replicas did not confirm in time.
  message_illegal,               ///< 13: body, properties or topic too large or malformed.
  service_not_available,         ///< 14: the store accepts no writes; the text names the cause.
  no_permission,                 ///< 16
  topic_not_exist,               ///< 17
  query_not_found,               ///< 22: no such offset, message or key.
  subscription_parse_failed,     ///< 23: the expression does not compile; the text gives position and reason.
  subscription_not_exist,        ///< 24
  subscription_not_latest,       ///< 25
  subscription_group_not_exist,  ///< 26
  filter_data_not_exist,         ///< 27
  filter_data_not_latest,        ///< 28
  invalid_parameter,             ///< 29
  consumer_not_online,           ///< 206
  illegal_operation,             ///< 604: too late, or never allowed.
  timed_out,                     ///< no answer within the deadline.
  disconnected,                  ///< the peer has gone.
  shutting_down,                 ///< 14: draining, accepts nothing new.
  corrupt,                       ///< stored bytes are damaged; the text names file and offset.
  io,                            ///< the operating system refused; the text names call, file and reason.
};

/// The category of Errc. One object in the runtime library, so comparison works in every plug-in.
TENON_EXPORT const std::error_category& tenon_category() noexcept;

inline std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), tenon_category()}; }

/// An error with the sentence that says what was being done to what.
/// `message` stands alone: a user who sees only it knows what failed and why.
class Error {
 public:
  Error() = default;
  Error(Errc code, std::string message) : code_(make_error_code(code)), message_(std::move(message)) {}
  Error(std::error_code code, std::string message) : code_(code), message_(std::move(message)) {}

  const std::error_code& code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  bool is(Errc code) const noexcept { return code_ == make_error_code(code); }

 private:
  std::error_code code_;
  std::string message_;
};

/// Thrown by Result::value() on an error, and by lifecycle calls. what() is Error::message().
class TENON_EXPORT Failure : public std::runtime_error {
 public:
  explicit Failure(Error error);
  ~Failure() override;
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Found by argument-dependent lookup when Result::value() meets an error.
[[noreturn]] TENON_EXPORT void throw_exception_from_error(const Error& error, const boost::source_location&);

/// The outcome of an operation that may fail as a matter of course. Must be read: the compiler refuses a call whose
/// outcome is dropped; write `(void)` with the reason beside it where nobody is left to tell.
/// A class and no alias, because [[nodiscard]] belongs to a class; everything else is Boost's.
template <class Value>
class [[nodiscard]] Result : public boost::system::result<Value, Error> {
 public:
  using boost::system::result<Value, Error>::result;
};
using Status = Result<void>;

}  // namespace tenon

template <>
struct std::is_error_code_enum<tenon::Errc> : std::true_type {};
