// SPDX-License-Identifier: Apache-2.0
// The one place where Boost.Asio is compiled. See docs/adr/0001-one-shared-runtime.md.
#include <boost/asio/impl/src.hpp>
