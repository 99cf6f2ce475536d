// SPDX-License-Identifier: Apache-2.0
#include "receipt.hpp"

#include <array>
#include <charconv>

#include "tenon/topics.hpp"

namespace tenon::pop {
namespace {

constexpr std::size_t kWords = 8;

/// The words of a receipt, parted by single blanks.
class Words {
 public:
  explicit Words(std::string_view text) {
    for (; count_ < kWords; ++count_) {
      const std::size_t blank = text.find(' ');
      words_[count_] = text.substr(0, blank);
      if (blank == std::string_view::npos) {
        ++count_;
        return;
      }
      text.remove_prefix(blank + 1);
    }
    ++count_;  // one more than a receipt has
  }
  bool complete() const noexcept { return count_ == kWords; }
  std::string_view operator[](std::size_t index) const noexcept { return words_[index]; }
  template <class Integer>
  bool read(std::size_t index, Integer& number) const noexcept {
    const std::string_view word = words_[index];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size() && number >= 0;
  }

 private:
  std::array<std::string_view, kWords> words_;
  std::size_t count_ = 0;
};

}  // namespace

std::string to_string(const Receipt& receipt) {
  return text(receipt.start_offset, ' ', receipt.pop_time_ms, ' ', receipt.invisible_ms, ' ', receipt.revive_queue_id,
              ' ', static_cast<std::int32_t>(receipt.source), ' ', receipt.broker_name, ' ', receipt.queue_id, ' ',
              receipt.offset);
}

Result<Receipt> parse_receipt(std::string_view text_of_receipt) {
  const Words words(text_of_receipt);
  Receipt receipt;
  std::int32_t source = 0;
  const bool whole = words.complete() && words.read(0, receipt.start_offset.value) &&
                     words.read(1, receipt.pop_time_ms) && words.read(2, receipt.invisible_ms) &&
                     words.read(3, receipt.revive_queue_id) && words.read(4, source) && source <= 2 &&
                     words.read(6, receipt.queue_id) && words.read(7, receipt.offset.value);
  if (!whole) {
    return Error(Errc::invalid_parameter, text("\"", text_of_receipt.substr(0, 200),
                                               "\" is no receipt (extraInfo, POP_CK) of a popped message"));
  }
  receipt.source = static_cast<PopSource>(source);
  receipt.broker_name = words[5];
  return receipt;
}

std::string retry_topic_of(std::string_view group, std::string_view topic, PopSource source) {
  return text(kRetryTopicPrefix, group, source == PopSource::retry_topic_v2 ? '+' : '_', topic);
}

PopSource source_of(std::string_view topic, std::string_view group) noexcept {
  if (!topic.starts_with(kRetryTopicPrefix)) return PopSource::topic;
  topic.remove_prefix(kRetryTopicPrefix.size());
  if (!topic.starts_with(group) || topic.size() < group.size() + 2) return PopSource::topic;
  if (topic[group.size()] == '_') return PopSource::retry_topic;
  return topic[group.size()] == '+' ? PopSource::retry_topic_v2 : PopSource::topic;
}

}  // namespace tenon::pop
