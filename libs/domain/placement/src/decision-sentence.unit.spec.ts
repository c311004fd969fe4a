import { decisionSentence } from './decision-sentence.js';

const GIB = 1024 ** 3;
const place = { runnerId: 'run_1', deviceKey: 'gpu-0' };

const CASES: [string, string, Record<string, unknown>, string][] = [
  ['start', 'demand', { needBytes: 2 * GIB, freeBytes: 8 * GIB }, 'it needs 2.00 GiB of 8.00 GiB free'],
  ['refused', 'device_changed', {}, 'the device has changed'],
  ['stop', 'idle', {}, 'on device gpu-0 of run_1 stops: nobody has needed it'],
  ['stop', 'load_failed', { message: 'Out of memory.' }, 'stops: Out of memory.'],
  ['drain', 'deployment_paused', {}, 'finishes what it serves and stops: its deployment is paused.'],
  ['release', 'memory_free', {}, 'is free again'],
  ['measure', 'loaded', { measuredBytes: 3 * GIB, predictedBytes: 2 * GIB }, 'takes 3.00 GiB; 2.00 GiB were predicted'],
  ['unplaced', 'no_devices', { rejected: [] }, 'no runner has offered a device yet.'],
  [
    'unplaced',
    'runner_lost',
    { rejected: [{ ...place, reason: 'runner_lost' }] },
    'the runner of device gpu-0 is lost.',
  ],
  ['passed_over', 'runner_lost', { rejected: [{ ...place, reason: 'runner_lost' }] }, 'No further device'],
  ['dance', 'music', {}, 'dance: music.'],
];

describe('a decision in words', () => {
  it.each(CASES)('%s for %s says so', (...[action, reason, numbers, words]) => {
    expect(decisionSentence({ action, reason, numbers: { ...place, ...numbers } })).toContain(words);
  });

  it('says for whom a replica was evicted', () => {
    const eviction = { forDeploymentId: 'dep_2', freesBytes: GIB, costSeconds: 2, waitingSeconds: 9 };
    const sentence = decisionSentence({ action: 'stop', reason: 'evicted', numbers: { ...place, eviction } });
    expect(sentence).toContain('dep_2 needs 1.00 GiB of its memory more.');
  });
});
