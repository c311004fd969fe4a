import {
  EstimateBasis,
  ReplicaState,
  type Assignments,
  type Heartbeat,
  type Hello,
} from '@millrace/contracts/runner-protocol';
import { createLogger } from '@millrace/platform/observability';
import { FleetClient, FleetRefusedError, serveFleet } from './index.js';
import type { FleetHandlers, FleetServer } from './fleet-server.js';
import type { SyncOptions } from './fleet-stream.js';

const logger = createLogger('test', 'error');
const hello: Hello = { bootId: 'boot-1', version: '1', engines: ['llama-cpp'], labels: {} };

/** Collects what is told, and lets a test wait for the nth of it. */
class Told<Item> {
  readonly items: Item[] = [];
  private readonly waiting: { count: number; resolve: (item: Item) => void }[] = [];

  readonly add = (item: Item): void => {
    this.items.push(item);
    for (const { count, resolve } of this.waiting) if (this.items.length === count) resolve(item);
  };

  nth(count: number): Promise<Item> {
    const item = this.items[count - 1];
    return item === undefined ? new Promise((resolve) => this.waiting.push({ count, resolve })) : Promise.resolve(item);
  }
}

/** A scheduler's end that accepts the token `join-ok` and the credential `cred-ok`. */
async function serve(listen = '127.0.0.1:0', overrides: Partial<FleetHandlers> = {}) {
  const told = {
    hellos: new Told<Hello>(),
    heartbeats: new Told<Heartbeat>(),
    estimates: new Told<string>(),
    connected: new Told<string>(),
    disconnected: new Told<string>(),
  };
  const server = await serveFleet({
    listen,
    logger,
    authenticateJoin: ({ joinToken, runnerName }, { isConnected }) => {
      if (isConnected) return Promise.resolve({ taken: `A runner named "${runnerName}" is connected.` });
      return Promise.resolve(
        joinToken === 'join-ok'
          ? { runnerId: `run_${runnerName}`, credential: 'cred-ok', redisUrl: 'redis://runner@127.0.0.1' }
          : { refused: 'The join token is not known: create one.' },
      );
    },
    authenticateRunner: (credential) =>
      Promise.resolve(credential === 'cred-ok' ? { runnerId: 'run_a', name: 'a' } : undefined),
    handlers: {
      onHello: (_runner, said) => Promise.resolve(told.hellos.add(said)),
      onHeartbeat: (_runner, heartbeat) => {
        told.heartbeats.add(heartbeat);
        return Promise.resolve('recorded');
      },
      onFootprintEstimate: (_runner, estimate) => Promise.resolve(told.estimates.add(estimate.estimateId)),
      onConnected: told.connected.add,
      onDisconnected: told.disconnected.add,
      ...overrides,
    },
  });
  return { server, told };
}

function dial(server: FleetServer, options: Partial<SyncOptions> = {}) {
  const client = new FleetClient({ schedulerUrl: server.address });
  const assignments = new Told<Assignments>();
  const directories = new Told<number>();
  const estimates = new Told<string>();
  const stream = client.sync({
    credential: 'cred-ok',
    hello,
    onAssignments: assignments.add,
    onApiDirectory: (directory) => directories.add(directory.processes.length),
    onEstimateFootprint: (request) => estimates.add(request.estimateId),
    ...options,
  });
  return { client, stream, assignments, directories, estimates };
}

function heartbeat(observedGeneration: number): Heartbeat {
  return {
    devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 16 * 1024 ** 3, freeBytes: 1 }],
    replicas: [
      {
        replicaId: 'rep_1',
        state: ReplicaState.REPLICA_STATE_READY,
        measuredBytes: 1,
        slots: 1,
        contextLength: 1,
        message: '',
        progress: 1,
        inFlight: 1,
        readyForMs: 5,
        idleForMs: 0,
        loadMs: 9,
      },
    ],
    observedGeneration,
    observedEpoch: 1,
  };
}

const nothingAssigned = { replicas: [], drainMs: 60_000 };

describe('joining', () => {
  it('exchanges a join token for a credential', async () => {
    const { server } = await serve();
    const client = new FleetClient({ schedulerUrl: server.address });
    expect(await client.join({ joinToken: 'join-ok', runnerName: 'a', labels: { zone: 'x' } })).toMatchObject({
      runnerId: 'run_a',
      credential: 'cred-ok',
    });
    client.close();
    await server.close();
  });

  it('ends with one sentence when the token is refused', async () => {
    const { server } = await serve();
    const client = new FleetClient({ schedulerUrl: server.address });
    const joining = client.join({ joinToken: 'wrong', runnerName: 'a', labels: {} });
    await expect(joining).rejects.toThrow(FleetRefusedError);
    await expect(joining).rejects.toThrow(/^The join token is not known: create one\.$/);
    client.close();
    await server.close();
  });

  it('waits for a scheduler that is not there yet', async () => {
    const { server } = await serve();
    const { address } = server;
    await server.close();
    const client = new FleetClient({ schedulerUrl: address });
    const joining = client.join({ joinToken: 'join-ok', runnerName: 'a', labels: {} });
    const { server: later } = await serve(address);
    expect(await joining).toMatchObject({ runnerId: 'run_a' });
    client.close();
    await later.close();
  });

  it('ends when the client is closed while it waits', async () => {
    const client = new FleetClient({ schedulerUrl: '127.0.0.1:1' });
    const joining = client.join({ joinToken: 'join-ok', runnerName: 'a', labels: {} });
    client.close();
    await expect(joining).rejects.toThrow();
  });
});

