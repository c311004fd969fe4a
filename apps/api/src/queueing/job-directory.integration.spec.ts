import { Redis } from 'ioredis';
import { newBootId } from '@millrace/platform/ids';
import { testRedisUrl } from '@millrace/testing';
import { claim, spec, world } from '../../test/job-owner-world.js';
import { JobDirectory } from './job-directory.js';

const connections: Redis[] = [];
const directories: JobDirectory[] = [];

async function connect(): Promise<Redis> {
  const redis = new Redis(testRedisUrl(), { lazyConnect: true, enableOfflineQueue: false, autoResubscribe: false });
  connections.push(redis);
  await redis.connect();
  return redis;
}

/** An API process with some jobs, as far as the others can tell. */
async function apiProcess(...jobIds: string[]) {
  const { jobs, link } = world();
  for (const jobId of jobIds) jobs.listen({ ...spec, jobId });
  const directory = new JobDirectory(jobs, {
    ...{ owner: newBootId(), redis: await connect(), subscriber: await connect() },
    onError: (error) => {
      throw error;
    },
  });
  directories.push(directory);
  await directory.start();
  return { directory, jobs, link };
}

afterEach(() => {
  for (const directory of directories.splice(0)) directory.close();
  for (const connection of connections.splice(0)) connection.disconnect();
});

const idsOf = ({ jobs }: { jobs: readonly { id: string }[] }) => jobs.map(({ id }) => id);

describe('the jobs of several API processes', () => {
  it('are listed newest first, in parts and by state, whichever process is asked, and hold no text', async () => {
    const one = await apiProcess('ses_1', 'ses_3');
    const two = await apiProcess('ses_2');
    const runner = two.link('link-1');
    two.jobs.hear(runner, { $case: 'claim', value: { ...claim().value, jobId: 'ses_2' } } as ReturnType<typeof claim>);
    const first = await one.directory.find({}, 2);
    expect([idsOf(first), first.hasMore, first.complete]).toEqual([['ses_3', 'ses_2'], true, true]);
    expect(idsOf(await two.directory.find({ after: 'ses_2' }, 2))).toEqual(['ses_1']);
    const { jobs } = await one.directory.find({ state: 'running', tenantId: 'ten_1' }, 5);
    expect(jobs).toMatchObject([{ id: 'ses_2', state: 'running', attempt: 1, deliveredTokens: 0 }]);
    expect(JSON.stringify(jobs)).not.toContain('Hi');
    expect(idsOf(await one.directory.find({ tenantId: 'ten_2' }, 5))).toEqual([]);
  });

  it('are cancelled through any of them, once', async () => {
    const asked = await apiProcess();
    const { jobs } = await apiProcess('ses_1');
    const [job] = [...jobs.all()];
    expect(await asked.directory.cancel('ses_1')).toMatchObject({ id: 'ses_1' });
    expect((await job?.ended)?.outcome).toMatchObject({ kind: 'cancelled' });
    expect(await asked.directory.cancel('ses_1')).toBeUndefined();
    expect(await asked.directory.cancel('ses_9')).toBeUndefined();
  });
});
