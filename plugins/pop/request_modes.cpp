// SPDX-License-Identifier: Apache-2.0
#include "request_modes.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "state_file/state_file.hpp"

namespace tenon::pop {

Status RequestModes::open(const std::filesystem::path& data_dir, const Logger& log) {
  path_ = data_dir / "config" / "messageRequestMode.json";
  const auto read = state_file::read_decodable(
      path_,
      [this](std::string_view content) {
        auto modes = decode(content);
        if (!modes) return Status(modes.error());
        const std::scoped_lock lock(mutex_);
        modes_ = std::move(*modes);
        return Status{};
      },
      log);
  return read ? Status{} : Status(read.error());
}

RequestMode RequestModes::find(std::string_view topic, std::string_view group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = modes_.find(Key(topic, group));
  if (found != modes_.end()) return found->second;
  return {std::string(topic), std::string(group), MessageRequestMode::pull, 0};
}

std::vector<RequestMode> RequestModes::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<RequestMode> modes;
  for (const auto& [key, mode] : modes_) modes.push_back(mode);
  return modes;
}

Status RequestModes::set(const RequestMode& mode) {
  const std::scoped_lock writing(writing_);
  Table modes;
  {
    const std::scoped_lock lock(mutex_);
    modes = modes_;
  }
  modes[{mode.topic, mode.group}] = mode;
  if (Status written = state_file::replace(path_, encode(modes)); !written) return written;
  const std::scoped_lock lock(mutex_);
  modes_ = std::move(modes);
  return {};
}

Result<RequestModes::Table> RequestModes::decode(std::string_view text_of_json) {
  const auto json = fastjson::parse(text_of_json, fastjson::kOwnFile, fastjson::References::none);
  if (!json) return json.error();
  const fastjson::Value* table = json->find("messageRequestModeMap");
  if (table == nullptr) return Error(Errc::message_illegal, "no messageRequestModeMap");
  Table modes;
  for (const auto& [topic_key, groups] : table->members()) {
    const std::string topic = topic_key.as_text().value_or("");
    for (const auto& [group_key, body] : groups.members()) {
      const std::string group = group_key.as_text().value_or("");
      const bool pop = body.text_or("mode", "PULL") == "POP";
      modes[{topic, group}] = {topic, group, pop ? MessageRequestMode::pop : MessageRequestMode::pull,
                               body.i32_or("popShareQueueNum", 0)};
    }
  }
  return modes;
}

std::string RequestModes::encode(const Table& modes) {
  std::string out;
  fastjson::Writer json(out, {fastjson::Layout::pretty});
  json.begin_object().key("messageRequestModeMap").begin_object();
  const std::string* topic = nullptr;
  for (const auto& [key, mode] : modes) {
    if (topic == nullptr || *topic != std::get<0>(key)) {
      if (topic != nullptr) json.end_object();
      json.key(std::get<0>(key)).begin_object();
    }
    topic = &std::get<0>(key);
    json.key(std::get<1>(key))
        .begin_object()
        .member("consumerGroup", mode.group)
        .member("mode", mode.mode == MessageRequestMode::pop ? "POP" : "PULL")
        .member("popShareQueueNum", mode.pop_share_queue_num)
        .member("topic", mode.topic)
        .end_object();
  }
  if (topic != nullptr) json.end_object();
  json.end_object().end_object();
  return out;
}

}  // namespace tenon::pop
