// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** What we use of it; the package comes without types. */
declare module '@silentbot1/nat-api' {
  import type { EventEmitter } from 'node:events';

  type Port = {
    publicPort: number;
    privatePort: number;
    protocol: 'TCP' | 'UDP';
    /** Seconds. */
    ttl?: number;
    description?: string;
  };

  export default class NatAPI {
    constructor(options: {
      enablePMP: boolean;
      enableUPNP: boolean;
      upnpPermanentFallback: boolean;
      autoUpdate: boolean;
    });
    readonly _pmpClient: EventEmitter | null;
    readonly _openPorts: unknown[];
    map(port: Port): Promise<boolean>;
    unmap(port: Port): Promise<boolean>;
    /** Empty when the router does not say. */
    externalIp(): Promise<string>;
    /** Takes back what was mapped. */
    destroy(): Promise<boolean>;
  }
}
