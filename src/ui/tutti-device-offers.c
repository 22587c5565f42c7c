/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-offers.h"

#include "tutti-i18n.h"

/* An interface shows up as input and output within moments of each other, and is one thing. */
#define GATHER_MS 500
/* Somebody who has just plugged something in may have to sit down first; and it lies over things.
 */
#define TOAST_SECONDS 12

/**
 * TuttiDeviceOffers: a device that was plugged in while another one serves is offered by a toast,
 * with a button; nothing changes by itself. The toast goes with the device. Main thread.
 */
struct _TuttiDeviceOffers {
  TuttiSound *sound;
  TuttiDeviceOfferFunc show;
  gpointer user_data;

  GPtrArray *gathered; /* of TuttiDevice */
  GPtrArray *offers;   /* of Offer */
  guint gather_id;
};

typedef struct {
  TuttiDeviceOffers *owner;
  AdwToast *toast;
  char *names[2]; /* node.name by TuttiDeviceKind, NULL where it is no such device */
} Offer;

static GListModel *
get_devices (TuttiSound *sound, TuttiDeviceKind kind)
{
  return kind == TUTTI_DEVICE_INPUT ? tutti_sound_get_inputs (sound)
                                    : tutti_sound_get_outputs (sound);
}

static gboolean
is_there (TuttiSound *sound, TuttiDeviceKind kind, const char *name)
{
  GListModel *devices = get_devices (sound, kind);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (devices, i);

    if (g_str_equal (tutti_device_get_name (device), name))
      return TRUE;
  }
  return FALSE;
}

static void
use_cb (Offer *offer)
{
  static const char *const properties[] = { "input-device", "output-device" };
  TuttiSound *sound = offer->owner->sound;

  for (TuttiDeviceKind kind = 0; kind < G_N_ELEMENTS (properties); kind++)
    if (offer->names[kind] && is_there (sound, kind, offer->names[kind]))
      g_object_set (sound, properties[kind], offer->names[kind], NULL);
}

static void
dismissed_cb (Offer *offer)
{
  g_ptr_array_remove (offer->owner->offers, offer);
}

static void
offer_free (gpointer data)
{
  Offer *offer = data;

  g_signal_handlers_disconnect_by_data (offer->toast, offer);
  g_object_unref (offer->toast);
  g_free (offer->names[TUTTI_DEVICE_INPUT]);
  g_free (offer->names[TUTTI_DEVICE_OUTPUT]);
  g_free (offer);
}

/* All that was gathered under the name of @first. */
static void
make_offer (TuttiDeviceOffers *self, TuttiDevice *first)
{
  const char *description = tutti_device_get_description (first);
  g_autofree char *text = g_strdup_printf (_ ("“%s” was plugged in"), description);
  Offer *offer = g_new0 (Offer, 1);

  offer->owner = self;
  for (guint i = self->gathered->len; i > 0; i--) {
    TuttiDevice *device = g_ptr_array_index (self->gathered, i - 1);

    if (g_str_equal (tutti_device_get_description (device), description))
      g_set_str (&offer->names[tutti_device_get_kind (device)], tutti_device_get_name (device));
  }

  offer->toast = g_object_ref_sink (adw_toast_new (""));
  /* A device's name may hold what looks like markup. */
  adw_toast_set_use_markup (offer->toast, FALSE);
  adw_toast_set_title (offer->toast, text);
  adw_toast_set_timeout (offer->toast, TOAST_SECONDS);
  adw_toast_set_button_label (offer->toast, _ ("_Use It"));
  g_signal_connect_swapped (offer->toast, "button-clicked", G_CALLBACK (use_cb), offer);
  g_signal_connect_swapped (offer->toast, "dismissed", G_CALLBACK (dismissed_cb), offer);
  g_ptr_array_add (self->offers, offer);
  self->show (g_object_ref (offer->toast), text, self->user_data);
}

static void
gather_cb (gpointer data)
{
  TuttiDeviceOffers *self = data;
  g_autoptr (GHashTable) offered = g_hash_table_new (g_str_hash, g_str_equal);

  self->gather_id = 0;
  for (guint i = 0; i < self->gathered->len; i++) {
    TuttiDevice *device = g_ptr_array_index (self->gathered, i);

    if (is_there (self->sound, tutti_device_get_kind (device), tutti_device_get_name (device)) &&
        g_hash_table_add (offered, (gpointer) tutti_device_get_description (device)))
      make_offer (self, device);
  }
  g_ptr_array_set_size (self->gathered, 0);
}

static void
offered_cb (TuttiDeviceOffers *self, TuttiDevice *device)
{
  g_ptr_array_add (self->gathered, g_object_ref (device));
  if (!self->gather_id)
    self->gather_id = g_timeout_add_once (GATHER_MS, gather_cb, self);
}

static gboolean
is_over (TuttiSound *sound, const Offer *offer)
{
  for (TuttiDeviceKind kind = 0; kind < G_N_ELEMENTS (offer->names); kind++)
    if (offer->names[kind] && is_there (sound, kind, offer->names[kind]))
      return FALSE;
  return TRUE;
}

static void
devices_changed_cb (TuttiDeviceOffers *self)
{
  for (guint i = self->offers->len; i > 0; i--) {
    Offer *offer = g_ptr_array_index (self->offers, i - 1);

    if (is_over (self->sound, offer))
      adw_toast_dismiss (offer->toast);
  }
}

/**
 * tutti_device_offers_new:
 * @show: called for each offer
 */
TuttiDeviceOffers *
tutti_device_offers_new (TuttiSound *sound, TuttiDeviceOfferFunc show, gpointer user_data)
{
  TuttiDeviceOffers *self = g_new0 (TuttiDeviceOffers, 1);

  self->sound = g_object_ref (sound);
  self->show = show;
  self->user_data = user_data;
  self->gathered = g_ptr_array_new_with_free_func (g_object_unref);
  self->offers = g_ptr_array_new_with_free_func (offer_free);
  g_signal_connect_swapped (sound, "device-offered", G_CALLBACK (offered_cb), self);
  for (TuttiDeviceKind kind = 0; kind <= TUTTI_DEVICE_OUTPUT; kind++)
    g_signal_connect_swapped (get_devices (sound, kind), "items-changed",
                              G_CALLBACK (devices_changed_cb), self);
  return self;
}

void
tutti_device_offers_free (TuttiDeviceOffers *self)
{
  g_clear_handle_id (&self->gather_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->sound, self);
  for (TuttiDeviceKind kind = 0; kind <= TUTTI_DEVICE_OUTPUT; kind++)
    g_signal_handlers_disconnect_by_data (get_devices (self->sound, kind), self);
  g_ptr_array_unref (self->gathered);
  g_ptr_array_unref (self->offers);
  g_object_unref (self->sound);
  g_free (self);
}
