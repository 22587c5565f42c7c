/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-error.h"

#include "tutti-i18n.h"

G_DEFINE_QUARK (tutti - error - quark, tutti_error)

/*< private >
 * ErrorInfo:
 * @nick: stable name, for logs and for `tutti-cli`
 * @fatal: trying again without a person changing something is pointless
 * @advice: msgid, what the person can do
 */
typedef struct {
  const char *nick;
  gboolean fatal;
  const char *advice;
} ErrorInfo;

static const ErrorInfo infos[] = {
  [TUTTI_ERROR_FAILED] = { "failed", FALSE,
                           N_ ("Try again. If it keeps happening, restart Tutti.") },
  [TUTTI_ERROR_NO_PIPEWIRE] = { "no-pipewire", FALSE,
                                N_ ("Tutti needs PipeWire, the sound service of your computer. Log "
                                    "out and in again, or "
                                    "install PipeWire if your system does not have it.") },
  [TUTTI_ERROR_NO_DEVICE] = { "no-device", FALSE,
                              N_ ("Plug in a microphone, an audio interface or headphones, or "
                                  "choose another device.") },
  [TUTTI_ERROR_DEVICE_GONE] = { "device-gone", FALSE,
                                N_ ("Plug the device in again, or choose another one.") },
  [TUTTI_ERROR_DEVICE_BUSY] = { "device-busy", FALSE,
                                N_ ("Close the other program, or choose another device. Tutti "
                                    "tries again by itself.") },
  [TUTTI_ERROR_BAD_LINK] = { "bad-link", TRUE,
                             N_ ("Check that the link was copied whole, or ask for it to be sent "
                                 "again. It looks like "
                                 "tutti://host/room.") },
  [TUTTI_ERROR_UNREACHABLE] = { "unreachable", FALSE,
                                N_ ("Check your internet connection, and ask the host whether the "
                                    "room is open.") },
  [TUTTI_ERROR_CERTIFICATE] = { "certificate", TRUE,
                                N_ ("This may be another computer than the one you were invited "
                                    "to. Ask the host for a new "
                                    "link and do not go on with this one.") },
  [TUTTI_ERROR_REFUSED] = { "refused", TRUE, N_ ("Ask the host for a new invitation.") },
  [TUTTI_ERROR_TIMEOUT] = { "timeout", FALSE,
                            N_ ("The connection or the room is slow right now. Wait a moment and "
                                "try again.") },
  [TUTTI_ERROR_PROTOCOL] = { "protocol", TRUE,
                             N_ ("You and the room may be running versions that do not fit "
                                 "together. Update Tutti, and ask "
                                 "the host to do the same.") },
  [TUTTI_ERROR_VERSION] = { "version", TRUE,
                            N_ ("Update Tutti, or ask the host to update the room.") },
  [TUTTI_ERROR_FINGERPRINT] = { "fingerprint", TRUE,
                                N_ ("Somebody may be between you and the room. Nothing was sent or "
                                    "played. Ask the host before "
                                    "you try again.") },
  [TUTTI_ERROR_TRANSPORT] = { "transport", FALSE,
                              N_ ("A firewall or router may be blocking the sound. Use a network "
                                  "cable instead of Wi-Fi, or "
                                  "try another network.") },
  [TUTTI_ERROR_DISCONNECTED] = { "disconnected", FALSE,
                                 N_ ("Check your internet connection. Tutti tries to come back by "
                                     "itself.") },
  [TUTTI_ERROR_REPLACED] = { "replaced", TRUE,
                             N_ ("Close Tutti on the other computer or window, then join again "
                                 "here.") },
  [TUTTI_ERROR_REMOVED] = { "removed", TRUE,
                            N_ ("You can come back when a host invites you anew.") },
  [TUTTI_ERROR_ROOM_FULL] = { "room-full", TRUE,
                              N_ ("Wait until somebody leaves, or ask the host for another "
                                  "room.") },
  [TUTTI_ERROR_SERVICE] = { "service", FALSE,
                            N_ ("Start the room again. If that does not help, join a room on "
                                "another computer.") },
  [TUTTI_ERROR_CODEC] = { "codec", TRUE,
                          N_ ("Update Tutti, or ask the host to choose the standard audio format "
                              "for this room.") },
  [TUTTI_ERROR_FILE] = { "file", TRUE,
                         N_ ("Check that the file or folder exists, that you may use it, and that "
                             "the disk is not "
                             "full.") },
  [TUTTI_ERROR_RESTARTING] = { "restarting", FALSE,
                               N_ ("You need not do anything: Tutti comes back by itself.") },
  [TUTTI_ERROR_NETWORK_CHANGED] = { "network-changed", FALSE,
                                    N_ ("Tutti comes back over the network that is there now.") },
  [TUTTI_ERROR_ASLEEP] = { "asleep", FALSE,
                           N_ ("Tutti comes back by itself as soon as the computer is awake and "
                               "has "
                               "a network.") },
  [TUTTI_ERROR_LOCKED] = { "locked", TRUE, N_ ("Ask a host to unlock the room, then try again.") },
  [TUTTI_ERROR_VIDEO] = { "video", FALSE,
                          N_ ("Close other programs that use the camera, plug it in again, or "
                              "choose another one. The sound goes on meanwhile.") },
};

static const ErrorInfo *
find_info (const GError *error)
{
  if (error && error->domain == TUTTI_ERROR && error->code >= 0 &&
      (size_t) error->code < G_N_ELEMENTS (infos))
    return &infos[error->code];

  return &infos[TUTTI_ERROR_FAILED];
}

/**
 * tutti_error_get_advice:
 * @error: (nullable): any error; one outside TUTTI_ERROR gets the general advice
 *
 * Any thread.
 *
 * Returns: (transfer none): a translated sentence: what the person can do about it
 */
const char *
tutti_error_get_advice (const GError *error)
{
  return g_dgettext (GETTEXT_PACKAGE, find_info (error)->advice);
}

/**
 * tutti_error_get_nick:
 * @error: (nullable): any error
 *
 * Any thread.
 *
 * Returns: (transfer none): the stable, untranslated name of the code, such as "no-pipewire";
 *   "cancelled" for %G_IO_ERROR_CANCELLED and "failed" for everything else outside TUTTI_ERROR
 */
const char *
tutti_error_get_nick (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "cancelled";

  return find_info (error)->nick;
}

/**
 * tutti_error_is_fatal:
 * @error: (nullable): any error
 *
 * Any thread.
 *
 * Returns: whether trying again by itself is pointless: a person has to change something first.
 *   %G_IO_ERROR_CANCELLED is fatal (somebody wanted the end); other foreign errors are not.
 */
gboolean
tutti_error_is_fatal (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;

  return find_info (error)->fatal;
}
