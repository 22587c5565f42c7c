// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CompactSign, compactVerify } from 'jose';
import { Code, RequestError, SetupError } from './errors.ts';
import { complainPart } from './schemas.ts';
import { createOnce, readIfThere, replace } from './state-file.ts';
import { limits } from './limits.ts';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';

/** What somebody may do in a room: a host hands out invites, a listener sends nothing. */
export type Role = 'host' | 'musician' | 'listener';

/** An invite as it is kept. Times are Unix times in seconds. */
export type Invite = {
  id: string;
  room: string;
  role: Role;
  name?: string;
  createdAt: number;
  expiresAt: number;
  revoked: boolean;
  /** Who came by it was sent away, too, and does not come back. */
  removed?: boolean;
};

/** By what right somebody is in a room. */
export type Grant = {
  role: Role;
  /** The invite that this goes back to; undefined: the owner's own, or none was needed. */
  invite?: string;
  /** Somebody who was in the room before under the same peer id: only they may take its place. */
  returning: boolean;
};

/** Why an invite does not let anybody in: the `Tutti-Refusal` header of docs/PROTOCOL.md. */
export type RefusalCode =
  | 'invite-missing'
  | 'invite-invalid'
  | 'invite-expired'
  | 'invite-revoked'
  | 'invite-other-room'
  | 'peer-taken';

