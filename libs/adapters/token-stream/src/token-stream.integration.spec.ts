import { once, EventEmitter } from 'node:events';
import type { OwnerEvent, RunnerEvent } from '@millrace/contracts/runner-protocol';
import { openLink, serveTokenStream, type OwnerLink, type RunnerLink, type TokenStreamServer } from './index.js';

type FromRunner = NonNullable<RunnerEvent['event']>;
type FromOwner = NonNullable<OwnerEvent['event']>;

/** Both ends over real gRPC; what happens is emitted so that tests wait for it. */
class Wire extends EventEmitter {
  server: TokenStreamServer | undefined;
  ownerLink: OwnerLink | undefined;
  readonly heardByOwner: FromRunner[] = [];
  readonly heardByRunner: FromOwner[] = [];
  readonly errors: Error[] = [];

  async serve(): Promise<void> {
    this.server = await serveTokenStream({
      listen: '127.0.0.1:0',
      owner: 'boot-1',
      authenticate: async (credential) => Promise.resolve(credential === 'right' ? { runnerId: 'run_1' } : undefined),
      onLink: (link) => {
        this.ownerLink = link;
        this.emit('link');
        return {
          onEvent: (event) => {
            this.heardByOwner.push(event);
            this.emit('owner-heard');
          },
          onLost: () => this.emit('lost'),
        };
      },
      onError: (error) => this.errors.push(error),
    });
  }

  dial(credential = 'right'): RunnerLink {
    return openLink(
      { address: `127.0.0.1:${String(this.server?.port)}`, credential },
      {
        onUp: (owner) => this.emit('up', owner),
        onEvent: (event) => {
          this.heardByRunner.push(event);
          this.emit('runner-heard');
        },
        onDown: (reason) => this.emit('down', reason),
      },
    );
  }
}

const chunk = (seq: number): FromRunner => ({
  $case: 'chunk',
  value: { jobId: 'ses_1', attempt: 1, seq, tokenIds: [seq], text: `${String(seq)} `, logprobs: [] },
});

describe('a link between a runner and an owner', () => {
  let wire: Wire;

  beforeEach(async () => {
    wire = new Wire();
    await wire.serve();
  });

  afterEach(() => {
    wire.server?.close();
  });

  it('comes up with the name of the owner and carries events both ways in order', async () => {
    const link = wire.dial();
    const [owner] = (await once(wire, 'up')) as [string];
    expect(owner).toBe('boot-1');
    expect(wire.ownerLink?.runnerId).toBe('run_1');
    for (let seq = 0; seq < 1_000; seq++) link.send(chunk(seq));
    while (wire.heardByOwner.length < 1_000) await once(wire, 'owner-heard');
    expect(wire.heardByOwner.map((event) => event.$case === 'chunk' && event.value.seq)).toEqual(
      Array.from({ length: 1_000 }, (_, seq) => seq),
    );
    const heard = once(wire, 'runner-heard');
    wire.ownerLink?.send({ $case: 'cancel', value: { jobId: 'ses_1', attempt: 1 } });
    await heard;
    expect(wire.heardByRunner).toEqual([{ $case: 'cancel', value: { jobId: 'ses_1', attempt: 1 } }]);
    link.close();
    await once(wire, 'lost');
  });

  it('is refused to a runner without a known credential', async () => {
    wire.dial('wrong');
    const [reason] = (await once(wire, 'down')) as [string];
    expect(reason).toContain('join again');
  });

  it('is lost for the owner when the runner closes it', async () => {
    const link = wire.dial();
    await once(wire, 'up');
    const lost = once(wire, 'lost');
    link.close();
    await lost;
  });

  it('is down for the runner when the owner shuts down', async () => {
    wire.dial();
    await once(wire, 'up');
    const down = once(wire, 'down');
    wire.server?.close();
    await down;
  });

  it('is down when nobody listens at the address', async () => {
    wire.server?.close();
    wire.dial();
    const [reason] = (await once(wire, 'down')) as [string];
    expect(reason).toContain('UNAVAILABLE');
  });
});
