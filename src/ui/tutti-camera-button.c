/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-camera-button.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-stage-page.h"

#define GROUP   "camera"
#define SETTING "camera-device"

struct _TuttiCameraButton {
  AdwBin parent_instance;

  AdwSplitButton *button; /* borrowed, the child */
  GMenu *menu;            /* owned; of the cameras */
  TuttiJam *jam;          /* owned */
  GSimpleAction *toggle;  /* owned by the group */
  GSimpleAction *device;
};

G_DEFINE_FINAL_TYPE (TuttiCameraButton, tutti_camera_button, ADW_TYPE_BIN)

static void
show_problem (TuttiCameraButton *self, const GError *error)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (self), TUTTI_TYPE_STAGE_PAGE);
  g_autofree char *text = g_strdup_printf ("%s %s", error->message, tutti_error_get_advice (error));
  AdwToast *toast;

  if (!page)
    return;
  toast = adw_toast_new (text);
  adw_toast_set_use_markup (toast, FALSE);
  tutti_stage_page_toast (TUTTI_STAGE_PAGE (page), toast);
}

/* The chosen one while it is there, else the first. (transfer full) (nullable) */
static char *
choose_device (TuttiCameraButton *self)
{
  GListModel *cameras = tutti_sound_get_cameras (tutti_jam_get_sound (self->jam));
  g_autofree char *wanted = g_settings_get_string (tutti_jam_get_settings (self->jam), SETTING);
  char *first = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (cameras); i++) {
    g_autoptr (TuttiDevice) camera = g_list_model_get_item (cameras, i);
    const char *name = tutti_device_get_name (camera);

    if (g_str_equal (name, wanted)) {
      g_free (first);
      return g_strdup (name);
    }
    if (!first || tutti_device_get_is_default (camera)) {
      g_free (first);
      first = g_strdup (name);
    }
  }
  return first;
}

static gboolean
is_on (TuttiCameraButton *self)
{
  g_autoptr (TuttiVideo) camera = NULL;

  g_object_get (tutti_jam_get_session (self->jam), "camera", &camera, NULL);
  return camera != NULL;
}

static void
turn_on (TuttiCameraButton *self)
{
  g_autofree char *device = choose_device (self);
  g_autoptr (TuttiVideoSource) source = tutti_video_source_new (TUTTI_VIDEO_CAMERA, device, -1);
  g_autoptr (GError) error = NULL;

  if (!tutti_session_show (tutti_jam_get_session (self->jam), source, &error))
    show_problem (self, error);
}

static void
toggle_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiCameraButton *self = data;

  if (is_on (self))
    tutti_session_hide (tutti_jam_get_session (self->jam), TUTTI_VIDEO_CAMERA);
  else
    turn_on (self);
}

static void
device_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  TuttiCameraButton *self = data;

  g_settings_set_string (tutti_jam_get_settings (self->jam), SETTING,
                         g_variant_get_string (value, NULL));
  g_simple_action_set_state (action, value);
  turn_on (self);
}

static void
update (TuttiCameraButton *self)
{
  gboolean on = is_on (self);
  g_autofree char *device = choose_device (self);
  const char *text = on ? _ ("Turn Your Camera Off") : _ ("Turn Your Camera On");
  TuttiRole role;

  g_object_get (tutti_jam_get_session (self->jam), "role", &role, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), role != TUTTI_ROLE_LISTENER);
  adw_split_button_set_icon_name (self->button,
                                  on ? "camera-video-symbolic" : "camera-disabled-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button),
                               device || on ? text : _ ("No Camera Was Found"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  g_simple_action_set_enabled (self->toggle, on || device != NULL);
  g_simple_action_set_state (self->device, g_variant_new_string (device ? device : ""));
}

static void
cameras_changed (TuttiCameraButton *self)
{
  GListModel *cameras = tutti_sound_get_cameras (tutti_jam_get_sound (self->jam));

  g_menu_remove_all (self->menu);
  for (guint i = 0; i < g_list_model_get_n_items (cameras); i++) {
    g_autoptr (TuttiDevice) camera = g_list_model_get_item (cameras, i);
    g_autoptr (GMenuItem) item = g_menu_item_new (tutti_device_get_description (camera), NULL);

    g_menu_item_set_action_and_target (item, GROUP ".device", "s", tutti_device_get_name (camera));
    g_menu_append_item (self->menu, item);
  }
  if (g_list_model_get_n_items (cameras) == 0)
    g_menu_append (self->menu, _ ("No Camera Was Found"), NULL);
  update (self);
}

static void
tutti_camera_button_dispose (GObject *object)
{
  TuttiCameraButton *self = TUTTI_CAMERA_BUTTON (object);

  g_clear_object (&self->menu);
  g_clear_object (&self->jam);
  G_OBJECT_CLASS (tutti_camera_button_parent_class)->dispose (object);
}

static void
tutti_camera_button_class_init (TuttiCameraButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_camera_button_dispose;
}

static void
tutti_camera_button_init (TuttiCameraButton *self)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  self->toggle = g_simple_action_new ("toggle", NULL);
  self->device =
      g_simple_action_new_stateful ("device", G_VARIANT_TYPE_STRING, g_variant_new_string (""));
  g_signal_connect_object (self->toggle, "activate", G_CALLBACK (toggle_cb), self, 0);
  g_signal_connect_object (self->device, "activate", G_CALLBACK (device_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (self->toggle));
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (self->device));
  g_object_unref (self->toggle); /* the group has them */
  g_object_unref (self->device);
  gtk_widget_insert_action_group (GTK_WIDGET (self), GROUP, G_ACTION_GROUP (group));

  self->menu = g_menu_new ();
  self->button = ADW_SPLIT_BUTTON (adw_split_button_new ());
  adw_split_button_set_menu_model (self->button, G_MENU_MODEL (self->menu));
  adw_split_button_set_direction (self->button, GTK_ARROW_UP);
  adw_split_button_set_dropdown_tooltip (self->button, _ ("Choose a Camera"));
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), GROUP ".toggle");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}

void
tutti_camera_button_set_jam (TuttiCameraButton *self, TuttiJam *jam)
{
  TuttiSession *session = tutti_jam_get_session (jam);

  g_return_if_fail (self->jam == NULL);

  self->jam = g_object_ref (jam);
  g_signal_connect_object (session, "notify::camera", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::role", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "video-failed", G_CALLBACK (show_problem), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_sound_get_cameras (tutti_jam_get_sound (jam)), "items-changed",
                           G_CALLBACK (cameras_changed), self, G_CONNECT_SWAPPED);
  cameras_changed (self);
}
