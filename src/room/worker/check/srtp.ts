// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import crypto from 'node:crypto';

/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) on node:crypto, written only from the RFCs: independent of
 * libsrtp, so that the worker's is not checked against itself. One SSRC, one direction, no replay
 * list.
 */
export const suites = {
  AES_CM_128_HMAC_SHA1_80: { key: 16, salt: 14, tag: 10, rtcpTag: 10, gcm: false },
  AES_CM_128_HMAC_SHA1_32: { key: 16, salt: 14, tag: 4, rtcpTag: 10, gcm: false },
  AEAD_AES_128_GCM: { key: 16, salt: 12, tag: 16, rtcpTag: 16, gcm: true },
  AEAD_AES_256_GCM: { key: 32, salt: 12, tag: 16, rtcpTag: 16, gcm: true },
} as const;

export type SuiteName = keyof typeof suites;

type Keys = { key: Buffer; auth: Buffer; salt: Buffer };

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]!));
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);

  buffer.writeUInt32BE(value >>> 0);

  return buffer;
}

/** SSRC and packet index where the IVs of both kinds have them, from @at on. */
function place(size: number, at: number, ssrc: number, high: number, low: number): Buffer {
  const buffer = Buffer.alloc(size);

  buffer.writeUInt32BE(ssrc, at);
  buffer.writeUInt32BE(high, at + 4);
  buffer.writeUInt16BE(low, at + 8);

  return buffer;
}

function headerLength(packet: Buffer): number {
  const header = 12 + 4 * (packet[0]! & 0x0f);

  return packet[0]! & 0x10 ? header + 4 + 4 * packet.readUInt16BE(header + 2) : header;
}

export class Srtp {
  readonly #suite: (typeof suites)[SuiteName];
  readonly #rtp: Keys;
  readonly #rtcp: Keys;
  #roc = 0;
  #lastSequence: number | undefined;
  #rtcpIndex = 0;

  constructor(name: SuiteName, masterKey: Buffer) {
    this.#suite = suites[name];
    const { key, salt } = this.#suite;

    if (masterKey.length !== key + salt) throw new Error('bad master key length');

    const derive = (label: number, length: number) => {
      const iv = Buffer.alloc(16);

      masterKey.copy(iv, 0, key);
      iv[7]! ^= label;

      return crypto
        .createCipheriv(`aes-${key * 8}-ctr`, masterKey.subarray(0, key), iv)
        .update(Buffer.alloc(length));
    };
    const set = (first: number): Keys => ({
      key: derive(first, key),
      auth: derive(first + 1, 20),
      salt: derive(first + 2, salt),
    });

    this.#rtp = set(0);
    this.#rtcp = set(3);
  }

  #ctr(keys: Keys, ssrc: number, high: number, low: number, data: Buffer): Buffer {
    const iv = xor(Buffer.concat([keys.salt, Buffer.alloc(2)]), place(16, 4, ssrc, high, low));

    return crypto.createCipheriv(`aes-${this.#suite.key * 8}-ctr`, keys.key, iv).update(data);
  }

  #seal(keys: Keys, at: Buffer, aad: Buffer, clear: Buffer): Buffer {
    const name = this.#suite.key === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
    const cipher = crypto.createCipheriv(name, keys.key, xor(keys.salt, at));

    cipher.setAAD(aad);

    return Buffer.concat([cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(keys: Keys, at: Buffer, aad: Buffer, sealed: Buffer): Buffer {
    const name = this.#suite.key === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
    const decipher = crypto.createDecipheriv(name, keys.key, xor(keys.salt, at));

    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-16));

    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  }

  #mac(keys: Keys, tag: number, ...parts: Buffer[]): Buffer {
    const hmac = crypto.createHmac('sha1', keys.auth);

    for (const part of parts) hmac.update(part);

    return hmac.digest().subarray(0, tag);
  }

  #count(sequence: number): void {
    if (this.#lastSequence !== undefined && sequence < 0x4000 && this.#lastSequence > 0xc000)
      this.#roc++;
    this.#lastSequence = sequence;
  }

  /** RTP packet to SRTP packet. */
  protect(packet: Buffer): Buffer {
    const [sequence, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(8)];
    const length = headerLength(packet);
    const [header, clear] = [packet.subarray(0, length), packet.subarray(length)];

    this.#count(sequence);
    if (this.#suite.gcm) {
      const at = place(12, 2, ssrc, this.#roc, sequence);

      return Buffer.concat([header, this.#seal(this.#rtp, at, header, clear)]);
    }

    const body = Buffer.concat([header, this.#ctr(this.#rtp, ssrc, this.#roc, sequence, clear)]);

    return Buffer.concat([body, this.#mac(this.#rtp, this.#suite.tag, body, uint32(this.#roc))]);
  }

  /** SRTP packet to RTP packet; throws when it was not authentic. */
  unprotect(packet: Buffer): Buffer {
    const [sequence, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(8)];
    const length = headerLength(packet);
    const header = packet.subarray(0, length);

    this.#count(sequence);
    if (this.#suite.gcm) {
      const at = place(12, 2, ssrc, this.#roc, sequence);

      return Buffer.concat([header, this.#unseal(this.#rtp, at, header, packet.subarray(length))]);
    }

    const { tag } = this.#suite;
    const body = packet.subarray(0, -tag);

    if (!this.#mac(this.#rtp, tag, body, uint32(this.#roc)).equals(packet.subarray(-tag)))
      throw new Error('SRTP authentication failed');

    return Buffer.concat([
      header,
      this.#ctr(this.#rtp, ssrc, this.#roc, sequence, body.subarray(length)),
    ]);
  }

  /** RTCP packet to SRTCP packet. */
  protectRtcp(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(4);
    const index = ++this.#rtcpIndex;
    const trailer = uint32(0x80000000 + index);
    const [header, clear] = [packet.subarray(0, 8), packet.subarray(8)];
    const [high, low] = [index >>> 16, index & 0xffff];

    if (this.#suite.gcm) {
      const at = place(12, 2, ssrc, high, low);
      const aad = Buffer.concat([header, trailer]);

      return Buffer.concat([header, this.#seal(this.#rtcp, at, aad, clear), trailer]);
    }

    const body = Buffer.concat([header, this.#ctr(this.#rtcp, ssrc, high, low, clear), trailer]);

    return Buffer.concat([body, this.#mac(this.#rtcp, this.#suite.rtcpTag, body)]);
  }

  /** SRTCP packet to RTCP packet; throws when it was not authentic. */
  unprotectRtcp(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(4);
    const { gcm, rtcpTag } = this.#suite;
    const end = packet.length - 4 - (gcm ? 0 : rtcpTag);
    const index = packet.readUInt32BE(end) & 0x7fffffff;
    const [high, low] = [index >>> 16, index & 0xffff];
    const [header, body] = [packet.subarray(0, 8), packet.subarray(8, end)];

    if (gcm) {
      const aad = Buffer.concat([header, packet.subarray(end)]);

      return Buffer.concat([
        header,
        this.#unseal(this.#rtcp, place(12, 2, ssrc, high, low), aad, body),
      ]);
    }
    if (
      !this.#mac(this.#rtcp, rtcpTag, packet.subarray(0, end + 4)).equals(packet.subarray(-rtcpTag))
    )
      throw new Error('SRTCP authentication failed');

    return Buffer.concat([header, this.#ctr(this.#rtcp, ssrc, high, low, body)]);
  }
}
