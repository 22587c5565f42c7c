/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-session.h"

G_BEGIN_DECLS

/* What the room's plan means, for people. Each returns a new string. Pure, any thread. */
char *tutti_plan_describe_format (const TuttiPlan *plan);
char *tutti_plan_describe_packets (const TuttiPlan *plan);
char *tutti_plan_describe_copies (const TuttiPlan *plan);
char *tutti_plan_describe_limit (const TuttiPlan *plan, const char *name);

G_END_DECLS
