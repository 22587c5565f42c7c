// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { _ } from './i18n.ts';

/** Everything that the page says. JavaScript, because xgettext reads that. */
export const texts = {
  title: _('Play together'),
  noRoom: _('This link names no room. Ask whoever sent it for the whole link.'),
  oldBrowser: _(
    'This browser cannot join. Use a current Chromium, Chrome, Edge, Firefox or Safari.',
  ),
  serverGone: _('The room’s computer does not answer. Try again in a moment.'),
  tryAgain: _('Try Again'),

  // Before the room
  invitedToPlay: _('You are invited to play in this room.'),
  invitedToListen: _('You are invited to listen in this room.'),
  yourName: _('Your name'),
  nameMissing: _('Say who you are, so that the others know whom they hear.'),
  playAlong: _('Play Along'),
  listen: _('Just Listen'),
  openInTutti: _('Open in Tutti'),
  advice: _('Wear headphones: else everyone hears themselves come back.'),
  slower: _(
    'A browser hears and is heard later than the Tutti app. It will do for singing along, talking and listening; for playing tightly together, use the app.',
  ),
  joining: _('Joining…'),

  // In the room
  you: _('You'),
  mute: _('Mute'),
  level: _('Level'),
  volumeOf: _('Volume of %s'),
  muteOf: _('Mute %s for me'),
  levelOf: _('Level of %s'),
  silent: _('silent'),
  microphone: _('Microphone'),
  echo: _('I have no headphones'),
  echoAbout: _('The browser then takes the others out of your sound, which costs quality.'),
  leave: _('Leave'),
  host: _('Host'),
  listens: _('Listens'),
  mutedThere: _('Muted there'),
  alone: _('Nobody else is here yet.'),
  came: _('%s is here'),
  went: _('%s has left'),
  connection: _('Connection: %s'),
  roundTrip: _('round trip %s ms'),
  keptBack: _('the browser keeps %s ms of sound back'),
  relayed: _('relayed'),
  reconnecting: _('The connection was lost. Coming back…'),
  draining: _('The room’s computer is about to restart. You will come back by yourself.'),

  mutedBy: _('%s has muted you for everybody. Only you can unmute yourself: press Mute.'),
  askedBy: _('%s would like to hear you. Press Mute to unmute yourself.'),
  apartWith: _('A host has moved you to a side room. Only %s and you hear each other.'),
  apart: _('A host has moved you to a side room. Nobody hears you there.'),
  nowListens: _('A host has made you a listener: you hear the others, and they do not hear you.'),
  mayPlay: _('You may play along now. Load this page again to choose a microphone.'),

  // The microphone
  micRefused: _(
    'The browser may not use the microphone, so you can only listen. Allow it in the address bar, then load this page again.',
  ),
  micMissing: _(
    'No microphone was found, so you can only listen. Plug one in, then load this page again.',
  ),
  micBusy: _(
    'The microphone cannot be used: another program may have it. You can only listen for now.',
  ),
  micGone: _('The microphone is gone: nobody hears you. Choose another one.'),

  micKept: _('That microphone cannot be used. The one before is still heard.'),
  chooseMic: _('Choose…'),
  hear: _('Hear the Others'),
  hearAbout: _('The browser waits for you before it plays anything.'),

  // The end
  left: _('You have left the room.'),
  replaced: _('You have joined from somewhere else, so this page has left the room.'),
  removed: _('You were removed from the room. You can come back when a host invites you anew.'),
  full: _('The room is full. Try again later.'),
  wentWrong: _('Something went wrong: %s'),
  comeBack: _('Join Again'),

  // Why the door is closed
  /** @type {Record<string, string>} */
  refusals: {
    'invite-missing': _('This room is entered by invitation. Ask the host for a link.'),
    'invite-invalid': _('This link is damaged, or not of this room. Ask the host for a new one.'),
    'invite-expired': _('This link has expired. Ask the host for a new one.'),
    'invite-revoked': _('This link was taken back. Ask the host for a new one.'),
    'invite-other-room': _('This link is for another room. Ask the host for the right one.'),
    'room-locked': _(
      'The room is locked: nobody new comes in at the moment. Ask a host to unlock it.',
    ),
    'peer-taken': _('Somebody else is in the room in your place. Load this page again.'),
  },
};
