// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/connection.hpp"

#include <utility>

namespace tenon::protocol_mqtt {
namespace {

/// Memory an idle connection may keep for its next output.
constexpr std::size_t kIdleOutput = 512;

}  // namespace

Connection::Connection(Hub& hub, const HostAddress& remote_address, bool anonymous_allowed)
    : hub_(hub), anonymous_allowed_(anonymous_allowed), link_(hub.engine(), *this, remote_address) {}

Connection::~Connection() { hub_.account_partial(-static_cast<std::int64_t>(partial_.size())); }

void Connection::start() {
  hub_.add(shared_from_this());
  receive_more();
}

void Connection::receive_more() {
  if (closed_ || finishing_ || receiving_ || link_.must_rest()) return;
  receiving_ = true;
  start_receive();
}

void Connection::received(std::string_view bytes) {
  receiving_ = false;
  if (lingering_ && !closed_) {
    receiving_ = true;
    return start_receive();
  }
  if (closed_ || finishing_) return;
  {
    const Hub::Turn turn(hub_);
    guarded([&] { feed(bytes); });
  }
  receive_more();
}

void Connection::give_up(const std::exception& problem) noexcept {
  hub_.attempt("closing a connection", [this] { broken("serving it failed"); });
  hub_.note_failure("serving a client", problem);
}

void Connection::feed(std::string_view bytes) {
  hub_.set_anonymous_allowed(anonymous_allowed_);
  std::string whole;
  if (!partial_.empty()) {
    hub_.account_partial(-static_cast<std::int64_t>(partial_.size()));
    whole = std::exchange(partial_, {});
    whole.append(bytes);
    bytes = whole;
  }
  const std::size_t served = link_.receive(bytes);
  if (finishing_ || served == bytes.size()) return;
  if (whole.empty()) {
    partial_.assign(bytes.substr(served));
  } else {
    whole.erase(0, served);
    partial_ = std::move(whole);
  }
  if (!hub_.account_partial(static_cast<std::int64_t>(partial_.size()))) broken("too many half-received packets");
}

void Connection::output_ready() noexcept {
  if (opening != 0 && link_.connected()) hub_.opened(*this);
  if (flush_listed_ || closed_) return;
  flush_listed_ = true;
  hub_.flush_later(*this);
}

void Connection::finish(std::string_view reason) noexcept {
  hub_.log().debug("client at ", link_.remote_address().to_string(), ": ", reason);
  finishing_ = true;
  hub_.limit_farewell(*this);
  output_ready();
}

void Connection::flush() noexcept {
  flush_listed_ = false;
  guarded([this] { send_output(); });
}

void Connection::send_output() {
  if (closed_) return;
  if (link_.failed()) return broken("serving it failed");
  if (withheld_) return go_on_receiving();
  const bool idle = sending_ || link_.output().empty();
  if (!idle) {
    if (!push_output()) return;
    std::string& output = link_.output();
    if (!sending_ && output.capacity() > kIdleOutput) output = std::string();
    if (!sending_ && !finishing_) link_.output_drained();
  }
  if (finishing_ && !sending_ && link_.output().empty()) return linger();
  go_on_receiving();
}

/// False when the client is gone.
bool Connection::push_output() {
  const Sent sent = send_some(link_.output());
  if (sent == Sent::failed) {
    broken("the client is gone");
    return false;
  }
  sending_ = sent == Sent::later;
  note_unsent();
  return true;
}

void Connection::go_on_receiving() {
  if (!sending_ && !partial_.empty() && !finishing_ && !receiving_ && !link_.must_rest()) feed({});
  receive_more();
}

bool Connection::withhold() {
  if (closed_ || withheld_ || link_.failed() || link_.output().empty()) {
    flush();
    return false;
  }
  flush_listed_ = false;
  auto withheld = std::make_unique<std::string>();
  withheld->swap(link_.output());
  withheld_ = std::move(withheld);
  note_unsent();
  guarded([this] { go_on_receiving(); });
  return true;
}

void Connection::release() noexcept {
  guarded([this] { send_released(); });
}

/// Nothing of what came since goes with it.
void Connection::send_released() {
  if (closed_ || !withheld_) return;
  std::string later = std::exchange(link_.output(), std::move(*withheld_));
  withheld_.reset();
  if (!sending_ && !push_output()) return;
  link_.output() += later;
  output_ready();
}

/// Closing while the client still sends would take from it what it was told last: the system answers with a reset. So
/// the client closes first; limit_farewell() sees to one that does not.
void Connection::linger() {
  if (std::exchange(lingering_, true)) return;
  end_output();
  if (!std::exchange(receiving_, true)) start_receive();
}

void Connection::writable() {
  sending_ = false;
  if (closed_) return;
  note_unsent();
  const Hub::Turn turn(hub_);
  if (link_.output().empty() && !withheld_ && !finishing_) link_.output_drained();
  output_ready();
}

void Connection::broken(std::string_view reason) {
  if (closed_) return;
  const Hub::Turn turn(hub_);
  end_link(reason);
  closed_ = true;
  close_stream();
  hub_.remove(*this);
  hub_.log().debug("client at ", link_.remote_address().to_string(), " lost: ", reason);
}

void Connection::end_link(std::string_view reason) noexcept {
  hub_.attempt("ending a session", [&] { link_.lost(reason); });
}

void Connection::close_now() noexcept {
  if (closed_) return;
  end_link("given up");
  closed_ = true;
  close_stream();
}

}  // namespace tenon::protocol_mqtt