const sentences: Record<RefusalCode, string> = {
  'invite-missing': 'This room is entered by invitation: ask for a link with an invite.',
  'invite-invalid':
    'This invite was not made by this room service, or a part of the link is missing.',
  'invite-expired': 'This invite has expired: ask for a new one.',
  'invite-revoked': 'This invite was taken back.',
  'invite-other-room': 'This invite is for another room.',
  'peer-taken': 'Somebody is in the room under this peer id.',
};

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode) {
    super(sentences[code]);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** What is signed. `inv`: the id of the invite it is, or goes back to; `owner` has no record. */
type Claims =
  | { use: 'invite'; inv: string; room: string; role: Role; exp?: number }
  | { use: 'seat'; inv?: string; room: string; role: Role; peer: string; exp: number };

const owner = 'owner';
const anyRoom = '*';
const keyBytes = 32;
/** Longer than anybody plays in a row; a connection that comes back gets a new one. */
const seatSeconds = 7 * 24 * 3600;
const forgetSeconds = 30 * 24 * 3600;

const now = () => Math.floor(Date.now() / 1000);

/**
 * Who may come in. The key is in the state directory, and each invite is a file there, which is
 * looked at whenever it is used: several services may share the directory. Tokens are JWS (RFC 7515)
 * with HS256. All files are for their owner only.
 */
export class Invites {
  readonly #directory: string;
  readonly #key: Uint8Array;
  readonly #open: boolean;
  readonly #log: Logger;

  private constructor(directory: string, key: Uint8Array, open: boolean, log: Logger) {
    this.#directory = directory;
    this.#key = key;
    this.#open = open;
    this.#log = log;
  }

  /** Throws SetupError when they cannot be kept. */
  static load(config: Config, log: Logger): Invites {
    const directory = path.join(config.stateDir, 'invites');

    try {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 });

      const file = path.join(config.stateDir, 'invite.key');
      const text = createOnce(file, `${crypto.randomBytes(keyBytes).toString('base64url')}\n`);
      const key = Buffer.from(text.trim(), 'base64url');

      fs.chmodSync(file, 0o600);
      if (key.length !== keyBytes) throw new Error(`${file} is damaged`);

      const invites = new Invites(directory, key, config.open, log);

      invites.#forget();

      return invites;
    } catch (error) {
      throw new SetupError(`Invites cannot be kept: ${(error as Error).message}.`);
    }
  }

  /** Of who runs the service: host of every room, for as long as the key is the same. */
  ownerToken(): Promise<string> {
    return this.#sign({ use: 'invite', inv: owner, room: anyRoom, role: 'host' });
  }

  /** By what right @peerId comes into @room. Rejects with a Refusal. */
  async admit(room: string, peerId: string, invite?: string, seat?: string): Promise<Grant> {
    const returning = seat === undefined ? undefined : await this.#seated(room, peerId, seat);

    if (returning) return returning;
    if (invite === undefined) {
      if (this.#open) return { role: 'musician', returning: false };
      throw new Refusal('invite-missing');
    }

    return this.#invited(room, invite);
  }

  /** Lets @peerId come back to @room by @grant. */
  seat(room: string, peerId: string, { role, invite }: Grant): Promise<string> {
    const exp = now() + seatSeconds;

    return this.#sign({ use: 'seat', inv: invite, room, role, peer: peerId, exp });
  }

  /** Throws a RequestError when there are too many of the room. */
  create(room: string, role: Role, seconds: number, name?: string): Invite {
    const open = this.list(room).filter(({ revoked, expiresAt }) => !revoked && expiresAt > now());

    if (open.length >= limits.invitesPerRoom)
      throw new RequestError(
        Code.busy,
        `This room has ${open.length} invites: take some of them back first.`,
      );

    const id = crypto.randomBytes(9).toString('base64url');
    const createdAt = now();
    const invite: Invite = {
      id,
      room,
      role,
      ...(name !== undefined && { name }),
      createdAt,
      expiresAt: createdAt + seconds,
      revoked: false,
    };

    this.#write(invite);

    return invite;
  }

  /** What goes into the link. The same for as long as the invite exists. */
  token({ id, room, role }: Pick<Invite, 'id' | 'room' | 'role'>): Promise<string> {
    return this.#sign({ use: 'invite', inv: id, room, role });
  }

  /** Of one room, the newest first; those that have ended are there for a month. */
  list(room: string): Invite[] {
    return fs
      .readdirSync(this.#directory)
      .flatMap((file) => this.#read(file.replace(/\.json$/, '')) ?? [])
      .filter((invite) => invite.room === room)
      .sort((a, b) => b.createdAt - a.createdAt || a.id.localeCompare(b.id));
  }

  /** From now on for @seconds, also when it had ended: the link that people have is good again. */
  renew(room: string, id: string, seconds: number): Invite {
    const invite = { ...this.#find(room, id), expiresAt: now() + seconds, revoked: false };

    delete invite.removed;
    this.#write(invite);

    return invite;
  }

  /** @remove: whoever came by it is not to come back, either. */
  revoke(room: string, id: string, remove: boolean): void {
    const invite = this.#find(room, id);

    this.#write({ ...invite, revoked: true, removed: remove || invite.removed });
  }

  async #invited(room: string, token: string): Promise<Grant> {
    const claims = await this.#verify(token);

    if (claims?.use !== 'invite') throw new Refusal('invite-invalid');
    if (claims.inv === owner) return { role: claims.role, returning: false };
    if (claims.room !== room) throw new Refusal('invite-other-room');

    const invite = this.#read(claims.inv);

    if (!invite) throw new Refusal('invite-expired');
    if (invite.revoked) throw new Refusal('invite-revoked');
    if (invite.expiresAt <= now()) throw new Refusal('invite-expired');

    return { role: invite.role, invite: invite.id, returning: false };
  }

  /** Undefined: the seat is of no use, and the invite counts. */
  async #seated(room: string, peerId: string, token: string): Promise<Grant | undefined> {
    const claims = await this.#verify(token);

    if (claims?.use !== 'seat' || claims.room !== room || claims.peer !== peerId) return undefined;
    if (claims.exp <= now()) return undefined;
    if (claims.inv !== undefined && this.#read(claims.inv)?.removed)
      throw new Refusal('invite-revoked');

    return { role: claims.role, invite: claims.inv, returning: true };
  }

  #sign(claims: Claims): Promise<string> {
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(this.#key);
  }

  async #verify(token: string): Promise<Claims | undefined> {
    try {
      const { payload } = await compactVerify(token, this.#key, { algorithms: ['HS256'] });

      return JSON.parse(new TextDecoder().decode(payload)) as Claims;
    } catch {
      return undefined;
    }
  }

  #file(id: string): string {
    return path.join(this.#directory, `${id}.json`);
  }

  #read(id: string): Invite | undefined {
    if (complainPart('inviteId', id)) return undefined;

    try {
      const text = readIfThere(this.#file(id));

      return text === undefined ? undefined : (JSON.parse(text) as Invite);
    } catch (error) {
      this.#log.error({ err: error, invite: id }, 'an invite cannot be read');
      return undefined;
    }
  }

  #find(room: string, id: string): Invite {
    const invite = this.#read(id);

    if (invite?.room !== room) throw new RequestError(Code.notFound, 'There is no such invite.');

    return invite;
  }

  #write(invite: Invite): void {
    replace(this.#file(invite.id), `${JSON.stringify(invite)}\n`);
  }

  /** Removes what ended long ago. */
  #forget(): void {
    for (const file of fs.readdirSync(this.#directory)) {
      const invite = this.#read(file.replace(/\.json$/, ''));

      if (invite && invite.expiresAt + forgetSeconds < now())
        fs.rmSync(path.join(this.#directory, file), { force: true });
    }
  }
}
