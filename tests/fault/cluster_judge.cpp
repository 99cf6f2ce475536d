// SPDX-License-Identifier: Apache-2.0
#include "cluster_judge.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "message_requests.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// The number in a body of this queue; -1 when nothing of the kind was sent.
std::int64_t number_in(const std::string& body, ClusterClient& client) {
  const std::string head = text(client.queue(), '-');
  std::size_t number = 0;
  if (!body.starts_with(head)) return -1;
  const auto end = std::from_chars(body.data() + head.size(), body.data() + body.size(), number).ptr;
  if (end == body.data() + head.size() || number >= client.attempts().size()) return -1;
  return body == body_of_attempt(client.queue(), number) ? static_cast<std::int64_t>(number) : -1;
}

std::string judge_queue(const HostAddress& broker, ClusterClient& client, const ClusterReader* reader,
                        const std::function<bool(const Attempt&)>& may_be_lost) {
  protocol_native::RawClient connection(broker);
  std::vector<bool> stored(client.attempts().size());
  std::int64_t last = -1, offset = 0;
  const auto all = e2e::all_messages(connection, kClusterTopic, std::to_string(client.queue()));
  for (const auto& message : all) {
    const std::int64_t number = number_in(message.body, client);
    const std::string where = text("queue ", client.queue(), ", offset ", message.queue_offset);
    if (number < 0) return text(where, ": altered or never sent: ", message.body.substr(0, 30));
    if (number <= last) return text(where, ": message ", number, " after message ", last);
    if (message.queue_offset != offset++) return text(where, ": an offset is missing before it");
    last = number;
    stored[static_cast<std::size_t>(number)] = true;
  }
  for (std::size_t number = 0; number < stored.size(); ++number) {
    Attempt& attempt = client.attempts()[number];
    if (stored[number] || !attempt.acknowledged || attempt.given_up) continue;
    attempt.given_up = may_be_lost && may_be_lost(attempt);
    if (!attempt.given_up)
      return text("queue ", client.queue(), ": message ", number, " of ", stored.size(), ", acknowledged by broker ",
                  attempt.broker + 1, ", is lost");
  }
  return reader ? reader->vanished(client.queue(), all) : std::string();
}

struct Reign {
  Moment from = Moment::max(), to = Moment::min();
};

}  // namespace

std::string judge_log(const HostAddress& broker, Clients& clients, const ClusterReader* reader,
                      const std::function<bool(const Attempt&)>& may_be_lost) {
  for (const auto& client : clients) {
    if (std::string complaint = judge_queue(broker, *client, reader, may_be_lost); !complaint.empty()) return complaint;
  }
  return {};
}

std::string judge_masters(Clients& clients) {
  std::map<std::pair<std::size_t, int>, Reign> reigns;
  for (const auto& client : clients) {
    for (const Attempt& attempt : client->attempts()) {
      if (!attempt.acknowledged || attempt.start == 0) continue;
      Reign& reign = reigns[{attempt.broker, attempt.start}];
      reign.from = std::min(reign.from, attempt.answered);
      reign.to = std::max(reign.to, attempt.sent);
    }
  }
  for (auto one = reigns.begin(); one != reigns.end(); ++one) {
    for (auto other = std::next(one); other != reigns.end(); ++other) {
      const auto both = duration_cast<milliseconds>(std::min(one->second.to, other->second.to) -
                                                    std::max(one->second.from, other->second.from));
      if (one->second.from < other->second.to && other->second.from < one->second.to)
        return text("brokers ", one->first.first + 1, " and ", other->first.first + 1, " both acknowledged during ",
                    both.count(), " ms");
    }
  }
  return {};
}

std::chrono::milliseconds longest_silence(Clients& clients, Moment from, Moment to) {
  std::set<Moment> answers{from, to};
  for (const auto& client : clients) {
    for (const Attempt& attempt : client->attempts()) {
      if (attempt.acknowledged && attempt.answered > from && attempt.answered < to) answers.insert(attempt.answered);
    }
  }
  Moment::duration longest{0};
  for (auto at = std::next(answers.begin()); at != answers.end(); ++at)
    longest = std::max(longest, *at - *std::prev(at));
  return duration_cast<milliseconds>(longest);
}

}  // namespace tenon::fault
