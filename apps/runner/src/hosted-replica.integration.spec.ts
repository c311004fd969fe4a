import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineDriver, EngineReplica } from '@millrace/adapters/engines';
import { ReplicaState } from '@millrace/contracts/runner-protocol';
import { newId } from '@millrace/platform/ids';
import { createLogger } from '@millrace/platform/observability';
import { HostedReplica } from './hosted-replica.js';
import { OwnerLinks } from './owner-links.js';

/** A Redis that lets everybody connect and answers nobody. */
class FrozenRedis extends EventEmitter {
  clients = 0;
  private readonly server = createServer((client) => {
    this.clients += 1;
    client.on('error', () => client.destroy());
    client.on('close', () => {
      this.clients -= 1;
      this.emit('left');
    });
    client.resume();
    this.emit('asked');
  });

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `redis://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.server.close();
  }
}

/** An engine that loads at once and dies when it is told to. */
function mortalEngine(): { driver: EngineDriver; die: () => void } {
  let die!: () => void;
  const exited = new Promise<{ expected: boolean; message: string }>((resolve) => {
    die = () => resolve({ expected: false, message: 'The engine died.' });
  });
  const replica = {
    slots: 1,
    contextLength: 64,
    measuredBytes: 1,
    pid: 1,
    exited,
    stop: async () => Promise.resolve(),
  };
  const load = async (): Promise<EngineReplica> => Promise.resolve(replica as unknown as EngineReplica);
  return { driver: { engine: 'mortal', load } as unknown as EngineDriver, die };
}

describe('a replica whose queue is out of reach when it has loaded', () => {
  let folder: string;
  let redis: FrozenRedis;
  const seen: ReplicaState[] = [];

  const host = async (driver: EngineDriver): Promise<HostedReplica> => {
    const artifact = join(folder, 'weights.gguf');
    await writeFile(artifact, 'GGUF');
    const spec = { modelName: 'm', artifact, engine: 'mortal', engineOptions: '', contextLength: 64, slots: 1 };
    const assignment = { replicaId: newId('rep'), deploymentId: newId('dep'), spec, deviceIds: [] };
    const tools = {
      drivers: new Map([[driver.engine, driver]]),
      redisUrl: await redis.listen(),
      links: new OwnerLinks('credential', () => undefined),
      skippedOwners: new Map<string, number>(),
      pacer: { idle: true, later: () => undefined },
      artifacts: { cacheFolder: folder, hubUrl: 'http://127.0.0.1:1' },
      logger: createLogger('test', 'silent'),
    };
    return new HostedReplica(assignment as unknown as HostedReplica['assignment'], tools, (replica) => {
      seen.push(replica.observation().state);
    });
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-replica-'));
    redis = new FrozenRedis();
    seen.length = 0;
  });

  afterEach(async () => {
    redis.close();
    await rm(folder, { recursive: true });
  });

  it('lets the queue alone once its engine has died meanwhile', async () => {
    const { driver, die } = mortalEngine();
    const replica = await host(driver);
    const asked = once(redis, 'asked');
    void replica.run({ fence: { epoch: 1, generation: 1 } });
    await asked;
    die();
    while (redis.clients > 0) await once(redis, 'left');
    expect(replica.observation()).toMatchObject({
      state: ReplicaState.REPLICA_STATE_FAILED,
      message: 'The engine died.',
    });
    await replica.stop();
    expect(seen).not.toContain(ReplicaState.REPLICA_STATE_READY);
  });
});
