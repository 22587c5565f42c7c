// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

import dgram from 'node:dgram';
import net from 'node:net';
import { once } from 'node:events';

async function udpPort(ip: string): Promise<number> {
  const socket = dgram.createSocket(net.isIPv6(ip) ? 'udp6' : 'udp4');

  socket.bind(0, ip);
  await once(socket, 'listening');
  const { port } = socket.address();

  socket.close();
  await once(socket, 'close');

  return port;
}

/** Whether nobody listens on TCP @port of @ip at this moment. */
export async function tcpFree(ip: string, port: number): Promise<boolean> {
  const server = net.createServer();

  try {
    server.listen(port, ip);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');

  return true;
}

/** A number that is free on @ip for UDP and for TCP. Another process may still be quicker. */
export async function freePort(ip: string): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await udpPort(ip);

    if (await tcpFree(ip, port)) return port;
  }
  throw new Error(`no port of ${ip} is free for UDP and TCP`);
}
