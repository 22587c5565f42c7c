// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

export type Trouble = 'refused' | 'missing' | 'busy';

export class MicrophoneError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : '';

  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';

  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy';
}

/**
 * What browsers do to speech (echo cancelling, noise suppression, automatic gain) ruins music and
 * costs time: only @echo asks for the first. Rejects with a MicrophoneError.
 */
export async function openMicrophone(deviceId: string, echo: boolean): Promise<MediaStreamTrack> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        ...(deviceId !== '' && { deviceId: { exact: deviceId } }),
        echoCancellation: echo,
        noiseSuppression: false,
        autoGainControl: false,
        channelCount: { ideal: 1 },
        sampleRate: { ideal: 48000 },
      },
    });

    return stream.getAudioTracks()[0]!;
  } catch (error) {
    throw new MicrophoneError(troubleOf(error));
  }
}

/** Names are only there once the browser may use one of them. */
export async function listMicrophones(): Promise<MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();

  return all.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '');
}

/**
 * Which microphone is heard, and how: the one of the moment, and the way to another. Of several
 * choices made quickly the last one counts.
 */
export class Microphone {
  track: MediaStreamTrack;
  #echo = false;
  #choice = 0;
  #closed = false;
  /** Somebody has pulled it out. */
  readonly #gone: () => void;

  constructor(track: MediaStreamTrack, gone: () => void) {
    this.track = track;
    this.#gone = gone;
    this.#follow();
  }

  get deviceId(): string {
    return this.track.readyState === 'live' ? (this.track.getSettings().deviceId ?? '') : '';
  }

  get echo(): boolean {
    return this.#echo;
  }

  /** Resolves with the new track, or undefined when it is not wanted any more; rejects with a MicrophoneError. */
  async choose(deviceId: string, echo: boolean): Promise<MediaStreamTrack | undefined> {
    const choice = ++this.#choice;
    const track = await openMicrophone(deviceId, echo);

    if (choice !== this.#choice || this.#closed) {
      track.stop();
      return undefined;
    }
    this.track = track;
    this.#echo = echo;
    this.#follow();

    return track;
  }

  close(): void {
    this.#closed = true;
    this.track.stop();
  }

  #follow(): void {
    const { track } = this;

    track.addEventListener('ended', () => {
      if (track === this.track && !this.#closed) this.#gone();
    });
  }
}
