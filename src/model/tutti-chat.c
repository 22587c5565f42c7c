/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-chat-private.h"

#include "tutti-thread.h"

/* A room that talks for days must not fill the memory. */
#define MAX_MESSAGES 1000

struct _TuttiChatMessage {
  GObject parent_instance;

  char *name;
  char *text;
  GDateTime *time;
  gboolean mine;
};

typedef enum { PROP_NAME = 1, PROP_TEXT, PROP_TIME, PROP_MINE, N_PROPS } Property;

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiChatMessage, tutti_chat_message, G_TYPE_OBJECT)

static void
tutti_chat_message_finalize (GObject *object)
{
  TuttiChatMessage *self = TUTTI_CHAT_MESSAGE (object);

  g_free (self->name);
  g_free (self->text);
  g_date_time_unref (self->time);

  G_OBJECT_CLASS (tutti_chat_message_parent_class)->finalize (object);
}

static void
tutti_chat_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiChatMessage *self = TUTTI_CHAT_MESSAGE (object);

  switch ((Property) id) {
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_TEXT:
    g_value_set_string (value, self->text);
    break;
  case PROP_TIME:
    g_value_set_boxed (value, self->time);
    break;
  case PROP_MINE:
    g_value_set_boolean (value, self->mine);
    break;
  case N_PROPS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_chat_message_class_init (TuttiChatMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = tutti_chat_message_finalize;
  object_class->get_property = tutti_chat_message_get_property;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  properties[PROP_TIME] = g_param_spec_boxed ("time", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_MINE] = g_param_spec_boolean ("mine", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
tutti_chat_message_init (TuttiChatMessage *self)
{
}

const char *
tutti_chat_message_get_name (TuttiChatMessage *self)
{
  return self->name;
}

const char *
tutti_chat_message_get_text (TuttiChatMessage *self)
{
  return self->text;
}

GDateTime *
tutti_chat_message_get_time (TuttiChatMessage *self)
{
  return self->time;
}

gboolean
tutti_chat_message_is_mine (TuttiChatMessage *self)
{
  return self->mine;
}

/* -- all of them -- */

struct _TuttiChat {
  GListStore *messages; /* owned, of TuttiChatMessage */
  gint64 last_id;
  gint64 last_at_ms;
};

TuttiChat *
tutti_chat_new (void)
{
  TuttiChat *self = g_new0 (TuttiChat, 1);

  self->messages = g_list_store_new (TUTTI_TYPE_CHAT_MESSAGE);

  return self;
}

void
tutti_chat_free (TuttiChat *self)
{
  g_object_unref (self->messages);
  g_free (self);
}

GListModel *
tutti_chat_get_model (TuttiChat *self)
{
  return G_LIST_MODEL (self->messages);
}

static GDateTime *
local_time (gint64 at_ms)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at_ms / 1000);

  GDateTime *local = utc ? g_date_time_to_local (utc) : NULL;

  /* Foreign numbers may lie beyond the calendar. */
  return local ? local : g_date_time_new_now_local ();
}

TuttiChatMessage *
tutti_chat_take (TuttiChat *self, const TuttiChatLine *line, gboolean mine)
{
  g_autoptr (TuttiChatMessage) message = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  /* A service that was started anew counts anew: then the time has gone on. */
  if (line->id <= self->last_id && line->at_ms <= self->last_at_ms)
    return NULL;

  self->last_id = line->id;
  self->last_at_ms = line->at_ms;
  message = g_object_new (TUTTI_TYPE_CHAT_MESSAGE, NULL);
  message->name = g_strdup (line->display_name);
  message->text = g_strdup (line->text);
  message->time = local_time (line->at_ms);
  message->mine = mine;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) == MAX_MESSAGES)
    g_list_store_remove (self->messages, 0);
  g_list_store_append (self->messages, message);

  return message; /* the list holds it */
}

void
tutti_chat_clear (TuttiChat *self)
{
  self->last_id = 0;
  self->last_at_ms = 0;
  g_list_store_remove_all (self->messages);
}
