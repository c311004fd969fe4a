import { settingsKey } from '@millrace/domain/placement';
import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';
import { GIB, seedFleet } from '../../../test/seed-fleet.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const rows = (query: string, ...values: unknown[]) => admin.dataSource.query(query, values);

/** The id of a new model of the engine that runs everywhere in these tests. */
async function addModel(name: string): Promise<string> {
  const body = { name, artifact: `simulated:${name}`, engine: 'simulated' };
  return String((await admin.call('POST /models', { body })).body['id']);
}

/** As an engine's dry run would have it. */
async function knowFootprint(name: string, weightsBytes: number): Promise<void> {
  const artifact = `simulated:${name}`;
  const spec = { modelName: name, artifact, engine: 'simulated', contextLength: 0, slots: 0, engineOptions: {} };
  await rows(
    `INSERT INTO footprints (artifact, engine, settings, device_type, weights_bytes, context_length, slots)
     VALUES ($1, 'simulated', $2, 'L4', $3, 4096, 4)`,
    ...[artifact, settingsKey(spec), weightsBytes],
  );
}

describe('GET /admin/v1/scheduler/decisions', () => {
  beforeAll(async () => {
    const rejected = [{ runnerId: 'run_1', deviceKey: 'cuda-0', reason: 'runner_cordoned' }];
    await rows(
      `INSERT INTO scheduler_decisions (epoch, action, reason, deployment_id, replica_id, numbers) VALUES
       (1, 'start', 'min_replicas', 'dep_1', 'rep_1', '{"runnerId":"run_1","deviceKey":"cuda-0","needBytes":1,"freeBytes":2}'),
       (1, 'unplaced', 'runner_cordoned', 'dep_2', NULL, $1),
       (2, 'stop', 'idle', 'dep_1', 'rep_1', '{"runnerId":"run_2","deviceKey":"cuda-0"}')`,
      JSON.stringify({ rejected }),
    );
  });

  const list = async (query = '') => (await admin.call(`GET /scheduler/decisions${query}`)).body;

  it('lists the newest first, each with a sentence and the numbers it rested on', async () => {
    const { data, hasMore } = await list();
    expect(hasMore).toBe(false);
    expect(data).toMatchObject([
      { action: 'stop', reason: 'idle', epoch: 2, message: expect.stringContaining('keep-alive') as string },
      {
        ...{ action: 'unplaced', deploymentId: 'dep_2', replicaId: null, model: null },
        message: 'No device takes a replica: the runner of device cuda-0 is cordoned.',
        numbers: { rejected: [{ reason: 'runner_cordoned' }] },
      },
      { action: 'start', deploymentId: 'dep_1', replicaId: 'rep_1', numbers: { needBytes: 1 } },
    ]);
  });

  it('answers in parts that follow each other', async () => {
    const first = await list('?limit=2');
    expect(first).toMatchObject({ data: [{ action: 'stop' }, { action: 'unplaced' }], hasMore: true });
    const last = (first['data'] as { id: string }[])[1]?.id ?? '';
    expect(await list(`?limit=2&after=${last}`)).toMatchObject({ data: [{ action: 'start' }], hasMore: false });
  });

  it.each([
    ['deploymentId=dep_2', ['unplaced']],
    ['replicaId=rep_1', ['stop', 'start']],
    ['runnerId=run_2', ['stop']],
    ['action=start', ['start']],
    ['reason=idle', ['stop']],
    ['deploymentId=dep_1&action=unplaced', []],
  ])('narrows by ?%s', async (query, actions) => {
    const { data } = await list(`?${query}`);
    expect((data as { action: string }[]).map(({ action }) => action)).toEqual(actions);
  });

  it.each(['action=dance', 'after=dep_1', 'limit=0', 'colour=red', 'reason='])('refuses ?%s', async (query) => {
    expect((await admin.call(`GET /scheduler/decisions?${query}`)).status).toBe(400);
  });
});

describe('POST /admin/v1/scheduler/pause and resume', () => {
  it('turn the switch that schedulers follow, and write down who did', async () => {
    expect((await admin.call('GET /scheduler')).body).toEqual({ paused: false, epoch: 0, hasLeader: false });
    const paused = await admin.call('POST /scheduler/pause');
    expect(paused).toMatchObject({ status: 200, body: { paused: true } });
    expect(await rows('SELECT paused FROM scheduler_switch')).toEqual([{ paused: true }]);
    await admin.call('POST /scheduler/pause');
    expect((await admin.call('POST /scheduler/resume')).body).toMatchObject({ paused: false });
    const { body } = await admin.call('GET /audit-log?resourceId=scheduler');
    expect(body['data']).toMatchObject([
      { action: 'change', before: { paused: true }, after: { paused: false } },
      { action: 'change', before: { paused: false }, after: { paused: true }, tenantId: null },
    ]);
  });

  it('is told of the leader', async () => {
    await rows(`UPDATE scheduler_lease SET epoch = 7, expires_at = clock_timestamp() + interval '1 hour'`);
    expect((await admin.call('GET /scheduler')).body).toEqual({ paused: false, epoch: 7, hasLeader: true });
  });
});

