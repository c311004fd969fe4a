import { callerOf, end, newJob, piece, relayTools, turn } from '../../test/relay-under-test.js';
import { relayAnswer } from './relay-answer.js';

describe('a streaming caller who waits', () => {
  it('opens with comments on the place in the queue while it waits, and with the role when the answer comes', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, relayTools());
    job.listener?.onPlace?.({ position: 2, etaMs: 3_000 });
    expect(caller.started).toBe(true);
    job.listener?.onPlace?.({ position: 1 });
    job.listener?.onPiece(piece('A'));
    await turn();
    job.listener?.onPlace?.({ position: 0 });
    expect(caller.events.slice(0, 2)).toEqual([': queued position=2 eta=3.0s\n\n', ': queued position=1\n\n']);
    expect(caller.events[2]).toContain('"role":"assistant"');
    expect(caller.events.slice(2).join('')).not.toContain(': queued');
    job.end(end);
    await relayed;
  });

  it('says no more to a caller who does not read comments', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, relayTools());
    caller.keepsUp = false;
    job.listener?.onPlace?.({ position: 3 });
    job.listener?.onPlace?.({ position: 2 });
    expect(caller.events).toHaveLength(1);
    caller.keepsUp = true;
    caller.catchUp();
    await turn();
    job.listener?.onPlace?.({ position: 1 });
    expect(caller.events).toHaveLength(2);
    job.end(end);
    await relayed;
  });
});
