// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { detectDevice } from 'mediasoup-client';
import { element, say } from './elements.ts';
import { fill } from './i18n.ts';
import { knock, Place, readLink } from './door.ts';
import { listMicrophones, Microphone, MicrophoneError, openMicrophone } from './microphone.ts';
import { ofThisBrowser } from './storage.ts';
import { Room } from './room.ts';
import { Stage } from './stage.ts';
import { texts } from './texts.js';
import type { Ending, News } from './room.ts';
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
    element(
      'header',
      {},
      element('h1', { tabindex: -1 }, link.room || 'Tutti'),
      element('span', {}, 'Tutti'),
    ),
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

/** Which microphone, and whether the others come out of a loudspeaker. @signal: the end of it. */
function microphoneChoice(
  microphone: Microphone,
  use: (deviceId: string, echo: boolean) => Promise<void>,
  signal: AbortSignal,
): HTMLElement {
  const select = element('select', { id: 'microphone' });
  const echo = element('input', { type: 'checkbox', id: 'echo' });
  /** As it is: after a choice that came to nothing, and after something was plugged in or out. */
  const show = async () => {
    const found = await listMicrophones();
    const current = found.some(({ deviceId }) => deviceId === microphone.deviceId);

    select.replaceChildren(
      ...(current ? [] : [element('option', { value: '' }, texts.chooseMic)]),
      ...found.map(({ deviceId, label }) => element('option', { value: deviceId }, label)),
    );
    select.value = current ? microphone.deviceId : '';
    echo.checked = microphone.echo;
  };
  const changed = () => void use(select.value, echo.checked).then(show);

  select.addEventListener('change', changed);
  echo.addEventListener('change', changed);
  navigator.mediaDevices.addEventListener('devicechange', () => void show(), { signal });
  void show();

  return element(
    'div',
    { class: 'settings' },
    element('label', { for: 'microphone' }, texts.microphone),
    select,
    element('label', { class: 'check', for: 'echo' }, echo, texts.echo),
    element('p', { class: 'dim small' }, texts.echoAbout),
  );
}

function troubleText(error: unknown): string {
  return error instanceof MicrophoneError
    ? troubles[error.trouble]
    : fill(texts.wentWrong, String(error));
}

/** @track: what is sent; without one @trouble says why, where it was wanted. */
function play(
  place: Place,
  name: string,
  track: MediaStreamTrack | undefined,
  trouble: string,
): void {
  const room = new Room(place);
  const over = new AbortController();
  let complaint = trouble;
  let stage: Stage | undefined;
  const complain = (text: string) => {
    complaint = text;
    stage?.update(complaint);
  };
  const microphone = track && new Microphone(track, () => complain(texts.micGone));
  const choose = async (deviceId: string, echo: boolean) => {
    try {
      const next = await microphone!.choose(deviceId, echo);

      if (next) await room.replace(next);
      if (next) complain('');
    } catch {
      complain(microphone!.deviceId === '' ? texts.micGone : texts.micKept);
    }
  };
  const choice = microphone && microphoneChoice(microphone, choose, over.signal);

  room.addEventListener('reading', () => stage?.read());
  room.addEventListener('news', (event) => {
    const { what, name: who } = (event as CustomEvent<News>).detail;

    tell(fill(texts[what], who));
  });
  room.addEventListener('change', () => {
    if (room.state === 'ended') {
      over.abort();
      microphone?.close();
      showEnd(endText(room.ending!), texts.comeBack, openInTutti());
    } else if (stage) stage.update(complaint);
    else if (room.state !== 'joining') {
      stage = new Stage(room, name, choice, tell);
      show(stage.node);
      stage.update(complaint);
      page.querySelector('h1')!.focus();
    }
  });
  room.enter(name, track);
}

async function join(place: Place, name: string, sends: boolean): Promise<void> {
  let track: MediaStreamTrack | undefined;
  let trouble = '';

  ofThisBrowser.set(nameKey, name);
  // At once, so that nobody presses twice.
  show(element('p', { class: 'card middle' }, texts.joining));
  tell(texts.joining);
  try {
    if (sends) track = await openMicrophone('', false);
  } catch (error) {
    trouble = troubleText(error);
  }
  play(place, name, track, trouble);
}

function showDoor(place: Place, listener: boolean): void {
  const name = element('input', {
    id: 'name',
    maxlength: 64,
    autocomplete: 'nickname',
    'aria-describedby': 'missing',
    value: ofThisBrowser.get(nameKey) ?? '',
  });
  const missing = element('p', { id: 'missing', class: 'error', role: 'alert' });
  const enter = (sends: boolean) => {
    const said = name.value.replace(/\p{Cc}/gu, ' ').trim();

    say(missing, said === '' ? texts.nameMissing : '');
    name.setAttribute('aria-invalid', String(said === ''));
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

  show(element('p', { class: 'card middle' }, texts.joining));

  const place = new Place(link);
  const answer = await knock(place);

  if (!answer || ('code' in answer && answer.code === 'too-fast'))
    showEnd(texts.serverGone, texts.tryAgain);
  else if ('code' in answer) {
    if (answer.code === 'peer-taken') place.forget();
    showEnd(texts.refusals[answer.code] ?? fill(texts.wentWrong, answer.message), texts.tryAgain);
  } else showDoor(place, answer.role === 'listener');
}

begin().catch((error: unknown) => showEnd(fill(texts.wentWrong, String(error)), texts.tryAgain));
