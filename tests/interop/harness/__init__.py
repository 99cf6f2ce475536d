# SPDX-License-Identifier: Apache-2.0
"""Runs servers and unmodified clients for tests/interop/run."""
