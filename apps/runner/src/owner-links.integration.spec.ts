import { EventEmitter, once } from 'node:events';
import { serveTokenStream, type TokenStreamServer } from '@millrace/adapters/token-stream';
import { OwnerLinks, type AttemptListener } from './owner-links.js';

const attempt = { jobId: 'ses_1', attempt: 1 };

/** An API process as far as its links go. */
async function serveOwner(port = 0): Promise<TokenStreamServer> {
  return serveTokenStream({
    listen: `127.0.0.1:${String(port)}`,
    owner: 'boot-1',
    authenticate: () => Promise.resolve({ runnerId: 'run_1' }),
    onLink: () => ({ onEvent: () => undefined, onLost: () => undefined }),
    onError: () => undefined,
  });
}

function listener(): AttemptListener & { heard: string[] } {
  const heard: string[] = [];
  return { heard, onEvent: (event) => heard.push(event.$case), onDown: () => heard.push('down') };
}

describe('the links of a runner', () => {
  let server: TokenStreamServer;
  let links: OwnerLinks;
  const troubles = new EventEmitter();

  beforeEach(async () => {
    server = await serveOwner();
    links = new OwnerLinks(
      'credential',
      () => troubles.emit('trouble'),
      () => troubles.emit('back'),
    );
    links.updateDirectory([{ owner: 'boot-1', address: `127.0.0.1:${String(server.port)}` }]);
  });

  afterEach(() => {
    links.close();
    server.close();
  });

  it('let nobody listen to an attempt that somebody else has in hand', async () => {
    const connection = await links.connectionTo('boot-1', 5_000);
    const first = listener();
    const stop = connection?.listen(attempt, first);
    expect(connection?.listen(attempt, listener())).toBeUndefined();
    stop?.();
    expect(connection?.listen(attempt, listener())).toBeDefined();
  });

  it('tell whoever listens that the link is down, also when it went down before', async () => {
    const connection = await links.connectionTo('boot-1', 5_000);
    const before = listener();
    connection?.listen(attempt, before);
    const trouble = once(troubles, 'trouble');
    server.close();
    await trouble;
    expect(before.heard).toEqual(['down']);
    const after = listener();
    connection?.listen({ ...attempt, attempt: 2 }, after);
    expect(after.heard).toEqual(['down']);
  });

  it('come up again when the owner does, and say so', async () => {
    await links.connectionTo('boot-1', 5_000);
    const trouble = once(troubles, 'trouble');
    server.close();
    await trouble;
    const back = once(troubles, 'back');
    server = await serveOwner(server.port);
    expect(await links.connectionTo('boot-1', 5_000)).toBeDefined();
    await back;
  });
});
