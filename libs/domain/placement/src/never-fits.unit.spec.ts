import { whyNeverFits } from './never-fits.js';
import { aFootprint, aGpuRunner, aSnapshot, aWish } from '../test/snapshot-builder.js';

const wish = aWish('dep_a', { minReplicas: 0, maxReplicas: 1 });
const fleet = (needBytes: number, ...sizes: number[]) =>
  aSnapshot({
    wishes: [wish],
    runners: sizes.map((size, index) => aGpuRunner(`run_${String(index)}`, [size])),
    footprints: [aFootprint(wish, needBytes, { deviceType: 'cuda' })],
  });

describe('a model that no device could ever hold', () => {
  it('is told with the device that comes closest', () => {
    expect(whyNeverFits(fleet(200, 100, 50), 'dep_a')).toMatch(/^it needs .* device gpu-0 has .* in all\.$/);
    const bound = { ...fleet(50, 100), wishes: [{ ...wish, placement: { labels: { zone: 'a' } } }] };
    expect(whyNeverFits(bound, 'dep_a')).toBe('the runner of device gpu-0 lacks the label zone=a.');
  });

  it('is none while one device is large enough, whoever has it and however its runner is', () => {
    expect(whyNeverFits(fleet(90, 100, 50), 'dep_a')).toBeUndefined();
    const snapshot = fleet(90, 100);
    const runners = snapshot.runners.map((runner) => ({
      ...runner,
      ...{ health: 'lost' as const, adminState: 'maintenance' as const },
      devices: runner.devices.map((device) => ({ ...device, freeBytes: 0 })),
    }));
    expect(whyNeverFits({ ...snapshot, runners }, 'dep_a')).toBeUndefined();
  });

  it('is none while nobody knows how much it takes, or the fleet has no device, or it is gone', () => {
    expect(whyNeverFits({ ...fleet(200, 100), footprints: [] }, 'dep_a')).toBeUndefined();
    expect(whyNeverFits(fleet(200), 'dep_a')).toBeUndefined();
    expect(whyNeverFits(fleet(200, 100), 'dep_b')).toBeUndefined();
  });
});