describe("a runner's stream", () => {
  it('carries reports up and wishes down', async () => {
    const { server, told } = await serve();
    const { client, stream, assignments, directories, estimates } = dial(server);
    await stream.whenUp;
    expect(await directories.nth(1)).toBe(0);
    stream.sendHeartbeat(heartbeat(7));
    stream.sendEstimate({
      estimateId: 'e1',
      error: '',
      weightsBytes: 1,
      kvBytes: 1,
      computeBytes: 1,
      overheadBytes: 1,
      contextLength: 1,
      slots: 1,
      basis: EstimateBasis.ESTIMATE_BASIS_FORMULA,
      engineVersion: 'b1',
    });
    expect(await told.heartbeats.nth(1)).toEqual(heartbeat(7));
    expect(await told.estimates.nth(1)).toBe('e1');
    server.sendAssignments('run_a', { generation: 1, epoch: 1 }, () => nothingAssigned);
    server.sendAssignments('run_a', { generation: 1, epoch: 1 }, () => nothingAssigned);
    server.sendEstimateFootprint('run_a', {
      estimateId: 'e2',
      spec: undefined,
      deviceType: 'cpu',
      deviceCount: 1,
      offloaded: false,
    });
    server.setApiDirectory({ processes: [{ owner: 'boot', address: '127.0.0.1:1' }] });
    expect(await estimates.nth(1)).toBe('e2');
    expect(await directories.nth(2)).toBe(1);
    expect(assignments.items).toHaveLength(1);
    client.close();
    await told.disconnected.nth(1);
    await server.close();
  });

  it('is refused with one sentence when the credential is not valid', async () => {
    const { server } = await serve();
    const refusals = new Told<FleetRefusedError>();
    const { client, stream } = dial(server, { credential: 'stolen', onRefused: refusals.add });
    await expect(stream.whenUp).rejects.toThrow(FleetRefusedError);
    expect((await refusals.nth(1)).message).toContain('join again');
    client.close();
    await server.close();
  });

  it('comes back after a restart of the scheduler with its hello and newest heartbeat', async () => {
    const { server } = await serve();
    const { client, stream } = dial(server);
    await stream.whenUp;
    stream.sendHeartbeat(heartbeat(1));
    const { address } = server;
    await server.close();
    stream.sendHeartbeat(heartbeat(2));
    const { server: later, told } = await serve(address);
    expect(await told.hellos.nth(1)).toEqual(hello);
    expect(await told.heartbeats.nth(1)).toEqual(heartbeat(2));
    later.sendAssignments('run_a', { generation: 3, epoch: 2 }, () => nothingAssigned);
    client.close();
    await later.close();
  });

  it('is replaced by a newer one of the same runner', async () => {
    const { server, told } = await serve();
    const first = dial(server);
    await first.stream.whenUp;
    const second = dial(server);
    await second.stream.whenUp;
    expect(server.runnerIds()).toEqual(['run_a']);
    first.client.close();
    second.client.close();
    await told.disconnected.nth(1);
    await server.close();
  });

  it('is ended for good when another process has come as the same runner', async () => {
    const { server } = await serve('127.0.0.1:0', { onHeartbeat: () => Promise.resolve('superseded') });
    const refused = new Told<Error>();
    const { client, stream } = dial(server, { onRefused: refused.add });
    await stream.whenUp;
    expect(stream.isUp).toBe(true);
    stream.sendHeartbeat(heartbeat(1));
    expect((await refused.nth(1)).message).toMatch(/^Another process has joined as runner "a"\. Give each runner/);
    expect(stream.isUp).toBe(false);
    client.close();
    await server.close();
  });

  it('keeps its name: another runner that joins under it waits, and gives up with one sentence', async () => {
    const { server } = await serve();
    const first = dial(server);
    await first.stream.whenUp;
    const second = new FleetClient({ schedulerUrl: server.address, namePatienceMs: 0 });
    const join = second.join({ joinToken: 'join-ok', runnerName: 'a', labels: {} });
    await expect(join).rejects.toThrow(/^A runner named "a" is connected\.$/);
    await expect(join).rejects.toBeInstanceOf(FleetRefusedError);
    first.client.close();
    second.close();
    await server.close();
  });

  it('goes on when a heartbeat could not be recorded', async () => {
    let failures = 1;
    const heard = new Told<number>();
    const { server } = await serve('127.0.0.1:0', {
      onHeartbeat: (_runner, { observedGeneration }) => {
        heard.add(observedGeneration);
        return failures-- > 0 ? Promise.reject(new Error('the store is away')) : Promise.resolve('recorded');
      },
    });
    const { client, stream } = dial(server);
    await stream.whenUp;
    stream.sendHeartbeat(heartbeat(1));
    await heard.nth(1);
    stream.sendHeartbeat(heartbeat(2));
    expect(await heard.nth(2)).toBe(2);
    client.close();
    await server.close();
  });
});
