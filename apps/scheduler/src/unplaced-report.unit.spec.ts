import type { Unplaced } from '@millrace/domain/placement';
import { unplacedReport } from './unplaced-report.js';

const GIB = 1024 ** 3;
const place = { runnerId: 'run_1', deviceKey: 'cpu' };

function unmet(...rejected: Unplaced['rejected'][number][]): Unplaced {
  const reason = rejected[0]?.reason ?? 'no_devices';
  return { deploymentId: 'dep_1', modelName: 'tiny', missing: 1, part: 'min_replicas', reason, rejected };
}

describe('the report of a wish that is not met', () => {
  it('says how much is missing on a device that is too small', () => {
    const rejection = { ...place, reason: 'device_too_small' as const, needBytes: 40 * GIB, capacityBytes: 24 * GIB };
    const message = 'it needs 40.00 GB, and device cpu has 24.00 GB in all';
    expect(unplacedReport(unmet(rejection))).toMatchObject({ transient: false, message });
  });

  it('repeats why the dry run failed', () => {
    const failure = 'The file is incomplete: it ends before the weights do.';
    const report = unplacedReport(unmet({ ...place, reason: 'footprint_failed', failure, retryAtMs: 1 }));
    expect(report).toMatchObject({ transient: false, message: failure });
  });

  it('is transient while no runner has joined', () => {
    expect(unplacedReport(unmet())).toMatchObject({ transient: true, message: 'no runner has offered a device yet' });
  });

  it('is transient while the weights are measured', () => {
    expect(unplacedReport(unmet({ ...place, reason: 'awaiting_footprint' }))).toMatchObject({ transient: true });
  });
});
