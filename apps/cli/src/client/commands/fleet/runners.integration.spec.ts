import { startFakeServer, type FakeServer } from '../../../../test/fake-server.js';
import { clientOf } from '../../../../test/run-client.js';

const runner = {
  ...{ id: 'run_1', name: 'gpu-1', labels: { zone: 'a' }, adminState: 'draining', health: 'alive' },
  ...{ engines: ['llama-cpp', 'simulated'], softwareVersion: '1', lastHeartbeatAt: '2026-11-25T16:34:05.678Z' },
  ...{ devices: 2, replicas: 3, generation: 7, version: 4, createdAt: '2026-11-24T10:00:00.000Z' },
  status: { phase: 'draining', reason: 'draining', message: 'It gives up 3 replicas.', observedGeneration: 7 },
};
const RUNNERS = '/admin/v1/runners';

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies[`GET ${RUNNERS}`] = { json: { object: 'list', data: [runner], hasMore: false } };
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const last = () => server.heard.at(-1);

describe('runners', () => {
  it('are listed with how they are and what they have', async () => {
    expect((await run('runners list')).output).toBe(
      'NAME   ID     PHASE     DEVICES  REPLICAS  LABELS  HEARD (UTC)\n' +
        'gpu-1  run_1  draining        2         3  zone=a  2026-11-25 16:34:05\n',
    );
  });

  it.each(['cordon', 'uncordon', 'drain', 'maintenance'])('take the action %s by their name', async (verb) => {
    server.replies[`POST ${RUNNERS}/run_1/${verb}`] = { json: runner };
    expect(await run(`runners ${verb} gpu-1`)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^that is +It gives up 3 replicas\.$/m) as string,
    });
    expect(server.heard[0]?.url).toBe(`${RUNNERS}?name=gpu-1`);
    expect(last()?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/);
  });

  it.each([
    ['zone=b,tier=', { zone: 'b', tier: null }],
    ['none', null],
  ])('get the labels %s', async (typed, labels) => {
    server.replies[`PATCH ${RUNNERS}/run_1`] = { json: runner };
    expect(await run(`runners update run_1 --labels ${typed}`)).toMatchObject({ status: 0 });
    expect(last()?.body).toEqual({ labels });
  });

  it('are not changed by labels of another form', async () => {
    expect(await run('runners update run_1 --labels zone')).toMatchObject({
      status: 2,
      notes: expect.stringContaining('like zone=a,tier=gold') as string,
    });
    expect(server.heard).toEqual([]);
  });

  it('are deleted once a person agrees', async () => {
    server.replies[`DELETE ${RUNNERS}/run_1`] = { status: 204 };
    const ran = await run('runners delete gpu-1', { answers: 'y' });
    expect(ran).toMatchObject({ status: 0, questions: ['Delete the runner gpu-1 with its credential? [y/N] '] });
  });

  it('that are not there are said so', async () => {
    server.replies[`GET ${RUNNERS}`] = { json: { object: 'list', data: [], hasMore: false } };
    expect(await run('runners drain gpu-9')).toMatchObject({
      status: 1,
      notes: 'There is no runner gpu-9: the list command shows those that there are.\n',
    });
  });
});

describe('join tokens', () => {
  const token = {
    ...{ id: 'jtk_1', name: 'rack', prefix: 'mr-join-abcde', revoked: false, version: 1 },
    ...{ expiresAt: '2001-01-01T00:00:00.000Z', createdAt: '2000-12-01T00:00:00.000Z' },
  };

  it('print their secret alone on standard output', async () => {
    server.replies['POST /admin/v1/join-tokens'] = { status: 201, json: { ...token, secret: 'mr-join-abcdefgh' } };
    const ran = await run('join-tokens create --name rack --expires-at 2001-01-01');
    expect(ran).toMatchObject({ status: 0, output: 'mr-join-abcdefgh\n' });
    expect(ran.notes).toContain('expired');
    expect(last()?.body).toEqual({ name: 'rack', expiresAt: '2001-01-01T00:00:00.000Z' });
  });

  it('are revoked by their id', async () => {
    server.replies['POST /admin/v1/join-tokens/jtk_1/revoke'] = { json: { ...token, revoked: true } };
    expect((await run('join-tokens revoke jtk_1')).output).toMatch(/^state +revoked$/m);
  });
});

