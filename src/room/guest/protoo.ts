// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** What a message carries: it is read where it is used, and what nobody knows is ignored. */
export type Data = Record<string, any>;

/** What the room answers instead of a result. */
export class Refused extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** The connection ended before the answer came. */
export class Lost extends Error {}

export type Handlers = {
  request(method: string, data: Data): Promise<Data>;
  notification(method: string, data: Data): void;
  /** Once, however it ended. */
  closed(code: number, reason: string): void;
};

type Waiting = { resolve(data: Data): void; reject(error: Error): void };

/** docs/PROTOCOL.md, Framing: protoo over one WebSocket, the client's side. */
export class Protoo {
  readonly #socket: WebSocket;
  readonly #handlers: Handlers;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(address: string, handlers: Handlers) {
    this.#handlers = handlers;
    this.#socket = new WebSocket(address, 'protoo');
    this.#socket.addEventListener('message', ({ data }) => this.#take(data));
    this.#socket.addEventListener('close', ({ code, reason }) => this.#end(code, reason));
  }

  /** Rejects with Refused, or with Lost when the connection ends first. */
  ask(method: string, data: Data = {}): Promise<Data> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new Lost('not connected'));
        return;
      }
      this.#waiting.set(++this.#lastId, { resolve, reject });
      this.#send({ request: true, id: this.#lastId, method, data });
    });
  }

  notify(method: string, data: Data): void {
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#send({ notification: true, method, data });
  }

  close(): void {
    this.#socket.close();
  }

  #send(message: Data): void {
    this.#socket.send(JSON.stringify(message));
  }

  #end(code: number, reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Lost('the connection ended'));
    this.#waiting.clear();
    this.#handlers.closed(code, reason);
  }

  #take(text: unknown): void {
    let message: Data;

    try {
      message = JSON.parse(String(text)) as Data;
    } catch {
      this.#socket.close();
      return;
    }
    if (message['response']) this.#answered(message);
    else if (message['request']) void this.#answer(message);
    else if (message['notification'])
      this.#handlers.notification(String(message['method']), message['data'] ?? {});
  }

  #answered({ id, ok, data, errorCode, errorReason }: Data): void {
    const waiting = this.#waiting.get(id);

    this.#waiting.delete(id);
    if (ok) waiting?.resolve(data ?? {});
    else waiting?.reject(new Refused(Number(errorCode), String(errorReason)));
  }

  async #answer({ id, method, data }: Data): Promise<void> {
    try {
      const answer = await this.#handlers.request(String(method), data ?? {});

      this.#send({ response: true, id, ok: true, data: answer });
    } catch (error) {
      const code = error instanceof Refused ? error.code : 500;

      this.#send({ response: true, id, ok: false, errorCode: code, errorReason: String(error) });
    }
  }
}
