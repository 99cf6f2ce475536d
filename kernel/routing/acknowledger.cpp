// SPDX-License-Identifier: Apache-2.0
#include "routing/acknowledger.hpp"

#include <atomic>
#include <boost/asio/dispatch.hpp>

namespace tenon::kernel {

/// A stored message of a topic that was made for it.
struct Acknowledger::Unsettled {
  Result<PublishReceipt> stored;
  bool wait;
  std::shared_ptr<PublishCompletion> completion;
  std::uint64_t token;
};

void Acknowledger::acknowledge(Result<PublishReceipt>&& stored, const TopicEntryPtr& topic, bool wait,
                               const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  if (topic->settled.load(std::memory_order_acquire)) [[likely]]
    return acknowledge_when_safe(std::move(stored), wait, completion, token);
  auto message = std::make_shared<Unsettled>(Unsettled{std::move(stored), wait, completion, token});
  message->stored->unique_key = {};
  topics_.when_settled(topic, [this, message] {
    boost::asio::dispatch(message->completion->executor(), [this, message] { settled(*message); });
  });
}

/// On the executor of the completion.
void Acknowledger::settled(Unsettled& message) noexcept {
  try {
    acknowledge_when_safe(std::move(message.stored), message.wait, message.completion, message.token);
  } catch (...) {
    message.completion->published(message.token, faults_.caught("kernel", "acknowledging a message"));
  }
}

void Acknowledger::acknowledge_when_safe(Result<PublishReceipt>&& stored, bool wait,
                                         const std::shared_ptr<PublishCompletion>& completion, std::uint64_t token) {
  const bool safe = !wait || gated_.all_open(stored->append.physical_end);
  if (safe) return GatedAnswers::answer(role_, *completion, token, stored);
  gated_.add(std::move(stored), completion, token);
}

}  // namespace tenon::kernel
