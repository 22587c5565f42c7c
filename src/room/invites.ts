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
  /** Of those who came by it: who was sent away, by holder. */
  banished?: string[];
  /** It lets nobody new in, and takes nothing from those who came by it. */
  shut?: boolean;
  /** By which invite the host came who made it; undefined: the owner's own. */
  by?: string;
};

/** By what right somebody is in a room. */
export type Grant = {
  role: Role;
  /** The invite that this goes back to; undefined: the owner's own, or none was needed. */
  invite?: string;
  /** Nobody had to show an invite. */
  open?: boolean;
  /** Who it is, as long as their seats go back to one another: a peer id anybody may call theirs. */
  holder: string;
  /** When they came in first, ms: of two who use one peer id the first is its owner. */
  since: number;
};

/** @returning: by a seat, and no invite was looked at. */
export type Admission = { grant: Grant; returning: boolean };

/** Why an invite does not let anybody in: the `Tutti-Refusal` header of docs/PROTOCOL.md. */
export type RefusalCode =
  | 'invite-missing'
  | 'invite-invalid'
  | 'invite-expired'
  | 'invite-revoked'
  | 'invite-other-room'
  | 'peer-taken'
  | 'room-locked';

const sentences: Record<RefusalCode, string> = {
  'invite-missing': 'This room is entered by invitation: ask for a link with an invite.',
  'invite-invalid':
    'This invite was not made by this room service, or a part of the link is missing.',
  'invite-expired': 'This invite has expired: ask for a new one.',
  'invite-revoked': 'This invite was taken back.',
  'invite-other-room': 'This invite is for another room.',
  'peer-taken': 'Somebody is in the room under this peer id.',
  'room-locked': 'The room is locked: nobody new comes in at the moment.',
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
  | { use: 'invite'; inv: string; room: string; role: Role }
  | {
      use: 'seat';
      inv?: string;
      open?: boolean;
      room: string;
      role: Role;
      peer: string;
      holder: string;
      since: number;
      exp: number;
    };

const owner = 'owner';
const anyRoom = '*';
const keyBytes = 32;
/** Longer than anybody plays in a row; a connection that comes back gets a new one. */
const seatSeconds = 7 * 24 * 3600;
/** All seats that go back to one another, together. */
const seatsSeconds = 30 * 24 * 3600;
const forgetSeconds = 30 * 24 * 3600;

/** More than ever came by one invite; its record stays small. */
const banishedPerInvite = 1000;

const now = () => Math.floor(Date.now() / 1000);

const newHolder = () => ({
  holder: crypto.randomBytes(9).toString('base64url'),
  since: Date.now(),
});

/** Of who runs the service, and can come in however often somebody sends them away. */
export function isOwner({ invite, open }: Grant): boolean {
  return invite === undefined && !open;
}

/** Whether @newcomer may take the place of @present, who has the same peer id. */
export function mayReplace(newcomer: Grant, present: Grant): boolean {
  return newcomer.holder === present.holder || newcomer.since < present.since;
}

function isBanished({ banished }: Invite, holder: string): boolean {
  return banished?.includes(holder) ?? false;
}

function idsIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What a host asks for. @by: the host's own invite. */
export type Wish = { role: Role; seconds: number; name?: string; by?: string };

/**
 * Who may come in. The key is in the state directory, and each invite is a file there, which is
 * looked at whenever it is used. Tokens are JWS (RFC 7515) with HS256. All files are for their owner
 * only.
 */
export class Invites {
  readonly #directory: string;
  readonly #key: Uint8Array;
  readonly #open: boolean;
  /** Holders who came without an invite, and were sent away. */
  readonly #banished = new Set<string>();
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

      return new Invites(directory, key, config.open, log);
    } catch (error) {
      throw new SetupError(`Invites cannot be kept: ${(error as Error).message}.`);
    }
  }

  /** Of who runs the service: host of every room, for as long as the key is the same. */
  ownerToken(): Promise<string> {
    return this.#sign({ use: 'invite', inv: owner, room: anyRoom, role: 'host' });
  }

  /** By what right @peerId comes into @room. Rejects with a Refusal. */
  async admit(room: string, peerId: string, invite?: string, seat?: string): Promise<Admission> {
    const seated = seat === undefined ? undefined : await this.#seated(room, peerId, seat);

    if (seated) return { grant: seated, returning: true };
    if (invite !== undefined) return { grant: await this.#invited(room, invite), returning: false };
    if (!this.#open) throw new Refusal('invite-missing');

    return { grant: { role: 'musician', open: true, ...newHolder() }, returning: false };
  }

  /** Lets @peerId come back to @room by @grant. */
  seat(room: string, peerId: string, { invite, ...grant }: Grant): Promise<string> {
    const exp = Math.min(now(), Math.floor(grant.since / 1000) + seatsSeconds) + seatSeconds;

    return this.#sign({ use: 'seat', inv: invite, room, peer: peerId, exp, ...grant });
  }

  /**
   * Whether @grant, of a moment ago, still is one: while a room is made much may happen. @known: they
   * were in the room before, so that an invite that was taken back does not matter.
   */
  holds(room: string, { invite: id, holder }: Grant, known: boolean): boolean {
    if (this.#banished.has(holder)) return false;
    if (id === undefined) return true;

    const invite = this.#read(room, id);

    return invite?.removed === false && !isBanished(invite, holder) && (known || !invite.revoked);
  }

  /** Throws a RequestError when there are too many of the room. @by: the host's own invite. */
  create(room: string, { role, seconds, name, by }: Wish): Invite {
    this.#makeRoom(room);

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
      removed: false,
      ...(by !== undefined && { by }),
    };

    this.#write(invite);

    return invite;
  }

  /** What goes into the link. The same for as long as the invite exists. */
  token({ id, room, role }: Pick<Invite, 'id' | 'room' | 'role'>): Promise<string> {
    return this.#sign({ use: 'invite', inv: id, room, role });
  }

  /** Of one room, the newest first; those that have ended are there for a month at most. */
  list(room: string): Invite[] {
    return idsIn(this.#folder(room))
      .flatMap((id) => this.#read(room, id) ?? [])
      .sort((a, b) => b.createdAt - a.createdAt || a.id.localeCompare(b.id));
  }

  /** From now on for @seconds, also when it had ended: the link that people have is good again. */
  renew(room: string, id: string, seconds: number): Invite {
    const expiresAt = now() + seconds;
    const invite = {
      ...this.#find(room, id),
      expiresAt,
      revoked: false,
      removed: false,
      shut: false,
    };

    this.#write(invite);

    return invite;
  }

  /**
   * @remove: whoever came by it is not to come back, either, nor who came by what these hosts made.
   * Returns the ids of all that ended.
   */
  revoke(room: string, id: string, remove: boolean): string[] {
    const ended = [this.#find(room, id)];

    for (const { id: host } of remove ? ended : [])
      ended.push(
        ...this.list(room).filter(
          ({ by, id: own }) => by === host && !ended.some((e) => e.id === own),
        ),
      );
    for (const invite of ended)
      this.#write({ ...invite, revoked: true, removed: remove || invite.removed, shut: false });

    return ended.map((invite) => invite.id);
  }

  /**
   * One person is not to come back: neither by a seat, nor by the invite that they came by, which
   * others may have, too, and which is taken back. Who else came by it may go on and come back.
   * What a host made goes with it. Returns the ids of the invites that ended.
   */
  banish(room: string, { invite: id, holder }: Grant): string[] {
    const invite = id === undefined ? undefined : this.#read(room, id);

    if (!invite) {
      this.#banished.add(holder);
      return [];
    }

    const banished = [...(invite.banished ?? []), holder].slice(-banishedPerInvite);
    const made = this.list(room).filter(({ by }) => by === id);

    // What a host has taken back already is more than shut.
    for (const ended of [{ ...invite, banished }, ...made])
      this.#write({ ...ended, shut: ended.shut ?? !ended.revoked, revoked: true });

    return [invite, ...made].map((ended) => ended.id);
  }

  async #invited(room: string, token: string): Promise<Grant> {
    const claims = await this.#verify(token);

    if (claims?.use !== 'invite') throw new Refusal('invite-invalid');
    if (claims.inv === owner) return { role: claims.role, ...newHolder() };
    if (claims.room !== room) throw new Refusal('invite-other-room');

    const invite = this.#read(room, claims.inv);

    if (!invite) throw new Refusal('invite-expired');
    if (invite.revoked) throw new Refusal('invite-revoked');
    if (invite.expiresAt <= now()) throw new Refusal('invite-expired');

    return { role: invite.role, invite: invite.id, ...newHolder() };
  }

  /** Undefined: the seat is of no use, and the invite counts. */
  async #seated(room: string, peerId: string, token: string): Promise<Grant | undefined> {
    const claims = await this.#verify(token);

    if (claims?.use !== 'seat' || claims.room !== room || claims.peer !== peerId) return undefined;
    if (claims.exp <= now() || (claims.open && !this.#open)) return undefined;
    if (!this.#mayReturn(room, claims.inv, claims.role, claims.holder)) return undefined;

    const { role, inv: invite, open, holder, since } = claims;

    return { role, invite, holder, since, ...(open && { open }) };
  }

  /** What cannot be read lets nobody back; a host whose invite was taken back is none any more. */
  #mayReturn(room: string, id: string | undefined, role: Role, holder: string): boolean {
    if (this.#banished.has(holder)) return false;
    if (id === undefined) return true;

    const invite = this.#read(room, id);

    if (invite?.removed !== false || isBanished(invite, holder)) return false;

    // Who was made host in the room is none by its invite, and nothing was taken back from it.
    return !(invite.revoked && !invite.shut && role === 'host' && invite.role === 'host');
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

  /** The name of a room may be “..”. */
  #folder(room: string): string {
    return path.join(this.#directory, `room-${room}`);
  }

  #file(room: string, id: string): string {
    return path.join(this.#folder(room), `${id}.json`);
  }

  #read(room: string, id: string): Invite | undefined {
    if (complainPart('inviteId', id)) return undefined;

    try {
      const text = readIfThere(this.#file(room, id));

      return text === undefined ? undefined : (JSON.parse(text) as Invite);
    } catch (error) {
      this.#log.error({ err: error, invite: id }, 'an invite cannot be read');
      return undefined;
    }
  }

  #find(room: string, id: string): Invite {
    const invite = this.#read(room, id);

    if (!invite) throw new RequestError(Code.notFound, 'There is no such invite.');

    return invite;
  }

  #write(invite: Invite): void {
    fs.mkdirSync(this.#folder(invite.room), { recursive: true, mode: 0o700 });
    replace(this.#file(invite.room, invite.id), `${JSON.stringify(invite)}\n`);
  }

  /** For one more: what ended long ago goes, and, when there are many, the oldest that ended. */
  #makeRoom(room: string): void {
    this.#forget(room);

    const all = this.list(room);
    const ended = all.filter(({ revoked, expiresAt }) => revoked || expiresAt <= now());

    if (all.length - ended.length >= limits.invitesPerRoom)
      throw new RequestError(
        Code.busy,
        `This room has ${limits.invitesPerRoom} invites: take some of them back first.`,
      );
    for (let left = all.length; left >= limits.inviteRecordsPerRoom; left--)
      fs.rmSync(this.#file(room, ended.pop()!.id), { force: true });
  }

  #forget(room: string): void {
    for (const { id, expiresAt } of this.list(room))
      if (expiresAt + forgetSeconds < now()) fs.rmSync(this.#file(room, id), { force: true });
  }
}
