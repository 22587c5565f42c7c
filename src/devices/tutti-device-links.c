/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-links.h"

#include <errno.h>
#include <pipewire/pipewire.h>

#define RETRY_MS 1000

struct _TuttiDeviceLinks {
  struct pw_core *core; /* borrowed */
  GPtrArray *links;     /* of Link */
  guint retry_id;
  char *problem;
  TuttiDeviceGraphFunc retry;
  gpointer user_data;
};

typedef struct {
  TuttiPortPair pair;
  TuttiDeviceLinks *owner;
  struct pw_proxy *proxy; /* NULL once the server has ended or refused it */
  struct spa_hook proxy_listener;
  struct spa_hook link_listener;
  gboolean refused;
  gboolean active; /* sound can pass */
} Link;

static void
link_drop_proxy (Link *link)
{
  struct pw_proxy *proxy = g_steal_pointer (&link->proxy);

  if (proxy == NULL)
    return;

  spa_hook_remove (&link->proxy_listener);
  spa_hook_remove (&link->link_listener);
  pw_proxy_destroy (proxy);
}

static void
link_free (Link *link)
{
  link_drop_proxy (link);
  g_free (link);
}

static void
on_retry (gpointer user_data)
{
  TuttiDeviceLinks *self = user_data;

  self->retry_id = 0;
  for (guint i = self->links->len; i > 0; i--) {
    Link *link = g_ptr_array_index (self->links, i - 1);

    if (link->refused)
      g_ptr_array_remove_index_fast (self->links, i - 1);
  }
  self->retry (self->user_data);
}

static void
link_refused (Link *link, const char *message)
{
  g_debug ("Link %u → %u refused: %s", link->pair.output, link->pair.input, message);
  link->refused = TRUE;
  g_set_str (&link->owner->problem, message);
  link_drop_proxy (link);
  if (link->owner->retry_id == 0)
    link->owner->retry_id = g_timeout_add_once (RETRY_MS, on_retry, link->owner);
}

static void
on_proxy_destroy (void *data)
{
  Link *link = data;

  spa_hook_remove (&link->proxy_listener);
  spa_hook_remove (&link->link_listener);
  link->proxy = NULL;
}

static void
on_proxy_removed (void *data)
{
  link_drop_proxy (data);
}

static void
on_proxy_error (void *data, int seq, int res, const char *message)
{
  Link *link = data;

  /* Somebody else has made the same link: then there is nothing to do. */
  if (res == -EEXIST)
    link_drop_proxy (link);
  else
    link_refused (link, message);
}

static const struct pw_proxy_events proxy_events = {
  PW_VERSION_PROXY_EVENTS,
  .destroy = on_proxy_destroy,
  .removed = on_proxy_removed,
  .error = on_proxy_error,
};

static void
on_link_info (void *data, const struct pw_link_info *info)
{
  Link *link = data;

  link->active = info->state == PW_LINK_STATE_ACTIVE;
  if (link->active)
    g_clear_pointer (&link->owner->problem, g_free);
  if (info->state == PW_LINK_STATE_ERROR)
    link_refused (link, info->error != NULL ? info->error : "no reason given");
}

static const struct pw_link_events link_events = {
  PW_VERSION_LINK_EVENTS,
  .info = on_link_info,
};

static Link *
link_new (TuttiDeviceLinks *owner, const TuttiPortPair *pair)
{
  Link *link = g_new0 (Link, 1);
  struct pw_properties *props = pw_properties_new (PW_KEY_OBJECT_LINGER, "false", NULL);

  pw_properties_setf (props, PW_KEY_LINK_OUTPUT_PORT, "%u", pair->output);
  pw_properties_setf (props, PW_KEY_LINK_INPUT_PORT, "%u", pair->input);

  link->pair = *pair;
  link->owner = owner;
  link->proxy = pw_core_create_object (owner->core, "link-factory", PW_TYPE_INTERFACE_Link,
                                       PW_VERSION_LINK, &props->dict, 0);
  pw_properties_free (props);
  if (link->proxy != NULL) {
    pw_proxy_add_listener (link->proxy, &link->proxy_listener, &proxy_events, link);
    pw_link_add_listener ((struct pw_link *) link->proxy, &link->link_listener, &link_events, link);
  }

  return link;
}

static gboolean
same_pair (const TuttiPortPair *a, const TuttiPortPair *b)
{
  return a->output == b->output && a->input == b->input;
}

static gboolean
has_link (TuttiDeviceLinks *self, const TuttiPortPair *pair)
{
  for (guint i = 0; i < self->links->len; i++) {
    Link *link = g_ptr_array_index (self->links, i);

    if (same_pair (&link->pair, pair))
      return TRUE;
  }

  return FALSE;
}

TuttiDeviceLinks *
tutti_device_links_new (struct pw_core *core, TuttiDeviceGraphFunc retry, gpointer user_data)
{
  TuttiDeviceLinks *self = g_new0 (TuttiDeviceLinks, 1);

  self->core = core;
  self->retry = retry;
  self->user_data = user_data;
  self->links = g_ptr_array_new_with_free_func ((GDestroyNotify) link_free);

  return self;
}

void
tutti_device_links_free (TuttiDeviceLinks *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_ptr_array_unref (self->links);
  g_free (self->problem);
  g_free (self);
}

void
tutti_device_links_set (TuttiDeviceLinks *self, const TuttiPortPair *pairs, guint n_pairs)
{
  for (guint i = self->links->len; i > 0; i--) {
    Link *link = g_ptr_array_index (self->links, i - 1);
    gboolean wanted = FALSE;

    for (guint j = 0; j < n_pairs && !wanted; j++)
      wanted = same_pair (&link->pair, &pairs[j]);
    if (!wanted)
      g_ptr_array_remove_index_fast (self->links, i - 1);
  }

  if (self->links->len == 0)
    g_clear_pointer (&self->problem, g_free);
  for (guint i = 0; i < n_pairs; i++) {
    if (!has_link (self, &pairs[i]))
      g_ptr_array_add (self->links, link_new (self, &pairs[i]));
  }
}

void
tutti_device_links_reset (TuttiDeviceLinks *self)
{
  for (guint i = self->links->len; i > 0; i--) {
    Link *link = g_ptr_array_index (self->links, i - 1);

    if (link->proxy == NULL)
      g_ptr_array_remove_index_fast (self->links, i - 1);
  }
}

gboolean
tutti_device_links_are_active (TuttiDeviceLinks *self)
{
  for (guint i = 0; i < self->links->len; i++) {
    Link *link = g_ptr_array_index (self->links, i);

    /* One that somebody else has taken away or made is no business of ours. */
    if (link->proxy != NULL && !link->active)
      return FALSE;
  }

  return TRUE;
}

const char *
tutti_device_links_get_problem (TuttiDeviceLinks *self)
{
  return self->problem;
}
