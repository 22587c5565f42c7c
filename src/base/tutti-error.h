/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TUTTI_ERROR (tutti_error_quark ())

/**
 * TuttiError:
 * @TUTTI_ERROR_FAILED: anything that has no code of its own
 * @TUTTI_ERROR_NO_PIPEWIRE: no PipeWire daemon answers
 * @TUTTI_ERROR_NO_DEVICE: the wanted (or any) input or output device is not there
 * @TUTTI_ERROR_DEVICE_GONE: a device in use was unplugged
 * @TUTTI_ERROR_DEVICE_BUSY: PipeWire has the device, and cannot use it
 * @TUTTI_ERROR_BAD_LINK: a room link could not be read
 * @TUTTI_ERROR_UNREACHABLE: nothing answers at the room's address
 * @TUTTI_ERROR_CERTIFICATE: the server's TLS certificate is not the one the link names
 * @TUTTI_ERROR_REFUSED: the room said no (the message holds its reason)
 * @TUTTI_ERROR_TIMEOUT: an answer did not come in time
 * @TUTTI_ERROR_PROTOCOL: the other side sent something that cannot be understood
 * @TUTTI_ERROR_VERSION: the room speaks another major version of the protocol
 * @TUTTI_ERROR_FINGERPRINT: the media server's DTLS certificate is not the one it announced
 * @TUTTI_ERROR_TRANSPORT: media cannot flow (ICE or DTLS failed)
 * @TUTTI_ERROR_DISCONNECTED: the connection to the room was lost
 * @TUTTI_ERROR_REPLACED: the same person joined from elsewhere
 * @TUTTI_ERROR_REMOVED: the person was removed from the room
 * @TUTTI_ERROR_ROOM_FULL: the room takes no more musicians
 * @TUTTI_ERROR_SERVICE: the local room service cannot be started or died
 * @TUTTI_ERROR_CODEC: no audio format is shared with the room, or the codec failed
 * @TUTTI_ERROR_FILE: a file cannot be read or written
 * @TUTTI_ERROR_RESTARTING: the room, or what carries its media, is being started again
 * @TUTTI_ERROR_NETWORK_CHANGED: this computer's way to the room is another one, or there is none
 * @TUTTI_ERROR_ASLEEP: this computer slept, or is about to
 * @TUTTI_ERROR_LOCKED: a host has locked the room
 * @TUTTI_ERROR_VIDEO: a camera or a screen cannot be used, or a picture not be shown
 *
 * The one error domain of Tutti. A message in it is translated and says what happened and why;
 * tutti_error_get_advice() says what the person can do.
 */
typedef enum {
  TUTTI_ERROR_FAILED,
  TUTTI_ERROR_NO_PIPEWIRE,
  TUTTI_ERROR_NO_DEVICE,
  TUTTI_ERROR_DEVICE_GONE,
  TUTTI_ERROR_DEVICE_BUSY,
  TUTTI_ERROR_BAD_LINK,
  TUTTI_ERROR_UNREACHABLE,
  TUTTI_ERROR_CERTIFICATE,
  TUTTI_ERROR_REFUSED,
  TUTTI_ERROR_TIMEOUT,
  TUTTI_ERROR_PROTOCOL,
  TUTTI_ERROR_VERSION,
  TUTTI_ERROR_FINGERPRINT,
  TUTTI_ERROR_TRANSPORT,
  TUTTI_ERROR_DISCONNECTED,
  TUTTI_ERROR_REPLACED,
  TUTTI_ERROR_REMOVED,
  TUTTI_ERROR_ROOM_FULL,
  TUTTI_ERROR_SERVICE,
  TUTTI_ERROR_CODEC,
  TUTTI_ERROR_FILE,
  TUTTI_ERROR_RESTARTING,
  TUTTI_ERROR_NETWORK_CHANGED,
  TUTTI_ERROR_ASLEEP,
  TUTTI_ERROR_LOCKED,
  TUTTI_ERROR_VIDEO,
} TuttiError;

GQuark tutti_error_quark (void);
const char *tutti_error_get_advice (const GError *error);
const char *tutti_error_get_nick (const GError *error);
gboolean tutti_error_is_fatal (const GError *error);

G_END_DECLS