describe('replicas and devices', () => {
  const replica = {
    ...{ id: 'rep_1', deploymentId: 'dep_1', model: 'tiny', runnerId: 'run_1', runnerName: 'gpu-1', state: 'draining' },
    ...{ deviceKeys: ['cuda-0', 'cuda-1'], slots: 8, inFlight: 3, reservedBytes: 6.5 * 2 ** 30 },
    status: { phase: 'draining', reason: 'operator_restart', message: 'It finishes 3 and takes nothing new.' },
  };

  it('are listed, by the name of their runner too', async () => {
    server.replies['GET /admin/v1/replicas'] = { json: { object: 'list', data: [replica], hasMore: false } };
    expect((await run('replicas list --runner gpu-1 --state draining')).output).toBe(
      'ID     MODEL  STATE     RUNNER  DEVICES         SERVES  RESERVED\n' +
        'rep_1  tiny   draining  gpu-1   cuda-0, cuda-1     3/8  6.50 GiB\n',
    );
    expect(last()?.url).toBe('/admin/v1/replicas?runnerId=run_1&state=draining');
  });

  it('are restarted and drained', async () => {
    for (const verb of ['restart', 'drain']) {
      server.replies[`POST /admin/v1/replicas/rep_1/${verb}`] = { json: replica };
      expect((await run(`replicas ${verb} rep_1`)).output).toMatch(/^that is +It finishes 3 and takes nothing new\.$/m);
    }
  });

  it('say how the memory of a device is used', async () => {
    const bytes = { totalBytes: 24 * 2 ** 30, reservedBytes: 2 ** 30, measuredBytes: 2 ** 29, unmanagedBytes: 0 };
    const device = {
      id: 'run_1/cuda-0',
      runnerId: 'run_1',
      runnerName: 'gpu-1',
      deviceKey: 'cuda-0',
      deviceType: 'L4',
    };
    const data = [{ ...device, ...bytes, freeBytes: 23 * 2 ** 30, replicas: ['rep_1'] }];
    server.replies['GET /admin/v1/devices'] = { json: { object: 'list', data, hasMore: false } };
    expect((await run('devices list')).output).toBe(
      'RUNNER  DEVICE  TYPE      TOTAL  RESERVED   MEASURED  UNMANAGED       FREE  REPLICAS\n' +
        'gpu-1   cuda-0  L4    24.00 GiB  1.00 GiB  512.0 MiB    0.0 MiB  23.00 GiB         1\n',
    );
  });
});

describe('jobs', () => {
  const job = {
    ...{ id: 'ses_1', state: 'running', model: 'tiny', tenantId: 'ten_1', deploymentId: 'dep_1', attempt: 2 },
    ...{ runnerId: 'run_1', promptTokensEstimate: 12, deliveredTokens: 34, startedAt: null },
    createdAt: '2026-11-25T16:34:05.678Z',
  };

  it('are listed by state and tenant, and cancelled', async () => {
    server.replies['GET /admin/v1/jobs'] = { json: { object: 'list', data: [job], hasMore: false } };
    expect((await run('jobs list --state running --tenant ten_1')).output).toBe(
      'ID     STATE    MODEL  TENANT  RUNNER  TOKENS  ATTEMPT  SINCE (UTC)\n' +
        'ses_1  running  tiny   ten_1   run_1       34        2  2026-11-25 16:34:05\n',
    );
    expect(last()?.url).toBe('/admin/v1/jobs?state=running&tenantId=ten_1');
    server.replies['POST /admin/v1/jobs/ses_1/cancel'] = { json: { ...job, state: 'cancelling' } };
    expect((await run('jobs cancel ses_1')).output).toMatch(/^state +cancelling$/m);
  });
});
