// SPDX-License-Identifier: Apache-2.0
#include "bench/channel.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "tenon/text.hpp"

namespace tenon::bench {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

struct AddressInfoDeleter {
  void operator()(addrinfo* info) const noexcept { freeaddrinfo(info); }
};

int connect_one(const addrinfo& info) {
  const int descriptor = socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const timeval timeout{3, 0};
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);  // bounds connect() on Linux
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 &&
      fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0) {
    return descriptor;
  }
  const int reason = errno;
  close(descriptor);
  errno = reason;
  return -1;
}

}  // namespace

Channel::Channel(int descriptor) : descriptor_(descriptor) { in_.resize(kReadBytes); }

Channel::Channel(Channel&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      reader_(other.reader_),
      in_(std::move(other.in_)),
      in_begin_(other.in_begin_),
      in_end_(other.in_end_),
      out_(std::move(other.out_)),
      out_begin_(other.out_begin_) {}

Channel::~Channel() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<Channel> Channel::open(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Error(Errc::invalid_parameter, text("'", address, "' is not HOST:PORT"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  if (const int code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return Error(Errc::disconnected, text("resolve ", address, ": ", gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, AddressInfoDeleter> owner(found);
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    if (const int descriptor = connect_one(*info); descriptor >= 0) return Channel(descriptor);
  }
  return Error(Errc::disconnected, text("connect to ", address, ": ", std::strerror(errno)));
}

bool Channel::flush() {
  while (wants_write()) {
    const ssize_t sent = ::send(descriptor_, out_.data() + out_begin_, out_.size() - out_begin_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    out_begin_ += static_cast<std::size_t>(sent);
  }
  out_.clear();
  out_begin_ = 0;
  return true;
}

bool Channel::fill() {
  if (in_begin_ == in_end_) {
    in_begin_ = in_end_ = 0;
  } else if (in_.size() - in_end_ < kReadBytes / 2) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
    if (in_.size() - in_end_ < kReadBytes / 2)
      in_.resize(in_.size() * 2);  // bounded: the reader refuses frames above 16 MiB
  }
  const ssize_t got = ::recv(descriptor_, in_.data() + in_end_, in_.size() - in_end_, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  in_end_ += static_cast<std::size_t>(got);
  return got > 0;
}

ResponseReader::Outcome Channel::next(Response& response) {
  std::string_view stream(in_.data() + in_begin_, in_end_ - in_begin_);
  const auto outcome = reader_.next(stream, response);
  in_begin_ = in_end_ - stream.size();
  return outcome;
}

Result<Response> Channel::call(std::string_view frame, int timeout_ms) {
  queue(frame);
  if (!flush()) return Error(Errc::disconnected, "the broker closed the connection");
  Response response;
  for (;;) {
    const auto outcome = next(response);
    if (outcome == ResponseReader::Outcome::malformed)
      return Error(Errc::corrupt, "the broker's answer is not a remoting frame");
    if (outcome == ResponseReader::Outcome::complete && !response.is_request) return response;
    if (outcome == ResponseReader::Outcome::complete) continue;
    pollfd wait{descriptor_, POLLIN, 0};
    if (poll(&wait, 1, timeout_ms) <= 0) return Error(Errc::timed_out, text("no answer within ", timeout_ms, " ms"));
    if (!fill()) return Error(Errc::disconnected, "the broker closed the connection");
  }
}

}  // namespace tenon::bench
