// SPDX-License-Identifier: Apache-2.0
// Carries a precompiled header; has no code of its own.