describe('dry runs on a fleet', () => {
  beforeAll(async () => {
    await seedFleet(admin.dataSource, 'node');
  });

  const plan = async (deployment?: object) =>
    admin.call('POST /scheduler/plan', deployment === undefined ? {} : { body: { deployment } });

  it('tell what would be started where, by which numbers, and start nothing', async () => {
    await addModel('small');
    await knowFootprint('small', 2 * GIB);
    const { status, body } = await plan({ model: 'small', minReplicas: 2 });
    expect(status).toBe(200);
    expect(body['start']).toMatchObject([
      {
        ...{ deploymentId: null, model: 'small', runner: 'node', runnerId: 'run_node', deviceKey: 'cuda-0' },
        ...{ reason: 'min_replicas', layout: 'one_device', basis: 'engine_dry_run', freeBytes: 15 * GIB },
      },
      { model: 'small' },
    ]);
    expect(await rows(`SELECT 1 FROM assignments WHERE replica_id <> 'rep_node'`)).toEqual([]);
    expect(await rows(`SELECT 1 FROM deployments`)).toEqual([]);
  });

  it('take a deployment on demand as if one call had waited for it', async () => {
    const { body } = await plan({ model: 'small', minReplicas: 0 });
    expect(body['start']).toMatchObject([{ model: 'small', reason: 'demand' }]);
  });

  it('say what stands in the way, device by device', async () => {
    await addModel('large');
    await knowFootprint('large', 40 * GIB);
    const { body } = await plan({ model: 'large' });
    expect(body['start']).toEqual([]);
    expect(body['unplaced']).toMatchObject([
      {
        ...{ deploymentId: null, model: 'large', reason: 'device_too_small', missing: 1, part: 'min_replicas' },
        message: expect.stringContaining('device cuda-0 has 23.00 GB in all') as string,
        rejected: [{ runner: 'node', reason: 'device_too_small', numbers: { capacityBytes: 23 * GIB } }],
      },
    ]);
  });

  it('name what is not known yet and who would be asked', async () => {
    await addModel('unknown');
    const { body } = await plan({ model: 'unknown' });
    expect(body['unplaced']).toMatchObject([{ reason: 'awaiting_footprint' }]);
    expect(body['estimate']).toMatchObject([{ model: 'unknown', deviceType: 'L4', runner: 'node' }]);
  });

  it('plan the fleet as it is without a body', async () => {
    const { status, body } = await plan();
    expect(status).toBe(200);
    // The replica of seedFleet has no deployment.
    const stop = { replicaId: 'rep_node', runner: 'node', deviceKey: 'cuda-0', reason: 'deployment_removed' };
    expect(body).toMatchObject({ paused: false, start: [], stop: [stop], drain: [] });
  });

  it.each([
    [{ deployment: { model: 'nobody' } }, 'model'],
    [{ deployment: { model: 'small', slots: 0 } }, 'deployment.slots'],
    [{ deployment: {} }, 'deployment.model'],
    [{ wish: {} }, 'wish'],
  ])('refuse the question %j and name %s', async (body, param) => {
    const answer = await admin.call('POST /scheduler/plan', { body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param });
  });

  describe('of one model', () => {
    const evaluate = async (name: string, body?: object) => {
      const { body: found } = await admin.call(`GET /models?name=${name}`);
      const [model] = found['data'] as { id: string }[];
      return admin.call(`POST /models/${model?.id ?? ''}/evaluate`, { body });
    };

    it('tell its footprint and which devices take it now', async () => {
      const { status, body } = await evaluate('small');
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ model: 'small', fits: 'now', message: 'A replica fits on 1 of 1 devices now.', estimate: [] },
        footprints: [
          { deviceType: 'L4', deviceCount: 1, basis: 'engine_dry_run', weightsBytes: 2 * GIB, contextLength: 4_096 },
        ],
        devices: [{ runner: 'node', deviceKey: 'cuda-0', deviceType: 'L4', fits: 'now', totalBytes: 24 * GIB }],
      });
      const [footprint] = body['footprints'] as { needBytes: number }[];
      expect(footprint?.needBytes).toBeGreaterThan(2 * GIB);
    });

    it('tell what fits only once others have gone, and what never does', async () => {
      await addModel('middle');
      await knowFootprint('middle', 20 * GIB);
      expect((await evaluate('middle')).body).toMatchObject({
        fits: 'when_empty',
        devices: [{ fits: 'when_empty', reason: 'not_enough_free', numbers: { freeBytes: 15 * GIB } }],
      });
      const { body } = await evaluate('large');
      expect(body).toMatchObject({ fits: 'never', devices: [{ fits: 'never', reason: 'device_too_small' }] });
      expect(body['message']).toContain('No device could ever hold it: it needs');
    });

    it('say so when nobody knows yet how much it takes, and what to do', async () => {
      const { body } = await evaluate('small', { contextLength: 8_192 });
      expect(body).toMatchObject({ fits: 'unknown', footprints: [], estimate: [{ runner: 'node', deviceType: 'L4' }] });
      expect(body['message']).toContain('minReplicas 0');
    });

    it('go by the settings of its deployment', async () => {
      await addModel('deployed');
      await admin.call('POST /deployments', { body: { model: 'deployed', placement: { runner: 'elsewhere' } } });
      await knowFootprint('deployed', GIB);
      expect((await evaluate('deployed')).body).toMatchObject({ fits: 'never', devices: [{ reason: 'other_runner' }] });
      expect((await evaluate('deployed', { placement: {} })).body).toMatchObject({ fits: 'now' });
    });

    it('refuse what they do not know', async () => {
      expect(errorOf(await evaluate('small', { minReplicas: 1 }))).toMatchObject({ param: 'minReplicas' });
      expect((await admin.call('POST /models/mod_unknown/evaluate')).status).toBe(404);
    });
  });
});
