// SPDX-License-Identifier: Apache-2.0
// Carries the precompiled header of src/asio_pch.hpp; has no code of its own.
