import getPort, { portNumbers } from 'get-port';

/** Below those that systems give to whoever asks for any port; two tests at once begin at different ones. */
const FIRST_PORT = 20_000 + (process.pid % 500) * 20;
const LAST_PORT = 32_000;

/** Names by which a container means itself. */
const OWN = ['0.0.0.0', '127.0.0.1'];

/** Addresses `host:port` that a service may call, each with the port of the service that it leads to. */
export type Reached = ReadonlyMap<string, number>;

/**
 * Where services that have a network of their own each are on this machine: a free port for each port of theirs,
 * which differ from each other.
 */
export class PlainAddresses {
  private constructor(private readonly ports: ReadonlyMap<number, number>) {}

  static async choose(ports: readonly number[]): Promise<PlainAddresses> {
    const chosen = new Map<number, number>();
    for (const port of ports) {
      chosen.set(port, await getPort({ host: '127.0.0.1', port: portNumbers(FIRST_PORT, LAST_PORT) }));
    }
    if (chosen.size !== ports.length) throw new Error(`Two services have one port: ${ports.join(', ')}.`);
    return new PlainAddresses(chosen);
  }

  /** The port of this machine that stands for a service's. */
  portOf(port: number): number {
    const here = this.ports.get(port);
    if (here === undefined) throw new Error(`No service has the port ${String(port)}.`);
    return here;
  }

  /** What a service was given, with addresses of this machine; one that it does not reach stays as it is. */
  rewrite(text: string, reached: Reached): string {
    const own = [...this.ports.keys()].flatMap((port) => OWN.map((host) => [`${host}:${String(port)}`, port] as const));
    const places = new Map([...reached, ...own]);
    // A shell writes host/port.
    const forms = [...places.keys()].map((place) => place.replaceAll('.', '[.]').replace(':', '[:/]'));
    const place = new RegExp(`(?<![\\w.-])(${forms.join('|')})(?!\\d)`, 'g');
    const moved = text.replace(place, (found) => {
      const mark = found.includes('/') ? '/' : ':';
      return `127.0.0.1${mark}${String(this.portOf(places.get(found.replace('/', ':')) ?? 0))}`;
    });
    return moved.replace(/(?<=^| )\d+(?=$| )/g, (word) => String(this.ports.get(Number(word)) ?? word));
  }
}
