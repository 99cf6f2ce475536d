// SPDX-License-Identifier: Apache-2.0
#include "routing/interception.hpp"

#include <algorithm>
#include <tuple>

#include "routing/message_traits.hpp"

namespace tenon::kernel {

void Interception::wire(std::vector<Keyed<PublishInterceptor>> interceptors) {
  for (auto& found : interceptors) {
    const std::uint32_t handles = found.service->handles();
    sees_all_ |= handles == 0;
    handled_ |= handles;
    steps_.push_back({found.service->order(), handles, std::move(found)});
  }
  std::ranges::stable_sort(steps_, {}, [](const Step& step) {
    return std::tuple(step.order, std::string_view(step.interceptor.provider), std::string_view(step.interceptor.key));
  });
}

Status Interception::run(MessageDraft& draft, std::uint32_t kinds, std::optional<int> after) const {
  const char* const untouched = draft.message().properties.data();
  for (const auto& [order, handles, one] : steps_) {
    if (after && order <= *after) continue;
    if (handles != 0 && (kinds & handles) == 0) continue;
    const auto ask = [&draft, service = one.service] { return service->intercept(draft); };
    if (Status allowed = faults_.guard(one.provider, "intercepting a message", ask); !allowed) return allowed;
    // Whoever comes later sees the message as it is now.
    if (draft.message().properties.data() != untouched) kinds = traits_of(draft.properties()).kinds();
  }
  return {};
}

}  // namespace tenon::kernel
