import { once, EventEmitter } from 'node:events';
import { connectPostgres, migrate, RunnerStore, type DataSource } from '@millrace/adapters/postgres';
import { openLink, type RunnerLink, type TokenStreamServer } from '@millrace/adapters/token-stream';
import { GoneReason, type OwnerEvent } from '@millrace/contracts/runner-protocol';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { claim, spec, world } from '../../test/job-owner-world.js';
import { seedFleet } from '../../test/seed-fleet.js';
import { acceptRunnerLinks } from './runner-links.js';
import { RunnerRights } from './runner-rights.js';

let database: TestDatabase;
let dataSource: DataSource;
let rights: RunnerRights;
let server: TokenStreamServer;
let jobs: ReturnType<typeof world>['jobs'];
const links: RunnerLink[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  await seedFleet(dataSource, 'a');
  await seedFleet(dataSource, 'b');
  await dataSource.query(`UPDATE assignments SET deployment_id = 'dep_other' WHERE runner_id = 'run_b'`);
  const runners = new RunnerStore(dataSource);
  const onError = () => undefined;
  rights = new RunnerRights({ readHosted: (ids) => runners.hostedDeployments(ids), onError });
  ({ jobs } = world());
  server = await acceptRunnerLinks({
    ...{ listen: '127.0.0.1:0', owner: 'me', jobs, rights, orphanReports: { hear: () => undefined }, onError },
    authenticate: (credential) => runners.findRunnerByCredential(credential),
  });
});
afterEach(async () => {
  for (const link of links.splice(0)) link.close();
  server.close();
  await dataSource.destroy();
  await database.drop();
});

/** A runner's end of a link, by the credential of one of the seeded runners. */
async function connect(name: string) {
  const heard = new EventEmitter<{ up: []; down: [string]; event: [NonNullable<OwnerEvent['event']>] }>();
  const link = openLink(
    { address: `127.0.0.1:${String(server.port)}`, credential: `hash of ${name}` },
    {
      onUp: () => heard.emit('up'),
      onEvent: (event) => heard.emit('event', event),
      onDown: (reason) => heard.emit('down', reason),
    },
  );
  links.push(link);
  await once(heard, 'up');
  const ask = async (asked = claim()) => {
    const answer = once(heard, 'event');
    link.send(asked);
    const [event] = (await answer) as [NonNullable<OwnerEvent['event']>];
    return event;
  };
  return { heard, ask };
}

const notHosted = { $case: 'gone', value: { reason: GoneReason.GONE_REASON_NOT_HOSTED } };

describe('a claim', () => {
  it('of a runner that does not host the deployment gets no payload, and that of one that does gets it', async () => {
    jobs.listen(spec);
    expect(await (await connect('b')).ask()).toMatchObject(notHosted);
    expect(await (await connect('a')).ask()).toMatchObject({ $case: 'assign' });
  });

  it('in the name of another deployment than that of the job gets no payload', async () => {
    jobs.listen(spec);
    const asked = { $case: 'claim' as const, value: { ...claim().value, deploymentId: 'dep_other' } };
    expect(await (await connect('b')).ask(asked as ReturnType<typeof claim>)).toMatchObject(notHosted);
  });

  it('is granted for what was assigned a moment ago, and refused a second after it was taken away', async () => {
    const runner = await connect('b');
    await dataSource.query(`UPDATE assignments SET deployment_id = 'dep_1' WHERE runner_id = 'run_b'`);
    jobs.listen(spec);
    expect(await runner.ask()).toMatchObject({ $case: 'assign' });
    await dataSource.query(`DELETE FROM assignments WHERE runner_id = 'run_b'`);
    await rights.refresh();
    jobs.listen({ ...spec, jobId: 'ses_2' });
    const asked = { $case: 'claim' as const, value: { ...claim().value, jobId: 'ses_2' } };
    expect(await runner.ask(asked as ReturnType<typeof claim>)).toMatchObject(notHosted);
  });
});

describe('a runner that is deleted', () => {
  it('loses its links, and nobody else does', async () => {
    const [removed, other] = [await connect('a'), await connect('b')];
    const down = once(removed.heard, 'down');
    await dataSource.query(`DELETE FROM runners WHERE id = 'run_a'`);
    await rights.refresh();
    await down;
    expect(await other.ask()).toMatchObject({ $case: 'gone' });
  });
});
