/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "tutti-sound.h"

G_BEGIN_DECLS

typedef struct _TuttiDeviceOffers TuttiDeviceOffers;

/* @toast: (transfer full): to be shown and said */
typedef void (*TuttiDeviceOfferFunc) (AdwToast *toast, const char *text, gpointer user_data);

TuttiDeviceOffers *
tutti_device_offers_new (TuttiSound *sound, TuttiDeviceOfferFunc show, gpointer user_data);
void tutti_device_offers_free (TuttiDeviceOffers *self);

G_END_DECLS
