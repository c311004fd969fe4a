import fc from 'fast-check';
import type { Deadline } from './deadlines.js';
import { decide } from './decide.js';
import { initialState, type Effect, type JobEvent, type JobState } from './job-state.js';

/** What may happen in a world with three links; the numbers choose among what is possible at that moment. */
type Happening =
  | { kind: 'take'; link: number; pick: number }
  | { kind: 'speak'; link: number; pick: number }
  | { kind: 'hear'; link: number }
  | { kind: 'break'; link: number }
  | { kind: 'lose-ticket'; pick: number }
  | { kind: 'sweep' }
  | { kind: 'cancel' }
  | { kind: 'unservable'; message: string }
  | { kind: 'deadline-passed'; deadline: Deadline };

const link = fc.integer({ min: 0, max: 2 });
const pick = fc.nat(6);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), link, pick }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('speak' as const), link, pick }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('hear' as const), link }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('break' as const), link }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose-ticket' as const), pick }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'cancel' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unservable' as const, message: 'gone' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deadline-passed' as const),
      deadline: fc.constantFrom<Deadline>('start', 'first token', 'inter-token', 'total'),
    }),
  },
);

/** One owner, one lossy queue, and links whose messages to the owner are delayed at will but keep their order. */
class World {
  state: JobState = initialState();
  tickets: number[] = [1];
  /** Messages on their way to the owner, per link. */
  readonly inFlight: JobEvent[][] = [[], [], []];
  /** A link that broke comes back under a new name, as a new gRPC stream does. */
  readonly names = ['0.0', '1.0', '2.0'];
  /** What the runner behind a link believes it works on. */
  readonly work = new Map<string, { attempt: number; seq: number }>();
  settled = 0;
  granted = 0;
  timedOut = 0;
  delivered: string[] = [];

  happen(event: Happening): void {
    if (event.kind === 'take') this.take(event.link, event.pick);
    else if (event.kind === 'speak') this.speak(event.link, event.pick);
    else if (event.kind === 'hear') this.hear(event.link);
    else if (event.kind === 'break') this.breakLink(event.link);
    else if (event.kind === 'lose-ticket') this.tickets.splice(event.pick % Math.max(1, this.tickets.length), 1);
    else if (event.kind === 'sweep') this.sweep();
    else this.apply(event);
  }

  private take(index: number, choice: number): void {
    const attempt = this.tickets[choice % Math.max(1, this.tickets.length)];
    // The ticket stays now and then, as after a stalled sweep: duplicates must be harmless.
    if (attempt !== undefined && choice % 2 === 0) this.tickets.splice(this.tickets.indexOf(attempt), 1);
    if (attempt !== undefined) this.inFlight[index]?.push({ kind: 'claim', link: this.name(index), attempt });
  }

  private speak(index: number, choice: number): void {
    const name = this.name(index);
    const work = this.work.get(name);
    if (work === undefined) return;
    const { attempt } = work;
    if (choice < 4) {
      this.inFlight[index]?.push({ kind: 'chunk', link: name, attempt, seq: work.seq++ });
      return;
    }
    this.work.delete(name);
    const end: JobEvent =
      choice < 6
        ? { kind: 'finished', link: name, attempt, finishReason: 'stop' }
        : { kind: 'failed', link: name, attempt, reason: 'engine_crashed', retryable: true, message: '' };
    this.inFlight[index]?.push(end);
  }

  private hear(index: number): void {
    const event = this.inFlight[index]?.shift();
    if (event !== undefined) this.apply(event);
  }

  private breakLink(index: number): void {
    const name = this.name(index);
    this.inFlight[index] = [];
    this.work.delete(name);
    const [base, incarnation] = name.split('.');
    this.names[index] = `${base ?? ''}.${String(Number(incarnation) + 1)}`;
    this.apply({ kind: 'link-lost', link: name });
  }

  sweep(): void {
    if (this.state.phase === 'waiting' && !this.tickets.includes(this.state.attempt)) {
      this.tickets.push(this.state.attempt);
    }
  }

  apply(event: JobEvent): void {
    const before = this.state;
    const decision = decide(before, event);
    expect(decision.state.attempt).toBeGreaterThanOrEqual(before.attempt);
    if (before.phase === 'done') expect(decision.state).toEqual(before);
    this.state = decision.state;
    for (const effect of decision.effects) this.carryOut(effect, event);
  }

  private carryOut(effect: Effect, cause: JobEvent): void {
    if (effect.kind === 'assign') this.grant(effect);
    if (effect.kind === 'add-ticket') this.tickets.push(effect.attempt);
    if (effect.kind === 'settle') this.settled += 1;
    if (effect.kind === 'time-out') this.timedOut += 1;
    if (effect.kind === 'cancel-on-link') this.work.delete(effect.link);
    if (effect.kind === 'deliver' && cause.kind === 'chunk') {
      this.delivered.push(`${String(cause.attempt)}/${cause.link}/${String(cause.seq)}`);
    }
  }

  private grant({ link: name, attempt }: { link: string; attempt: number }): void {
    this.granted += 1;
    expect(this.state).toMatchObject({ phase: 'claimed', link: name, attempt });
    if (this.names.includes(name)) this.work.set(name, { attempt, seq: 0 });
  }

  /** Nothing breaks any more: runners take, speak and are heard until the job has ended. */
  runToTheEnd(): void {
    for (let round = 0; round < 60 && this.state.phase !== 'done'; round++) {
      this.sweep();
      for (const index of [0, 1, 2]) {
        this.take(index, 0);
        while ((this.inFlight[index] ?? []).length > 0) this.hear(index);
        this.speak(index, 4);
        while ((this.inFlight[index] ?? []).length > 0) this.hear(index);
      }
      this.apply({ kind: 'cancel-grace-over' });
    }
  }

  private name(index: number): string {
    return this.names[index] ?? '';
  }
}

function worldAfter(happenings: readonly Happening[]): World {
  const world = new World();
  for (const event of happenings) world.happen(event);
  return world;
}

const happenings = fc.array(happening, { maxLength: 80 });

describe('the claim protocol under random interleavings', () => {
  it('delivers each attempt from one link only, without gap or repetition', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const seen = new Map<string, { link: string; next: number }>();
        let newest = 0;
        for (const entry of worldAfter(list).delivered) {
          const [attempt = '', name = '', seq = ''] = entry.split('/');
          const stream = seen.get(attempt) ?? { link: name, next: 0 };
          expect({ link: name, seq: Number(seq) }).toEqual({ link: stream.link, seq: stream.next });
          expect(Number(attempt)).toBeGreaterThanOrEqual(newest);
          newest = Number(attempt);
          seen.set(attempt, { link: name, next: stream.next + 1 });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends every job and settles it exactly once', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const world = worldAfter(list);
        world.runToTheEnd();
        expect(world.state.phase).toBe('done');
        expect(world.settled).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('expires only jobs that never ran, and tells a caller at most once that time is up', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const world = worldAfter(list);
        world.runToTheEnd();
        const { state } = world;
        if (state.phase === 'done' && state.outcome.kind === 'expired') expect(world.granted).toBe(0);
        expect(world.timedOut).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
