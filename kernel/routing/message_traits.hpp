// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/properties.hpp"
#include "tenon/publish_interceptor.hpp"

namespace tenon::kernel {

/// What the publish path must know of a message's properties, found in one pass over the block.
struct MessageTraits {
  IndexedProperties indexed;
  std::string_view delay_level;        ///< DELAY as it stands.
  bool transaction = false;            ///< TRAN_MSG is "true", in any case.
  bool timer = false;                  ///< TIMER_DELAY_SEC, TIMER_DELAY_MS or TIMER_DELIVER_MS is there.
  bool wait = true;                    ///< WAIT: the sender waits for flush and replicas.
  bool has_broker_properties = false;  ///< MSG_REGION, TRACE_ON, CLUSTER or POP_CK came from the client.

  /// True for a level above 0, or one that is no number.
  bool is_delayed() const noexcept;
  /// Bits of message_kind.
  std::uint32_t kinds() const noexcept {
    return (transaction ? message_kind::transactional : 0) | (timer || is_delayed() ? message_kind::delayed : 0);
  }
};
MessageTraits traits_of(const PropertiesView& properties) noexcept;

inline constexpr char kClosing = '\x02';  ///< Ends a property; clients may leave off that of the last.
/// Where nothing follows in the log, zeros at the end of its properties look to a start like what a power failure has
/// left of a record, and it is not served. So properties are stored with kClosing behind them.
inline bool may_look_torn(std::string_view properties) noexcept { return properties.ends_with('\0'); }

}  // namespace tenon::kernel
