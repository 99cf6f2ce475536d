// SPDX-License-Identifier: Apache-2.0
#include "tenon/publish_interceptor.hpp"

namespace tenon {

std::uint32_t PublishInterceptor::handles() const noexcept { return 0; }

void MessageDraft::set_topic(std::string_view topic) {
  topic_.assign(topic);
  message_.topic = topic_;
}

std::string& MessageDraft::owned_properties() {
  if (message_.properties.data() != properties_.data()) properties_.assign(message_.properties);
  return properties_;
}

void MessageDraft::set_property(std::string_view name, std::string_view value) {
  tenon::set_property(owned_properties(), name, value);
  message_.properties = properties_;
  message_.indexed.reset();
}

void MessageDraft::remove_property(std::string_view name) {
  tenon::remove_property(owned_properties(), name);
  message_.properties = properties_;
  message_.indexed.reset();
}

}  // namespace tenon
