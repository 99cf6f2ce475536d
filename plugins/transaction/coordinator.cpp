// SPDX-License-Identifier: Apache-2.0
#include "coordinator.hpp"

#include <boost/asio/post.hpp>

#include "names.hpp"
#include "record/record_view.hpp"
#include "topic_reader.hpp"

namespace tenon::transaction {

void Coordinator::end(const EndTransactionRequest& request, Ended ended) {
  if (draining_.load(std::memory_order_relaxed))
    return ended(Error(Errc::shutting_down, "the broker is shutting down"));
  if (resting_.load(std::memory_order_acquire))
    return ended(Error(Errc::slave_not_available, "this broker is a slave: transactions end at its master"));
  if (request.decision == TransactionDecision::unknown) return ended(Status{});
  const Result<HalfMessage> half = find_half(request);
  if (!half) return ended(half.error());
  if (const Status allowed = check(request, *half); !allowed) return ended(allowed.error());
  const Claim claim = parts_.ledger->claim(half->stored.queue_offset, half->first);
  switch (claim.state) {
    case Claim::State::busy:
      return ended(Error(Errc::busy, "the transaction is being ended or checked at this moment"));
    case Claim::State::ended:
      if (const Status same = ended_before(request, claim); !same) return ended(same.error());
      if (request.decision == TransactionDecision::commit) return ended(Status{});  // its message is stored
      return parts_.ops->after_all(std::move(ended));                               // its op record perhaps not yet
    case Claim::State::taken:
      break;
  }
  if (!actions_.may_be_committed(*half)) return end_claimed(*half, claim.half, request.decision, std::move(ended));
  boost::asio::post(parts_.host->executor(ExecutorRole::disk),
                    [this, half = *half, claimed = claim.half, decision = request.decision, ended = std::move(ended)] {
                      end_recovered(half, claimed, decision, ended);
                    });
}

Result<HalfMessage> Coordinator::find_half(const EndTransactionRequest& request) const {
  Result<StoredMessage> stored = parts_.store->message_at(request.half_physical_offset);
  if (!stored || !lies_in_queue(*parts_.store, kHalfTopic, *stored)) {
    return Error(Errc::internal, "Find prepared transaction message failed");
  }
  return half_message_of(std::move(*stored), parts_.settings->timeout);
}

Status Coordinator::check(const EndTransactionRequest& request, const HalfMessage& half) const {
  if (!request.from_check && half.immunity) {
    const std::int64_t age_ms = parts_.host->now_ms() - actions_.begun_ms(half);
    if (age_ms > half.immunity->count()) {
      return Error(Errc::illegal_operation, "the transaction's immunity from checks is over, wait for the check");
    }
  }
  if (half.producer_group.empty() || half.producer_group != request.producer_group) {
    return Error(Errc::internal, "The producer group wrong");
  }
  if (half.stored.queue_offset != request.half_offset) {
    return Error(Errc::internal, "The transaction state table offset wrong");
  }
  if (half.stored.physical_offset != request.half_physical_offset) {
    return Error(Errc::internal, "The commit log offset wrong");
  }
  return {};
}

Status Coordinator::ended_before(const EndTransactionRequest& request, const Claim& claim) const {
  parts_.counters->ended_again.fetch_add(1, std::memory_order_relaxed);
  if (claim.outcome == request.decision) return {};
  if (claim.outcome == TransactionDecision::unknown) {
    return Error(Errc::internal, text("the transaction was given up: its message is in ", kDiscardTopic));
  }
  if (!claim.outcome) return Error(Errc::internal, "the transaction has ended, or was checked, before");
  const bool committed = *claim.outcome == TransactionDecision::commit;
  return Error(Errc::internal, text("the transaction was ", committed ? "committed" : "rolled back", " before"));
}

void Coordinator::end_claimed(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision, Ended ended) {
  if (decision == TransactionDecision::commit) {
    if (const Status stored = actions_.commit(half); !stored) {
      parts_.ledger->release(claimed);
      return ended(stored.error());
    }
  }
  note_end(half, claimed, decision, std::move(ended));
}

void Coordinator::end_recovered(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision,
                                Ended ended) {
  if (!actions_.is_committed(half)) return end_claimed(half, claimed, decision, std::move(ended));
  if (decision == TransactionDecision::commit) return note_end(half, claimed, decision, std::move(ended));
  note_end(half, claimed, TransactionDecision::commit, {});
  ended(Error(Errc::internal, "the transaction was committed before"));
}

void Coordinator::note_end(const HalfMessage& half, QueueOffset claimed, TransactionDecision decision, Ended ended) {
  const bool commit = decision == TransactionDecision::commit;
  (commit ? parts_.counters->committed : parts_.counters->rolled_back).fetch_add(1, std::memory_order_relaxed);
  parts_.ledger->finish(claimed, half.first, half.stored.queue_offset, decision);
  actions_.count_end(half);
  // A commit is a success once its message is stored: without its op record it would only be recognised again later.
  if (commit && ended) ended = [ended = std::move(ended)](const Status&) { ended(Status{}); };
  parts_.ops->add(claimed, std::move(ended));
}

Status Coordinator::resume_check(PhysicalOffset message) {
  Result<StoredMessage> stored = parts_.store->message_at(message);
  if (!stored) return Error(Errc::query_not_found, text("no message begins at physical offset ", message));
  const HalfMessage half = half_message_of(std::move(*stored), parts_.settings->timeout);
  if (lies_in_queue(*parts_.store, kHalfTopic, half.stored)) return resume_waiting(half);
  if (lies_in_queue(*parts_.store, kDiscardTopic, half.stored)) return resume_discarded(half);
  return Error(Errc::query_not_found, text("the message at physical offset ", message, " is no half message"));
}

Status Coordinator::resume_waiting(const HalfMessage& half) {
  const Claim claim = parts_.ledger->claim(half.stored.queue_offset, half.first);
  if (claim.state == Claim::State::busy) return Error(Errc::busy, "the transaction is being ended or checked");
  if (claim.state == Claim::State::ended) return Error(Errc::internal, "the transaction has ended");
  const Result<AppendReceipt> renewed = actions_.renew(half, renewed_properties(half, 0));
  if (!renewed) {
    parts_.ledger->release(claim.half);
    return renewed.error();
  }
  parts_.ledger->renew(claim.half, half.first, renewed->queue_offset);
  parts_.ops->add(claim.half, {});
  return {};
}

Status Coordinator::resume_discarded(const HalfMessage& half) {
  if (has_waiting_twin(half)) return Error(Errc::internal, "the transaction is waiting in the half topic already");
  if (actions_.is_committed(half)) return Error(Errc::internal, "the transaction was committed before");
  // It begins a new life: its first offset is the one it gets now.
  std::string properties(half.stored.message.properties);
  set_property(properties, property::check_times, "0");
  remove_property(properties, property::first_half_offset);
  const Result<AppendReceipt> stored = actions_.renew(half, properties);
  if (!stored) return stored.error();
  const auto topic = PropertiesView(properties).find(tenon::property::real_topic);
  if (topic) parts_.waiting->add(*topic, 1, parts_.host->now_ms());
  return {};
}

bool Coordinator::has_waiting_twin(const HalfMessage& half) const {
  if (half.unique_key.empty()) return false;
  KeyQuery query;
  query.topic = kHalfTopic;
  query.key = half.unique_key;
  const Result<KeyQueryResult> found = parts_.store->query_by_key(query);
  if (!found) return false;
  for (const StoredRecord& stored : found->records) {
    const auto record = record::RecordView::decode(stored.bytes);
    if (!record || record->topic() != kHalfTopic) continue;
    const bool same = record->properties().find(tenon::property::unique_key) == half.unique_key;
    if (same && parts_.ledger->is_pending(record->queue_offset())) return true;
  }
  return false;
}

TransactionTotals Coordinator::totals() const {
  const Counters& counters = *parts_.counters;
  TransactionTotals totals;
  if (!resting_.load(std::memory_order_acquire)) count_pending(totals);
  totals.committed = counters.committed.load();
  totals.rolled_back = counters.rolled_back.load();
  totals.ended_again = counters.ended_again.load();
  totals.checks_sent = counters.checks_sent.load();
  totals.checks_unheard = counters.checks_unheard.load();
  totals.discarded = counters.discarded.load();
  totals.rewritten = counters.rewritten.load();
  return totals;
}

void Coordinator::count_pending(TransactionTotals& totals) const {
  const QueueBounds bounds = parts_.store->bounds(kHalfTopic, kQueue);
  const QueueOffset oldest = parts_.ledger->progress(bounds.max);
  totals.pending = parts_.ledger->pending_count(bounds.max);
  if (oldest >= bounds.max) return;
  const auto begun = parts_.store->store_time_at(kHalfTopic, kQueue, oldest);
  if (begun) totals.oldest_pending_begun_ms = *begun;
}

}  // namespace tenon::transaction
