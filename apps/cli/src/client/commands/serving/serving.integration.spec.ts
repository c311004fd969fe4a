import { startFakeServer, type FakeServer } from '../../../../test/fake-server.js';
import { clientOf } from '../../../../test/run-client.js';

const model = {
  ...{ id: 'mod_1', name: 'echo', artifact: 'simulated:echo', engine: 'simulated', engineOptions: { slots: 4 } },
  ...{ version: 1, createdAt: '2026-11-25T16:34:05.678Z' },
};
const deployment = {
  ...{ id: 'dep_1', model: 'echo', modelId: 'mod_1', minReplicas: 0, maxReplicas: 2, perRunner: false },
  ...{ contextLength: null, slots: 4, keepAliveSeconds: 300, pinned: false, priority: 7, paused: false },
  ...{ placement: { labels: { zone: 'a' }, deviceCount: 2 }, generation: 3, version: 2 },
  status: { phase: 'idle', reason: 'no_demand', message: 'Nothing is loaded.', observedGeneration: 3 },
  createdAt: '2026-11-25T16:34:05.678Z',
};
const ADMIN = '/admin/v1';
const listOf = (...data: object[]) => ({ json: { object: 'list', data, hasMore: false } });

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies[`GET ${ADMIN}/models`] = listOf(model);
  server.replies[`GET ${ADMIN}/deployments`] = listOf(deployment);
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const last = () => server.heard.at(-1);

describe('models', () => {
  it('are listed with their weights and engines', async () => {
    expect((await run('models list')).output).toBe(
      'NAME  ID     ENGINE     ARTIFACT        CREATED (UTC)\n' +
        'echo  mod_1  simulated  simulated:echo  2026-11-25 16:34:05\n',
    );
  });

  it.each([
    ['--artifact simulated:echo', { artifact: 'simulated:echo', engine: 'simulated' }],
    ['--artifact /weights/a.gguf', { artifact: '/weights/a.gguf', engine: 'llama-cpp' }],
    ['--artifact hf:a/b/c.gguf --engine other', { artifact: 'hf:a/b/c.gguf', engine: 'other' }],
    [
      '--artifact simulated:echo --engine-options {"slots":4}',
      { artifact: 'simulated:echo', engine: 'simulated', engineOptions: { slots: 4 } },
    ],
  ])('are created by %s', async (typed, body) => {
    server.replies[`POST ${ADMIN}/models`] = { status: 201, json: model };
    expect(await run(`models create --name echo ${typed}`)).toMatchObject({ status: 0 });
    expect(last()?.body).toEqual({ name: 'echo', ...body });
  });

  it('are changed by their name, option by option', async () => {
    server.replies[`PATCH ${ADMIN}/models/mod_1`] = { json: model };
    await run('models update echo --engine-options {"slots":null}');
    expect(last()?.body).toEqual({ engineOptions: { slots: null } });
    await run('models update mod_1 --engine-options none --name echo-2');
    expect(last()?.body).toEqual({ engineOptions: null, name: 'echo-2' });
  });

  it('are evaluated: what they take, and which devices take them', async () => {
    const gib = 2 ** 30;
    const bytes = { weightsBytes: 2 * gib, kvBytes: gib, computeBytes: 0, overheadBytes: 0, needBytes: 3 * gib };
    const footprint = { deviceType: 'L4', deviceCount: 1, basis: 'engine_dry_run', ...bytes, failure: null };
    const device = { runnerId: 'run_1', runner: 'gpu-1', deviceKey: 'cuda-0', deviceType: 'L4', totalBytes: 24 * gib };
    const evaluation = {
      ...{ model: 'echo', fits: 'when_empty', message: 'A replica fits on no device now.', unnamedDevices: 2 },
      footprints: [{ ...footprint, contextLength: 4_096, slots: 4 }],
      devices: [{ ...device, freeBytes: gib, fits: 'when_empty', reason: 'not_enough_free', message: 'it is full' }],
    };
    server.replies[`POST ${ADMIN}/models/mod_1/evaluate`] = { json: evaluation };
    const ran = await run('models evaluate echo --context-length 4096 --labels zone=a');
    expect(last()?.body).toEqual({ contextLength: 4_096, placement: { labels: { zone: 'a' } } });
    expect(ran.output).toBe(
      'A replica fits on no device now.\n\n' +
        'DEVICE TYPE   WEIGHTS        KV     NEEDS  CONTEXT  SLOTS  BY\n' +
        'L4 × 1       2.00 GiB  1.00 GiB  3.00 GiB    4,096      4  engine_dry_run\n\n' +
        'RUNNER  DEVICE  TYPE      TOTAL      FREE  FITS        WHY NOT NOW\n' +
        'gpu-1   cuda-0  L4    24.00 GiB  1.00 GiB  when empty  it is full\n',
    );
    expect(ran.notes).toBe('2 further devices are not shown.\n');
    const asJson = await run('models evaluate echo --json');
    expect(JSON.parse(asJson.output)).toEqual(evaluation);
  });
});

