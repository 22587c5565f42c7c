// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { detectDevice } from 'mediasoup-client';
import { element } from './elements.ts';
import { fill } from './i18n.ts';
import { knock, Place, readLink } from './door.ts';
import { listMicrophones, MicrophoneError, openMicrophone } from './microphone.ts';
import { Room } from './room.ts';
import { Stage } from './stage.ts';
import { texts } from './texts.js';
import type { Ending } from './room.ts';
import type { Trouble } from './microphone.ts';

const page = document.querySelector<HTMLElement>('#page')!;
const newsLine = document.querySelector<HTMLElement>('#news')!;
const link = readLink(location);
const nameKey = 'tutti/name';

const troubles: Record<Trouble, string> = {
  refused: texts.micRefused,
  missing: texts.micMissing,
  busy: texts.micBusy,
};

function show(...nodes: HTMLElement[]): void {
  page.replaceChildren(
    element('header', {}, element('h1', {}, link.room || 'Tutti'), element('span', {}, 'Tutti')),
    ...nodes,
  );
}

function tell(text: string): void {
  newsLine.textContent = text;
}

function openInTutti(): HTMLElement {
  return element('a', { class: 'button', href: link.app }, texts.openInTutti);
}

function showEnd(sentence: string, again: string, ...more: HTMLElement[]): void {
  const button = element(
    'button',
    { type: 'button', class: 'suggested', click: () => void begin() },
    again,
  );

  show(
    element(
      'section',
      { class: 'card middle' },
      element('p', { role: 'alert' }, sentence),
      element('div', { class: 'buttons' }, button, ...more),
    ),
  );
  button.focus();
}

function endText({ code, message }: Ending): string {
  const known: Record<string, string> = {
    left: texts.left,
    replaced: texts.replaced,
    removed: texts.removed,
    gone: texts.serverGone,
    '503': texts.full,
    ...texts.refusals,
  };

  return known[code] ?? fill(texts.wentWrong, message ?? code);
}

/** Which microphone, and whether the others come out of a loudspeaker. */
function microphoneChoice(
  first: MediaStreamTrack,
  use: (deviceId: string, echo: boolean) => Promise<void>,
): HTMLElement {
  const select = element('select', { id: 'microphone' });
  const echo = element('input', { type: 'checkbox', id: 'echo' });
  const changed = () => void use(select.value, echo.checked);
  const list = async (current: string | undefined) => {
    const found = await listMicrophones();

    select.replaceChildren(
      ...found.map(({ deviceId, label }) => element('option', { value: deviceId }, label)),
    );
    if (found.some(({ deviceId }) => deviceId === current)) select.value = current!;
  };

  select.addEventListener('change', changed);
  echo.addEventListener('change', changed);
  navigator.mediaDevices.addEventListener('devicechange', () => void list(select.value));
  void list(first.getSettings().deviceId);

  return element(
    'div',
    { class: 'settings' },
    element('label', { for: 'microphone' }, texts.microphone),
    select,
    element('label', { class: 'check', for: 'echo' }, echo, texts.echo),
    element('p', { class: 'dim small' }, texts.echoAbout),
  );
}

function play(
  place: Place,
  name: string,
  track: MediaStreamTrack | undefined,
  trouble: string,
): void {
  const room = new Room(place);
  let complaint = trouble;
  let stage: Stage | undefined;
  const follow = (one: MediaStreamTrack) =>
    one.addEventListener('ended', () => {
      complaint = texts.micGone;
      stage?.update(complaint);
    });
  const choice =
    track &&
    microphoneChoice(track, async (deviceId, echo) => {
      try {
        const next = await openMicrophone(deviceId, echo);

        follow(next);
        await room.replace(next);
        complaint = '';
      } catch (error) {
        complaint = error instanceof MicrophoneError ? troubles[error.trouble] : String(error);
      }
      stage?.update(complaint);
    });

  if (track) follow(track);
  room.addEventListener('reading', () => stage?.read());
  room.addEventListener('news', (event) => {
    const { what, name: who } = (event as CustomEvent<{ what: 'came' | 'went'; name: string }>)
      .detail;

    tell(fill(texts[what], who));
  });
  room.addEventListener('change', () => {
    if (room.state === 'ended') showEnd(endText(room.ending!), texts.comeBack, openInTutti());
    else if (stage) stage.update(complaint);
    else if (room.state !== 'joining') {
      stage = new Stage(room, name, choice);
      show(stage.node);
      stage.update(complaint);
    }
  });
  show(element('p', { class: 'card middle', role: 'status' }, texts.joining));
  room.enter(name, track);
}

async function join(place: Place, name: string, sends: boolean): Promise<void> {
  let track: MediaStreamTrack | undefined;
  let trouble = '';

  localStorage.setItem(nameKey, name);
  try {
    if (sends) track = await openMicrophone('', false);
  } catch (error) {
    trouble = error instanceof MicrophoneError ? troubles[error.trouble] : String(error);
  }
  play(place, name, track, trouble);
}

function showDoor(place: Place, listener: boolean): void {
  const name = element('input', {
    id: 'name',
    maxlength: 64,
    autocomplete: 'nickname',
    value: localStorage.getItem(nameKey) ?? '',
  });
  const missing = element('p', { class: 'error', role: 'alert', hidden: true }, texts.nameMissing);
  const enter = (sends: boolean) => {
    const said = name.value.replace(/\p{Cc}/gu, ' ').trim();

    missing.hidden = said !== '';
    if (said === '') name.focus();
    else void join(place, said, sends);
  };
  const listen = element(
    'button',
    {
      type: listener ? 'submit' : 'button',
      class: listener ? 'suggested' : '',
      ...(!listener && { click: () => enter(false) }),
    },
    texts.listen,
  );
  const form = element(
    'form',
    {
      class: 'card',
      submit: (event) => {
        event.preventDefault();
        enter(!listener);
      },
    },
    element('p', {}, listener ? texts.invitedToListen : texts.invitedToPlay),
    element('label', { for: 'name' }, texts.yourName),
    name,
    missing,
    ...(listener ? [] : [element('p', { class: 'dim' }, texts.advice)]),
    element(
      'div',
      { class: 'buttons' },
      ...(listener ? [] : [element('button', { class: 'suggested' }, texts.playAlong)]),
      listen,
    ),
  );

  show(
    form,
    element(
      'section',
      { class: 'app' },
      element('p', { class: 'dim small' }, texts.slower),
      openInTutti(),
    ),
  );
  name.focus();
}

async function begin(): Promise<void> {
  document.title = `${link.room || texts.title} – Tutti`;
  if (!link.room) return showEnd(texts.noRoom, texts.tryAgain);
  if (!detectDevice() || !navigator.mediaDevices)
    return showEnd(texts.oldBrowser, texts.tryAgain, openInTutti());

  const place = new Place(link);
  const answer = await knock(place);

  if (!answer) showEnd(texts.serverGone, texts.tryAgain);
  else if ('code' in answer) {
    if (answer.code === 'peer-taken') place.forget();
    showEnd(texts.refusals[answer.code] ?? fill(texts.wentWrong, answer.message), texts.tryAgain);
  } else showDoor(place, answer.role === 'listener');
}

void begin();
