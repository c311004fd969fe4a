import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way through the network to a port of this machine, which a test can break for good. */
export class CuttablePath {
  private readonly sockets: Socket[] = [];
  private isCut = false;

  private constructor(
    private readonly server: Server,
    /** host:port of the near end. */
    readonly address: string,
  ) {}

  static async to(port: number): Promise<CuttablePath> {
    const server = createServer((near) => path.join(near, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const path = new CuttablePath(server, `127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    return path;
  }

  /** Nothing passes any more, in neither direction; both ends see their connection reset. */
  cut(): void {
    this.isCut = true;
    this.server.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private join(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    this.sockets.push(near, far);
    if (this.isCut) this.cut();
  }
}