describe('deployments', () => {
  it('are listed with what has become of them', async () => {
    expect((await run('deployments list')).output).toBe(
      'MODEL  ID     PHASE  REPLICAS  PRIORITY  THAT IS\n' +
        'echo   dep_1  idle   0–2              7  Nothing is loaded.\n',
    );
    server.replies[`GET ${ADMIN}/deployments/dep_1`] = { json: deployment };
    const { output } = await run('deployments get echo');
    expect(output).toContain('zone=a, deviceCount=2\n');
    expect(output).toContain('as the engine chooses\n');
    expect(output).toContain('300 s\n');
  });

  it('are created with all that a wish can say', async () => {
    server.replies[`POST ${ADMIN}/deployments`] = { status: 201, json: deployment };
    const words =
      'deployments create --model echo --min-replicas 0 --max-replicas 2 --per-runner --keep-alive-seconds 300 --pinned ' +
      '--priority -5 --context-length 4096 --slots none --labels zone=a --device-count 2 --device-type L4 --runner gpu-1 ' +
      '--anti-affinity runner';
    expect(await run(words)).toMatchObject({ status: 0 });
    expect(last()?.body).toEqual({
      ...{ model: 'echo', minReplicas: 0, maxReplicas: 2, perRunner: true, keepAliveSeconds: 300, pinned: true },
      ...{ priority: -5, contextLength: 4_096 },
      placement: {
        ...{ labels: { zone: 'a' }, deviceCount: 2, deviceType: 'L4', runner: 'gpu-1', antiAffinity: 'runner' },
      },
    });
  });

  it('are changed by the name of their model, where none clears', async () => {
    server.replies[`PATCH ${ADMIN}/deployments/dep_1`] = { json: deployment };
    await run('deployments update echo --no-pinned --slots none --labels zone= --runner none');
    expect(server.heard[0]?.url).toBe(`${ADMIN}/deployments?model=echo`);
    expect(last()?.body).toEqual({
      ...{ pinned: false, slots: null },
      placement: { labels: { zone: null }, runner: null },
    });
  });

  it.each(['pause', 'resume'])('take the action %s', async (verb) => {
    server.replies[`POST ${ADMIN}/deployments/dep_1/${verb}`] = { json: deployment };
    expect(await run(`deployments ${verb} echo`)).toMatchObject({ status: 0 });
  });

  it('are deleted once a person agrees', async () => {
    server.replies[`DELETE ${ADMIN}/deployments/dep_1`] = { status: 204 };
    const { questions } = await run('deployments delete echo', { answers: 'y' });
    expect(questions).toEqual(['Delete the deployment echo; its model stays in the catalogue? [y/N] ']);
    expect(last()?.method).toBe('DELETE');
  });
});

describe('the scheduler', () => {
  const state = { paused: true, epoch: 7, hasLeader: true };

  it.each(['pause', 'resume'])('takes the action %s and says how it is', async (verb) => {
    server.replies[`POST ${ADMIN}/scheduler/${verb}`] = { json: state };
    expect((await run(`scheduler ${verb}`)).output).toBe(
      'state   paused: it changes nothing\nleader  there is one\nepoch   7\n',
    );
  });

  it('tells its decisions, narrowed by names', async () => {
    const decision = { id: '3', at: '2026-11-25T16:34:05.678Z', action: 'passed_over', reason: 'runner_lost' };
    server.replies[`GET ${ADMIN}/scheduler/decisions`] = listOf({ ...decision, model: 'echo', message: 'It is lost.' });
    server.replies[`GET ${ADMIN}/runners`] = listOf({ id: 'run_1', name: 'gpu-1' });
    const ran = await run('scheduler decisions --deployment echo --runner gpu-1 --action passed_over --limit 5');
    expect(ran.output).toBe(
      'AT (UTC)             ACTION       REASON       OF    THAT IS\n' +
        '2026-11-25 16:34:05  passed over  runner_lost  echo  It is lost.\n',
    );
    const query = 'deploymentId=dep_1&runnerId=run_1&action=passed_over&limit=5';
    expect(last()?.url).toBe(`${ADMIN}/scheduler/decisions?${query}`);
  });

  const nothing = { paused: false, start: [], stop: [], drain: [], unplaced: [], passedOver: [], estimate: [] };

  it('shows what it would do with a wish', async () => {
    const place = { runnerId: 'run_1', runner: 'gpu-1', deviceKey: 'cuda-0' };
    const gib = 2 ** 30;
    const plan = {
      ...nothing,
      start: [{ model: 'echo', ...place, reason: 'min_replicas', needBytes: gib, freeBytes: 2 * gib }],
      stop: [{ replicaId: 'rep_1', model: 'old', ...place, reason: 'evicted', message: 'echo needs it.' }],
      unplaced: [{ model: 'large', reason: 'device_too_small', message: 'it is too large.' }],
      estimate: [{ model: 'new', deviceType: 'L4', runner: 'gpu-1' }],
    };
    server.replies[`POST ${ADMIN}/scheduler/plan`] = { json: plan };
    const ran = await run('scheduler plan --model echo --min-replicas 2');
    expect(last()?.body).toEqual({ deployment: { model: 'echo', minReplicas: 2 } });
    expect(ran.output).toBe(
      'WOULD       MODEL  WHERE         REASON              THAT IS\n' +
        'start       echo   gpu-1 cuda-0  min_replicas        1.00 GiB of 2.00 GiB free\n' +
        'stop        old    gpu-1 cuda-0  evicted             echo needs it.\n' +
        'leave open  large  -             device_too_small    it is too large.\n' +
        'ask         new    gpu-1         awaiting_footprint  how much it takes of L4\n',
    );
  });

  it('says when nothing would change, or nothing of it will happen', async () => {
    server.replies[`POST ${ADMIN}/scheduler/plan`] = { json: { ...nothing, paused: true } };
    const ran = await run('scheduler plan');
    expect(last()?.body).toEqual({});
    expect(ran.notes).toMatch(/^The scheduler is paused: .*\nNothing would change\.\n$/);
  });

  it('wants to know whose wish it is', async () => {
    expect(await run('scheduler plan --min-replicas 2')).toMatchObject({ status: 2 });
    expect(server.heard).toEqual([]);
  });
});
