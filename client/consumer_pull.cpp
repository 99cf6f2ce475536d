// SPDX-License-Identifier: Apache-2.0
// The half of the consumer that pulls its queues and hands the messages to the listener.
#include <boost/asio/post.hpp>
#include <exception>

#include "client/consumer_engine.hpp"
#include "client/message_decoder.hpp"
#include "client/reply_error.hpp"
#include "remoting/response_code.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

namespace asio = boost::asio;

constexpr Milliseconds kPullSuspend{15'000};  // how long a broker may hold a pull
constexpr Milliseconds kPullTimeout{30'000};
constexpr Milliseconds kFlowControlDelay{20};   // after code 215
constexpr Milliseconds kRedeliveryDelay{1000};  // from the same offset: suspended, or not given back

}  // namespace

void PushConsumer::Engine::pull(const QueuePtr& own) {
  if (own->dropped || stopping_) return;
  const auto address = address_of(own->queue);
  if (!address) {
    problem(address.error());
    return pull_later(own, options_.pull_error_delay);
  }
  PullQuery query;
  query.group = options_.group;
  query.queue = own->queue;
  query.offset = own->next_offset;
  query.messages_max = options_.pull_batch;
  query.suspend_ms = kPullSuspend.count();
  query.subscription = own->subscription;
  // As the Java client does: what is consumed need not wait for the next persist_offsets().
  if (clustering() && own->next_offset > 0) query.commit_offset = own->next_offset;
  // Both weak: the remoting client may outlive the engine, whose queues have timers on the engine's own context.
  client_.remoting().call(*address, pull_request(query), kPullTimeout,
                          [weak = weak_from_this(), weak_own = std::weak_ptr(own)](Result<Reply> reply) {
                            const auto self = weak.lock();
                            const auto held = weak_own.lock();
                            if (!self || !held) return;
                            asio::post(self->service_, [engine = self.get(), held, reply = std::move(reply)] {
                              engine->take_reply(held, reply);
                            });
                          });
}

void PushConsumer::Engine::pull_later(const QueuePtr& own, Milliseconds delay) {
  own->retry.expires_after(delay);
  own->retry.async_wait([this, own](const boost::system::error_code& cancelled) {
    if (!cancelled) pull(own);
  });
}

void PushConsumer::Engine::take_reply(const QueuePtr& own, const Result<Reply>& reply) {
  if (own->dropped || stopping_) return;
  if (!reply) {
    problem(reply.error());
    return pull_later(own, options_.pull_error_delay);
  }
  std::int32_t refusal = 0;
  auto pulled = read_pull_reply(*reply, own->queue, &refusal);
  if (!pulled) {
    const bool flow_control = refusal == static_cast<std::int32_t>(remoting::ResponseCode::flow_control);
    if (!flow_control) problem(pulled.error());
    return pull_later(own, flow_control ? kFlowControlDelay : options_.pull_error_delay);
  }
  if (pulled->status == PullStatus::found) {
    auto brought = std::make_shared<Brought>();
    brought->messages = std::move(pulled->messages);
    brought->end_offset = pulled->next_offset;
    return deliver(own, std::move(brought));
  }
  if (pulled->status == PullStatus::offset_illegal) {
    problem(Error(Errc::invalid_parameter, text("offset ", own->next_offset, " of ", own->queue,
                                                " is not kept; going on at ", pulled->next_offset)));
  }
  if (pulled->status != PullStatus::no_new_message) own->next_offset = pulled->next_offset;
  pull(own);
}

/// Of a batch that is one record, those from the place on that was asked for, and no more than one pull may give: the
/// rest comes after them, so that the place can lie between any two.
std::vector<MessageExt> PushConsumer::Engine::take_part(const OwnQueue& own, Brought& brought) const {
  std::vector<MessageExt> part;
  for (; brought.taken < brought.messages.size(); ++brought.taken) {
    MessageExt& message = brought.messages[brought.taken];
    const bool of_batch = is_of_one_record(message);
    if (of_batch && message.queue_offset < own.next_offset) continue;
    if (!own.subscription.accepts(message.tags())) continue;
    if (of_batch && static_cast<std::int64_t>(part.size()) >= options_.pull_batch) {
      brought.next_offset = message.queue_offset;
      return part;
    }
    part.push_back(std::move(message));
  }
  brought.next_offset = brought.end_offset;
  return part;
}

void PushConsumer::Engine::deliver(const QueuePtr& own, std::shared_ptr<Brought> brought) {
  if (own->dropped || stopping_) return;
  std::vector<MessageExt> part = take_part(*own, *brought);
  if (part.empty()) {
    own->next_offset = brought->next_offset;
    return pull(own);
  }
  asio::post(consume_, [this, own, part = std::move(part), brought = std::move(brought)]() mutable {
    ConsumeStatus status = ConsumeStatus::reconsume_later;
    std::string thrown;
    try {
      status = listener_(part);
    } catch (const std::exception& exception) {
      thrown = exception.what();
    }
    asio::post(service_, [this, own, status, part = std::move(part), brought = std::move(brought),
                          thrown = std::move(thrown)]() mutable {
      if (!thrown.empty()) problem(Error(Errc::internal, text("the listener threw: ", thrown)));
      consumed(own, status, part, std::move(brought));
    });
  });
}

void PushConsumer::Engine::consumed(const QueuePtr& own, ConsumeStatus status, const std::vector<MessageExt>& part,
                                    std::shared_ptr<Brought> brought) {
  if (status == ConsumeStatus::suspend_current_queue_a_moment) return pull_later(own, kRedeliveryDelay);
  if (own->dropped) return;  // whoever has the queue now consumes them again: at least once
  if (status == ConsumeStatus::reconsume_later && clustering() && !give_back(part)) {
    return pull_later(own, kRedeliveryDelay);
  }
  own->next_offset = brought->next_offset;
  brought->taken < brought->messages.size() ? deliver(own, std::move(brought)) : pull(own);
}

bool PushConsumer::Engine::give_back(const std::vector<MessageExt>& messages) {
  for (const MessageExt& message : messages) {
    const auto address = address_of(message.queue);
    if (!address) return false;
    // A broker would have to take the whole record back.
    const auto request = is_of_one_record(message)
                             ? retry_request(options_.group, message, options_.max_reconsume_times)
                             : send_back_request(options_.group, message, options_.max_reconsume_times);
    const auto reply = client_.remoting().call(*address, request, Milliseconds{5000});
    if (reply && reply->ok()) continue;
    problem(reply ? error_of(*reply, text("give back message ", message.message_id)) : reply.error());
    return false;
  }
  return true;
}

}  // namespace tenon::client
