import { EventEmitter, once } from 'node:events';
import { serveTokenStream, type OwnerLink, type TokenStreamServer } from '@millrace/adapters/token-stream';
import { FinishReason, type RunnerEvent } from '@millrace/contracts/runner-protocol';
import { OwnerLinks, type AttemptListener } from './owner-links.js';

const attempt = { jobId: 'ses_1', attempt: 1 };

type Heard = (link: OwnerLink, event: NonNullable<RunnerEvent['event']>) => void;

/** An API process as far as its links go. */
async function serveOwner(port = 0, owner = 'boot-1', hear: Heard = () => undefined): Promise<TokenStreamServer> {
  return serveTokenStream({
    listen: `127.0.0.1:${String(port)}`,
    owner,
    authenticate: () => Promise.resolve({ runnerId: 'run_1' }),
    onLink: (link) => ({ onEvent: (event) => hear(link, event), onLost: () => undefined }),
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

  it('tell another owner how an attempt has ended whose owner has died, again until that one acknowledges it', async () => {
    const told = new EventEmitter();
    const other = await serveOwner(0, 'boot-2', (link, event) => told.emit(event.$case, event.value, link));
    const connection = await links.connectionTo('boot-1', 5_000);
    const trouble = once(troubles, 'trouble');
    server.close();
    await trouble;
    const usage = { promptTokens: 5, completionTokens: 2, cachedTokens: 0 };
    const end = { ...attempt, finishReason: FinishReason.FINISH_REASON_CANCELLED, usage };
    connection?.send({ $case: 'finished', value: end });
    links.updateDirectory([{ owner: 'boot-2', address: `127.0.0.1:${String(other.port)}` }]);
    await once(told, 'orphaned');
    const [again, link] = (await once(told, 'orphaned')) as [unknown, OwnerLink];
    expect(again).toEqual({ owner: 'boot-1', ...end });
    link.send({ $case: 'acknowledge', value: attempt });
    // What is told next comes without the one that was acknowledged.
    const heard: unknown[] = [];
    told.on('orphaned', (one: { jobId: string }) => heard.push(one.jobId));
    await links.connectionTo('boot-2', 5_000);
    connection?.send({ $case: 'finished', value: { ...end, jobId: 'ses_2' } });
    await once(told, 'orphaned');
    await once(told, 'orphaned');
    expect(heard).not.toContain('ses_1');
    other.close();
  });

  it('tell nobody else how an attempt has ended whose owner is back', async () => {
    const told = new EventEmitter();
    const other = await serveOwner(0, 'boot-2', (_, event) => told.emit(event.$case, event.value));
    const connection = await links.connectionTo('boot-1', 5_000);
    const end = { ...attempt, finishReason: FinishReason.FINISH_REASON_STOP, usage: undefined };
    connection?.send({ $case: 'finished', value: end });
    const trouble = once(troubles, 'trouble');
    server.close();
    await trouble;
    const back = once(troubles, 'back');
    server = await serveOwner(server.port);
    await back;
    // Of the attempt on the link that has broken; then one of another owner, which is told.
    connection?.send({ $case: 'finished', value: { ...end, attempt: 2 } });
    const gone = await serveOwner(0, 'boot-3');
    const directory = [
      { owner: 'boot-1', address: `127.0.0.1:${String(server.port)}` },
      { owner: 'boot-2', address: `127.0.0.1:${String(other.port)}` },
      { owner: 'boot-3', address: `127.0.0.1:${String(gone.port)}` },
    ];
    links.updateDirectory(directory);
    const doomed = await links.connectionTo('boot-3', 5_000);
    const lost = once(troubles, 'trouble');
    gone.close();
    await lost;
    const orphaned = once(told, 'orphaned');
    doomed?.send({ $case: 'finished', value: { ...end, jobId: 'ses_3' } });
    expect(await orphaned).toMatchObject([{ owner: 'boot-3', jobId: 'ses_3' }]);
    other.close();
  });
});
