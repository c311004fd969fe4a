import type { ReplicaReport } from '@millrace/platform/lifecycle';
import { ReplicaWatch } from './replica-watch.js';
import { Terminal } from './terminal.js';

function report(state: ReplicaReport['state'], more: Partial<ReplicaReport> = {}): ReplicaReport {
  return { type: 'replica', replicaId: 'rep_1', deploymentId: 'dep_1', state, message: '', progress: 0, ...more };
}

function watching() {
  const lines: string[] = [];
  return { lines, watch: new ReplicaWatch(new Terminal((text) => lines.push(text)), 'tiny') };
}

describe('the watch over the first replica', () => {
  it('waits until a replica is ready', async () => {
    const { watch } = watching();
    watch.hear(report('loading'));
    watch.hear(report('ready'));
    await expect(watch.serving()).resolves.toBeUndefined();
  });

  it('fails with the reason of the engine', async () => {
    const { watch } = watching();
    watch.hear(report('failed', { message: 'the file is truncated' }));
    await expect(watch.serving()).rejects.toThrow('The model tiny cannot be served: the file is truncated');
  });

  it('waits while the model may still be placed, and fails with the reason when it cannot', async () => {
    const { watch, lines } = watching();
    const unplaced = { type: 'unplaced' as const, deploymentId: 'dep_1' };
    watch.hear({ ...unplaced, transient: true, message: 'no runner has offered a device yet' });
    expect(lines).toEqual([expect.stringContaining('Waiting for a place for tiny: no runner has offered a device')]);
    watch.hear({ ...unplaced, transient: false, message: 'it needs 40 GB' });
    await expect(watch.serving()).rejects.toThrow('The model tiny cannot be served: it needs 40 GB');
  });

  it('shows how far the download of the weights is', () => {
    const { watch, lines } = watching();
    watch.hear({ type: 'download', percent: 35, totalBytes: 4_700_000_000 });
    expect(lines).toEqual([expect.stringContaining('Fetching tiny (35 % of 4700 MB)')]);
  });

  it('shows progress, but not every report of it', () => {
    const { watch, lines } = watching();
    for (const progress of [0.1, 0.11, 0.12]) watch.hear(report('loading', { progress }));
    expect(lines).toEqual([expect.stringContaining('Loading tiny (10 %)')]);
  });
});
