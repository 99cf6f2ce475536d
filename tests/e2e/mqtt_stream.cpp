// SPDX-License-Identifier: Apache-2.0
#include "mqtt_stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

class TcpStream final : public Stream {
 public:
  explicit TcpStream(const HostAddress& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return;
    ::close(socket_);
    throw std::runtime_error("cannot connect to " + address.to_string());
  }
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  ~TcpStream() override { ::close(socket_); }

  int socket() const noexcept { return socket_; }
  bool wait(std::chrono::milliseconds timeout) const {
    pollfd wait{socket_, POLLIN, 0};
    return ::poll(&wait, 1, static_cast<int>(timeout.count())) > 0;
  }
  bool send(std::string_view rest) override {
    while (!rest.empty()) {
      const ssize_t count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool receive(std::string& to, std::chrono::milliseconds timeout) override {
    std::array<char, 65536> buffer;
    if (!wait(timeout)) return false;
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count > 0) to.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

 private:
  const int socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(const HostAddress& address, const TlsClientFiles& files)
      : below_(address), context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    SSL_CTX_load_verify_file(context_.get(), files.authority.c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (!files.certificate.empty()) {
      SSL_CTX_use_certificate_file(context_.get(), files.certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), below_.socket());
    if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("no TLS with " + address.to_string());
  }

  bool send(std::string_view bytes) override {
    return bytes.empty() || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  bool receive(std::string& to, std::chrono::milliseconds timeout) override {
    if (SSL_pending(ssl_.get()) == 0 && !below_.wait(timeout)) return false;
    std::array<char, 16384> buffer;
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) to.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

 private:
  TcpStream below_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

class WebSocketStream final : public Stream {
 public:
  WebSocketStream(std::unique_ptr<Stream> below, std::string_view path, std::size_t frame_size)
      : below_(std::move(below)), frame_size_(frame_size) {
    below_->send(text("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                      "Sec-WebSocket-Protocol: mqtt\r\n\r\n"));
    while (wire_.find("\r\n\r\n") == std::string::npos) {
      if (!below_->receive(wire_, std::chrono::seconds(10))) throw std::runtime_error("no answer to the WebSocket");
    }
    if (!wire_.starts_with("HTTP/1.1 101 ")) throw std::runtime_error(wire_.substr(0, wire_.find('\r')));
    wire_.erase(0, wire_.find("\r\n\r\n") + 4);
  }

  bool send(std::string_view bytes) override {
    std::string frames;
    bool first = true;
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, frame_size_);
      bytes.remove_prefix(part.size());
      put_frame(frames, static_cast<unsigned>((bytes.empty() ? 0x80U : 0U) | (first ? 2U : 0U)), part);
      first = false;
    }
    return below_->send(frames);
  }

  bool receive(std::string& to, std::chrono::milliseconds timeout) override {
    while (true) {
      if (const auto payload = take_frame()) {
        to += *payload;
        return opcode_ == 2;
      }
      if (!below_->receive(wire_, timeout)) return false;
    }
  }

 private:
  static void put_frame(std::string& out, unsigned first, std::string_view payload) {
    out.push_back(static_cast<char>(first));
    out.push_back(static_cast<char>(0x80 | 127));
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
    constexpr std::array<char, 4> kMask{'m', 'a', 's', 'k'};
    out.append(kMask.data(), kMask.size());
    for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ kMask[i % 4]));
  }

  std::optional<std::string> take_frame() {
    const auto at = [this](std::size_t i) { return static_cast<std::uint8_t>(wire_[i]); };
    if (wire_.size() < 2) return std::nullopt;
    const std::size_t extended = at(1) < 126 ? 0 : (at(1) == 126 ? 2 : 8);
    if (wire_.size() < 2 + extended) return std::nullopt;
    std::uint64_t size = extended == 0 ? at(1) : 0;
    for (std::size_t i = 0; i < extended; ++i) size = size << 8U | at(2 + i);
    if (wire_.size() < 2 + extended + size) return std::nullopt;
    opcode_ = at(0) & 0x0FU;
    std::string payload = wire_.substr(2 + extended, size);
    wire_.erase(0, 2 + extended + size);
    return payload;
  }

  const std::unique_ptr<Stream> below_;
  const std::size_t frame_size_;
  std::string wire_;
  unsigned opcode_ = 0;
};

}  // namespace

std::unique_ptr<Stream> open_tcp(const HostAddress& address) { return std::make_unique<TcpStream>(address); }

std::unique_ptr<Stream> open_tls(const HostAddress& address, const TlsClientFiles& files) {
  return std::make_unique<TlsStream>(address, files);
}

std::unique_ptr<Stream> open_websocket(std::unique_ptr<Stream> below, std::string_view path, std::size_t frame_size) {
  return std::make_unique<WebSocketStream>(std::move(below), path, frame_size);
}

}  // namespace tenon::e2e
