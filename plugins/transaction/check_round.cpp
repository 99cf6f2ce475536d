// SPDX-License-Identifier: Apache-2.0
#include "check_round.hpp"

#include <algorithm>

#include "names.hpp"

namespace tenon::transaction {
namespace {

constexpr std::int64_t kSliceMessages = 256;
constexpr std::int64_t kSliceBytes = 4 * 1024 * 1024;
/// Half messages that a start reads again at most because of one that waits long.
constexpr std::int64_t kSpanMax = 1'000'000;

/// What retention has deleted is forgotten on the way.
QueueBounds bounds_of_halves(const Parts& parts) {
  const QueueBounds bounds = parts.store->bounds(kHalfTopic, kQueue);
  parts.ledger->forget_below(bounds.min);
  return bounds;
}

}  // namespace

std::shared_ptr<ClientChannel> ProducerChoice::next_of(std::string_view group) {
  const std::vector<ClientConnection> members = clients_.producers(group);
  for (std::size_t tried = 0; tried < members.size(); ++tried) {
    const std::shared_ptr<ClientChannel>& channel = members[turn_++ % members.size()].client.channel;
    if (channel != nullptr && channel->is_open()) return channel;
  }
  return nullptr;
}

CheckRound::CheckRound(const Parts& parts, const HalfActions& actions, ProducerChoice& producers)
    : parts_(parts),
      actions_(actions),
      producers_(producers),
      start_ms_(parts.host->now_ms()),
      end_(bounds_of_halves(parts).max),
      deferred_(*parts.store, kHalfTopic),
      reader_(*parts.store, kHalfTopic) {}

bool CheckRound::step() {
  slice_messages_ = slice_bytes_ = 0;
  if (!deferred_done_) deferred_done_ = step_deferred();
  const bool over = deferred_done_ && step_scan();
  parts_.ops->flush();
  return over;
}

bool CheckRound::slice_is_full() const noexcept {
  return slice_messages_ >= kSliceMessages || slice_bytes_ >= kSliceBytes;
}

bool CheckRound::step_deferred() {
  // Whoever is put off is due in the next round at the earliest, so this ends.
  while (!slice_is_full()) {
    const auto due = parts_.ledger->next_due(start_ms_);
    if (!due) return true;
    auto stored = deferred_.read(*due, *due + 1);
    if (!stored) {
      parts_.host->log().error("the pending half message at ", *due, " of ", kHalfTopic, " cannot be read any more");
      parts_.ledger->finish(*due, *due, *due, TransactionDecision::unknown);
      continue;
    }
    const Verdict verdict = examine(half_message_of(std::move(*stored), parts_.settings->timeout));
    if (verdict == Verdict::store_fails) return true;
    if (verdict == Verdict::too_young) parts_.ledger->postpone(*due, start_ms_ + 1);
  }
  return false;
}

bool CheckRound::step_scan() {
  while (!slice_is_full()) {
    const QueueOffset next = parts_.ledger->next_pending(end_);
    if (next >= end_) {
      parts_.ledger->advance(end_, start_ms_);
      return true;
    }
    auto stored = reader_.read(next, end_);
    if (!stored) {
      parts_.host->log().error("no pending half message from ", next, " to ", end_, " can be read");
      return true;
    }
    const QueueOffset found = stored->queue_offset;
    parts_.ledger->advance(found, start_ms_);
    if (!parts_.ledger->is_pending(found)) continue;
    const Verdict verdict = examine(half_message_of(std::move(*stored), parts_.settings->timeout));
    if (verdict != Verdict::passed) return true;
    parts_.ledger->advance(found + 1, start_ms_);
  }
  return false;
}

CheckRound::Verdict CheckRound::examine(const HalfMessage& half) {
  ++slice_messages_;
  if (half.stored.store_timestamp_ms >= start_ms_) return Verdict::too_young;
  if (half.check_times >= parts_.settings->check_max || too_old(half)) return give_up(half);
  const std::int64_t due_ms = due_ms_of(half);
  if (due_ms > start_ms_) return half.immunity ? set_aside(half, due_ms) : Verdict::too_young;
  const std::shared_ptr<ClientChannel> channel = producers_.next_of(half.producer_group);
  if (channel != nullptr) return ask(half, channel);
  parts_.counters->checks_unheard.fetch_add(1, std::memory_order_relaxed);
  return set_aside(half, start_ms_ + parts_.settings->check_interval.count());
}

// A half message that was asked about before is due in each round.
std::int64_t CheckRound::due_ms_of(const HalfMessage& half) const {
  if (half.check_times > 0) return start_ms_;
  return actions_.begun_ms(half) + half.immunity.value_or(parts_.settings->timeout).count();
}

bool CheckRound::too_old(const HalfMessage& half) const {
  return start_ms_ - actions_.begun_ms(half) > parts_.settings->age_max.count();
}

bool CheckRound::far_behind(const HalfMessage& half) const {
  return parts_.ledger->cursor() - half.stored.queue_offset > kSpanMax;
}

// Set aside in memory; when there is no room, or it holds up everything behind it, stored again as RocketMQ does.
CheckRound::Verdict CheckRound::set_aside(const HalfMessage& half, std::int64_t due_ms) {
  const QueueOffset offset = half.stored.queue_offset;
  if (far_behind(half) || !parts_.ledger->defer(offset, due_ms)) return renew(half, half.check_times, nullptr);
  parts_.ledger->postpone(offset, due_ms);
  return Verdict::passed;
}

CheckRound::Verdict CheckRound::give_up(const HalfMessage& half) {
  const Claim claim = parts_.ledger->claim(half.stored.queue_offset, half.stored.queue_offset);
  if (claim.state != Claim::State::taken) return Verdict::passed;
  const bool committed = actions_.may_be_committed(half) && actions_.is_committed(half);
  if (const Status discarded = committed ? Status{} : actions_.discard(half); !discarded) {
    parts_.ledger->release(claim.half);
    if (discarded.error().is(Errc::message_illegal)) return leave_lying(half, discarded.error());
    parts_.host->log().warn("transaction checks pause: ", discarded.error().message());
    return Verdict::store_fails;
  }
  const auto outcome = committed ? TransactionDecision::commit : TransactionDecision::unknown;
  parts_.ledger->finish(claim.half, half.first, half.stored.queue_offset, outcome);
  actions_.count_end(half);
  parts_.ops->add_later(claim.half);
  return Verdict::passed;
}

/// For one that no topic takes any more, as the limit of sizes was lowered: it may still be ended, until retention.
CheckRound::Verdict CheckRound::leave_lying(const HalfMessage& half, const Error& why) {
  const QueueOffset offset = half.stored.queue_offset;
  parts_.host->log().error("the half message at ", offset, " of ", kHalfTopic, " cannot be given up: ", why.message());
  const std::int64_t next_ms = start_ms_ + parts_.settings->check_interval.count();
  if (!parts_.ledger->defer(offset, next_ms)) return Verdict::store_fails;  // no room: the next round tries again
  parts_.ledger->postpone(offset, next_ms);
  return Verdict::passed;
}

CheckRound::Verdict CheckRound::ask(const HalfMessage& half, const std::shared_ptr<ClientChannel>& channel) {
  return renew(half, half.check_times + 1, channel);
}

/// Without a channel nobody is asked.
CheckRound::Verdict CheckRound::renew(const HalfMessage& half, std::int32_t check_times,
                                      const std::shared_ptr<ClientChannel>& channel) {
  const Claim claim = parts_.ledger->claim(half.stored.queue_offset, half.stored.queue_offset);
  if (claim.state != Claim::State::taken) return Verdict::passed;
  if (actions_.may_be_committed(half) && actions_.is_committed(half)) {
    parts_.ledger->finish(claim.half, half.first, half.stored.queue_offset, TransactionDecision::commit);
    actions_.count_end(half);
    parts_.ops->add_later(claim.half);
    return Verdict::passed;
  }
  const std::string properties = renewed_properties(half, check_times);
  const Result<AppendReceipt> renewed = actions_.renew(half, properties);
  if (!renewed) {
    parts_.ledger->release(claim.half);
    // Its properties have no room for the count of checks. Nobody can be asked, and it must not stop the others.
    if (renewed.error().is(Errc::message_illegal)) return give_up(half);
    parts_.host->log().warn("transaction checks pause: ", renewed.error().message());
    return Verdict::store_fails;
  }
  slice_bytes_ += renewed->physical_end - renewed->physical_offset;
  parts_.ledger->renew(claim.half, half.first, renewed->queue_offset);
  parts_.ops->add_later(claim.half);
  if (channel != nullptr) send_check(half, *renewed, properties, *channel);
  return Verdict::passed;
}

void CheckRound::send_check(const HalfMessage& half, const AppendReceipt& renewed, std::string_view properties,
                            ClientChannel& channel) {
  FinalMessage restored;
  if (!make_final(half, restored)) return;  // names no destination: it will be given up
  TransactionCheck check;
  check.message = half.stored.message;
  check.message.topic = restored.message.topic;
  check.message.queue_id = restored.message.queue_id;
  check.message.properties = properties;
  check.message.store_host = parts_.identity->advertised_address();
  check.half_offset = renewed.queue_offset;
  check.half_physical_offset = renewed.physical_offset;
  check.store_timestamp_ms = half.stored.store_timestamp_ms;
  check.half_topic = kHalfTopic;
  check.broker_name = parts_.identity->broker_name();
  if (channel.check_transaction(check)) {
    parts_.counters->checks_sent.fetch_add(1, std::memory_order_relaxed);
  } else {
    parts_.counters->checks_unheard.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace tenon::transaction
