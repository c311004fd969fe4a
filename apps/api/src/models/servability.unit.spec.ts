import { pino } from 'pino';
import type { FleetObserver, ServedModel } from '@millrace/adapters/postgres';
import { settingsKey } from '@millrace/domain/placement';
import { endUnservable } from './end-unservable.js';
import { Servability } from './servability.js';

const logger = pino({ enabled: false });
const served = (name: string, loaded = false): ServedModel => ({
  ...{ modelId: `mod_${name}`, name, createdAtMs: 0, deploymentId: `dep_${name}`, paused: false, loaded },
});

/** A fleet of one device of 100 bytes, and two models of which `large` takes 200. */
function fleet() {
  const clock = { nowMs: 0, looks: 0, isAway: false };
  const sizes = { small: 50, large: 200 };
  const specOf = (name: string) => ({
    ...{ modelName: name, artifact: name, engine: 'e', contextLength: 0, slots: 0, engineOptions: {} },
  });
  const wishes = Object.keys(sizes).map((name) => ({
    ...{ deploymentId: `dep_${name}`, minReplicas: 0, maxReplicas: 1, perRunner: false, paused: false },
    spec: specOf(name),
  }));
  const footprints = Object.entries(sizes).map(([name, weightsBytes]) => ({
    ...{
      artifact: name,
      engine: 'e',
      settings: settingsKey(specOf(name)),
      deviceType: 'L4',
      outcome: 'known' as const,
    },
    ...{ contextLength: 1, slots: 1 },
    footprint: {
      basis: 'claimed' as const,
      breakdown: { weightsBytes, kvBytes: 0, computeBytes: 0, overheadBytes: 0 },
    },
  }));
  const device = { deviceKey: 'gpu-0', deviceType: 'L4', totalBytes: 100, freeBytes: 0, reserveBytes: 0 };
  const runner = {
    ...{ runnerId: 'run_1', name: 'one', adminState: 'active' as const, health: 'lost' as const, engines: ['e'] },
    ...{ generation: 0, observedGeneration: 0, devices: [device] },
  };
  const none = { assignments: [], replicas: [], reservations: [], loadFailures: [] };
  const snapshot = { nowMs: 0, wishes, footprints, runners: [runner], ...none };
  const observer: Pick<FleetObserver, 'observe'> = {
    observe: () => {
      clock.looks += 1;
      if (clock.isAway) return Promise.reject(new Error('connection refused'));
      return Promise.resolve({ snapshot, epochs: new Map(), paused: false, newWishes: [] });
    },
  };
  return { clock, servability: new Servability(observer, { nowMs: () => clock.nowMs, logger }) };
}

describe('whether a model can ever be served', () => {
  it('is asked of the fleet, for models that are not loaded', async () => {
    const { servability } = fleet();
    expect(await servability.whyNever(served('small'))).toBeUndefined();
    expect(await servability.whyNever(served('large'))).toContain('device gpu-0');
    expect(await servability.whyNever(served('large', true))).toBeUndefined();
  });

  it('takes one look at the fleet for all who ask within five seconds', async () => {
    const { clock, servability } = fleet();
    await Promise.all([servability.whyNever(served('small')), servability.whyNever(served('large'))]);
    clock.nowMs = 4_999;
    await servability.whyNever(served('large'));
    expect(clock.looks).toBe(1);
    clock.nowMs = 5_000;
    await servability.whyNever(served('large'));
    expect(clock.looks).toBe(2);
  });

  it('is left open while Postgres is away, and asked again', async () => {
    const { clock, servability } = fleet();
    clock.isAway = true;
    expect(await servability.whyNever(served('large'))).toBeUndefined();
    clock.isAway = false;
    expect(await servability.whyNever(served('large'))).toContain('device gpu-0');
  });
});

describe('calls that wait', () => {
  it('end when their deployment is gone or its model can never be served, and only then', async () => {
    const ended = new Map<string, string>();
    const calls = {
      waitingDeployments: () => new Set(['dep_small', 'dep_large', 'dep_gone']),
      endWaiting: (deploymentId: string, reason: string) => void ended.set(deploymentId, reason),
    };
    await endUnservable([served('small'), served('large')], calls, fleet().servability);
    expect([...ended.keys()]).toEqual(['dep_large', 'dep_gone']);
    expect(ended.get('dep_gone')).toBe('its deployment was deleted.');
  });
});
