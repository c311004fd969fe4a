import { settingsKey } from '@millrace/domain/placement';
import { knownFootprints, type FootprintRow } from './known-footprints.js';

const settings = (contextLength: number, engineOptions = {}) =>
  settingsKey({ modelName: 'm', artifact: 'a', engine: 'e', contextLength, slots: 4, engineOptions });

const row = (changes: Partial<FootprintRow>): FootprintRow => ({
  artifact: 'a',
  engine: 'e',
  settings: settings(4096),
  deviceType: 'cuda',
  deviceCount: 1,
  offloaded: false,
  basis: 'engine_dry_run',
  engineVersion: '1',
  breakdown: { weightsBytes: 1000, kvBytes: 100, computeBytes: 50, overheadBytes: 50 },
  measuredBytes: null,
  peers: null,
  host: null,
  loadMs: null,
  contextLength: 4096,
  slots: 4,
  failure: null,
  failedAtMs: 0,
  ...changes,
});
const measured = row({ basis: 'measured', measuredBytes: 1230 });

describe('known footprints', () => {
  it('are estimates corrected by what the artifact measured with another context', () => {
    const [known, other] = knownFootprints([measured, row({ settings: settings(8192) })]);
    expect(known).toMatchObject({ footprint: { basis: 'measured', measuredBytes: 1230 } });
    expect(other).toMatchObject({ footprint: { basis: 'learned', correctionBytes: 30 } });
  });

  it.each([
    ['artifact', { artifact: 'b' }],
    ['engine version', { engineVersion: '2' }],
    ['type of device', { deviceType: 'cpu' }],
    ['size of the group', { deviceCount: 2 }],
    ['engine options', { settings: settings(8192, { batchSize: 2048 }) }],
  ])('learn nothing from another %s', (_what, changes) => {
    const [, other] = knownFootprints([measured, row(changes)]);
    expect(other).toMatchObject({ footprint: { basis: 'engine_dry_run' } });
  });

  it('learn nothing from a replica that nobody had estimated', () => {
    const nothing = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
    const [, other] = knownFootprints([{ ...measured, breakdown: nothing }, row({ settings: settings(8192) })]);
    expect(other).toMatchObject({ footprint: { basis: 'engine_dry_run' } });
  });

  it('tell why an estimate failed', () => {
    const [failed] = knownFootprints([row({ failure: 'no such file', failedAtMs: 7 })]);
    expect(failed).toMatchObject({ outcome: 'failed', failure: 'no such file', failedAtMs: 7 });
  });
});
