// SPDX-License-Identifier: Apache-2.0
#include "stamp_interceptor.hpp"

#include <utility>

namespace example {

StampInterceptor::StampInterceptor(std::string property, std::string value, std::string refused_tag, int order)
    : property_(std::move(property)), value_(std::move(value)), refused_tag_(std::move(refused_tag)), order_(order) {}

tenon::Status StampInterceptor::intercept(tenon::MessageDraft& draft) {
  if (!refused_tag_.empty() && draft.properties().find(tenon::property::tags) == refused_tag_) {
    return tenon::Error(tenon::Errc::message_illegal,
                        tenon::text("messages tagged '", refused_tag_, "' are refused here"));
  }
  draft.set_property(property_, value_);
  return {};
}

}  // namespace example
