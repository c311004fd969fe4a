import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that a test can cut. */
export interface CuttableConnection {
  /** The server's URL by this way. */
  url: string;
  /** Breaks all connections and takes no new ones. */
  cut(): Promise<void>;
}

export async function cuttableConnection(serverUrl: string): Promise<CuttableConnection> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const cut = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  return { url: url.toString(), cut };
}
