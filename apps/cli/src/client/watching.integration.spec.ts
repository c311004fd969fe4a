import { startFakeServer, type FakeServer, type Reply } from '../../test/fake-server.js';
import { clientOf } from '../../test/run-client.js';

const EVENTS = 'GET /admin/v1/events';
const RUNNERS = 'GET /admin/v1/runners';
const aRunner = (name: string, phase: string) => ({
  ...{ id: `run_${name}`, name, adminState: 'active', devices: 1, replicas: 0 },
  status: { phase },
});
const listOf = (...data: unknown[]): Reply => ({ json: { object: 'list', data, hasMore: false } });
const streamOf = (text: string): Reply => ({ text, headers: { 'content-type': 'text/event-stream' } });
const begin = (id: string) => `id: ${id}\nevent: begin\ndata: {}\n\n`;
const event = (id: string, type: string) => {
  const told = { id, type, resourceId: 'run_a', data: { version: 2 }, createdAt: '2026-11-25T16:34:05.678Z' };
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(told)}\n\n`;
};

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const placesAsked = () =>
  server.heard.filter(({ url }) => url.startsWith('/admin/v1/events')).map(({ headers }) => headers['last-event-id']);

describe('--watch of a list', () => {
  it('appends a line for each row that is new, has changed or is gone, where no person looks', async () => {
    server.replies[EVENTS] = [streamOf(begin('1-1')), streamOf(event('1-2', 'runner.cordoned')), 'stay-silent'];
    server.replies[RUNNERS] = [
      listOf(aRunner('a', 'ready'), aRunner('b', 'ready')),
      listOf(aRunner('a', 'cordoned'), aRunner('b', 'ready')),
      listOf(aRunner('c', 'ready'), aRunner('b', 'ready')),
    ];
    const ran = await run('runners list --watch', { enough: (output) => output.includes('gone: run_a') });
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.output.replaceAll(/ +/g, ' ').split('\n')).toEqual([
      'NAME ID PHASE DEVICES REPLICAS LABELS HEARD (UTC)',
      ...['a run_a ready 1 0 - never', 'b run_b ready 1 0 - never', 'a run_a cordoned 1 0 - never'],
      ...['c run_c ready 1 0 - never', 'gone: run_a', ''],
    ]);
  });

  it('draws the whole anew on the screen of a person, once for what has not changed', async () => {
    server.replies[EVENTS] = streamOf(begin('1-1') + event('1-2', 'runner.cordoned'));
    server.replies[RUNNERS] = [
      ...[listOf(aRunner('a', 'ready')), listOf(aRunner('a', 'ready'))],
      listOf(aRunner('a', 'drained')),
    ];
    const ran = await run('runners list --watch', { screen: true, enough: (output) => output.includes('drained') });
    expect(ran.output.split('\u001b[H\u001b[2J').map((screen) => screen.split('\n').length)).toEqual([1, 3, 3]);
  });

  it('is a line of JSON for each answer that differs, with --json', async () => {
    server.replies[EVENTS] = streamOf(begin('1-1'));
    server.replies[RUNNERS] = [listOf(aRunner('a', 'ready')), listOf(aRunner('a', 'lost'))];
    const ran = await run('runners list --watch --json', { enough: (output) => output.includes('lost') });
    const answers = ran.output.trimEnd().split('\n');
    expect(answers.map((line) => (JSON.parse(line) as { data: object[] }).data)).toMatchObject([
      [{ status: { phase: 'ready' } }],
      [{ status: { phase: 'lost' } }],
    ]);
  });

  it('waits for a server that is away, and goes on behind the last event', async () => {
    server.replies[EVENTS] = [streamOf(begin('1-1') + event('1-2', 'runner.lost')), 'break', streamOf(begin('1-2'))];
    const away: Reply = { status: 503, headers: { 'x-should-retry': 'false' }, json: {} };
    server.replies[RUNNERS] = [listOf(aRunner('a', 'ready')), away, listOf(aRunner('a', 'lost'))];
    const ran = await run('runners list --watch', { enough: (output) => output.includes('lost') });
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.notes).toContain('The connection is lost; trying again.');
    expect(placesAsked().slice(0, 2)).toEqual([undefined, '1-2']);
  });

  it('looks again and again for a key that may not watch events', async () => {
    const error = { message: 'This needs an operator key.', type: 'x', param: null, code: 'wrong_kind_of_key' };
    server.replies[EVENTS] = { status: 403, json: { error } };
    server.replies['GET /admin/v1/queues'] = [0, 3].map((waiting) =>
      listOf({
        ...{ deploymentId: 'dep_1', model: 'tiny', waiting, running: 0 },
        oldestWaitMs: 0,
        serviceRateTokensPerSecond: 0,
      }),
    );
    const ran = await run('queues list --watch', { enough: (output) => /tiny +3/.test(output) });
    expect(ran).toMatchObject({ status: 0, notes: '' });
  });

  it('ends with what the server says when the list is refused at first', async () => {
    expect(await run('runners list --watch')).toMatchObject({ status: 1, output: '' });
  });
});

describe('events', () => {
  it('are listed, the newest first', async () => {
    const told = { id: '1-2', type: 'replica.ready', resourceId: 'rep_1', createdAt: '2026-11-25T16:34:05.678Z' };
    server.replies[EVENTS] = listOf({ ...told, data: { runnerId: 'run_1' } });
    expect((await run('events --type replica --of rep_1')).output).toBe(
      'AT (UTC)             EVENT          OF     WITH\n2026-11-25 16:34:05  replica.ready  rep_1  runnerId=run_1\n',
    );
    expect(server.heard[0]?.url).toBe('/admin/v1/events?type=replica&resourceId=rep_1');
  });

  it('are told as they happen with --watch, over a restart of the server, none twice', async () => {
    server.replies[EVENTS] = [
      streamOf(begin('1-1') + event('1-2', 'runner.cordoned')),
      'break',
      streamOf(begin('1-2') + event('1-3', 'runner.draining')),
    ];
    const ran = await run('events --watch', { enough: (output) => output.includes('draining') });
    expect(ran.output).toBe(
      '2026-11-25 16:34:05  runner.cordoned  run_a  version=2\n2026-11-25 16:34:05  runner.draining  run_a  version=2\n',
    );
    expect(placesAsked()).toEqual([undefined, '1-2', '1-2']);
  });
});
