// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tenon/publish_interceptor.hpp"

namespace example {

/// Sets one property on every message; refuses messages with one tag.
class StampInterceptor final : public tenon::PublishInterceptor {
 public:
  StampInterceptor(std::string property, std::string value, std::string refused_tag, int order = 5000);

  int order() const noexcept override { return order_; }
  tenon::Status intercept(tenon::MessageDraft& draft) override;

 private:
  std::string property_, value_, refused_tag_;
  int order_;
};

}  // namespace example
