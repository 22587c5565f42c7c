# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests, the UI tests and the benches share: real processes, real sound."""
