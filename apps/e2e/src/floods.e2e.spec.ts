import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { openRawStream, type RawStream } from './raw-stream.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

function simulated(options: object): Record<string, string> {
  return { MILLRACE_MODEL: 'simulated:flood', MILLRACE_ENGINE_OPTIONS: JSON.stringify(options) };
}

const question = { model: 'flood', temperature: 0, messages: [{ role: 'user', content: 'Tell me about mills.' }] };

describe('a flood of streams on a replica with many slots', () => {
  let millrace: RunningMillrace;
  let dev: DevFacts;

  beforeAll(async () => {
    millrace = await startMillrace(
      simulated({
        slots: 1_100,
        timeToFirstTokenMs: 100,
        tokensPerSecond: 20,
        answerTokens: 400_000,
        contextLength: 500_000,
      }),
    );
    dev = await millrace.devJson();
  }, 120_000);
  afterAll(() => millrace.stop());

  const open = (maxTokens: number, paused = false): RawStream =>
    openRawStream({ ...dev, body: { ...question, max_tokens: maxTokens }, paused });

  /** Milliseconds that the middle one of many streams takes. */
  const medianOf = async (streams: readonly RawStream[]): Promise<number> => {
    const times = await Promise.all(streams.map(({ done }) => done));
    for (const { socket } of streams) socket.destroy();
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  };

  it('lets 800 callers who read go on as if 200 who do not were not there', async () => {
    const readers = (): RawStream[] => Array.from({ length: 800 }, () => open(60));
    const alone: number[] = [];
    const beside: number[] = [];
    // In turns, and the better of each, since other tests run on this machine too.
    for (let round = 0; round < 2; round += 1) {
      alone.push(await medianOf(readers()));
      const silent = Array.from({ length: 200 }, () => open(100_000, true));
      beside.push(await medianOf(readers()));
      for (const { socket } of silent) socket.destroy();
    }
    expect(Math.min(...beside) / Math.min(...alone)).toBeLessThan(1.2);
  }, 90_000);
});

describe('a caller who does not read', () => {
  const LONG = 40_000;
  /** Makes each token weigh more than a kilobyte: the system's own sockets hold some megabytes, and the answer far more. */
  const heavy = { ...question, logprobs: true, top_logprobs: 20 };
  let millrace: RunningMillrace;
  let dev: DevFacts;

  beforeAll(async () => {
    const speed = { slots: 4, timeToFirstTokenMs: 0, tokensPerSecond: 20_000 };
    millrace = await startMillrace(simulated({ ...speed, answerTokens: LONG, contextLength: 2 * LONG }));
    dev = await millrace.devJson();
  }, 120_000);
  afterAll(() => millrace.stop());

  /** Completion tokens of the job that was cancelled. */
  const generatedForTheOneWhoLeft = (): Promise<number> =>
    eventually('the usage of the caller who left', 10_000, async () => {
      const statement = `SELECT completion_tokens::int AS tokens FROM usage_records WHERE outcome = 'cancelled'`;
      return (await query<{ tokens: number }>(dev.databaseUrl, statement))[0]?.tokens;
    });

  it('holds back its engine, and gets the same text as everybody when it reads on', async () => {
    const [leaving, late] = [1, 2].map(() => openRawStream({ ...dev, body: heavy, paused: true }));
    const reading = openRawStream({ ...dev, body: heavy });
    await reading.done;
    leaving?.socket.destroy();
    expect(await generatedForTheOneWhoLeft()).toBeLessThan(LONG / 2);
    late?.socket.resume();
    await late?.done;
    expect(late?.text() === reading.text()).toBe(true);
    late?.socket.destroy();
    reading.socket.destroy();
  }, 120_000);
});

describe('2,000 requests at once on one small replica', () => {
  let millrace: RunningMillrace;
  let dev: DevFacts;

  beforeAll(async () => {
    millrace = await startMillrace(
      simulated({ slots: 8, timeToFirstTokenMs: 2, tokensPerSecond: 2_000, answerTokens: 8 }),
    );
    dev = await millrace.devJson();
  }, 120_000);
  afterAll(() => millrace.stop());

  it('all finish, and start in the order in which they came', async () => {
    const streams = Array.from({ length: 2_000 }, () => openRawStream({ ...dev, body: question }));
    await Promise.all(streams.map(({ done }) => done));
    for (const { socket } of streams) socket.destroy();
    interface Row {
      acceptedAtMs: number;
      startedAtMs: number;
    }
    const rows = await eventually('a usage row of each', 20_000, async () => {
      const stored = await query<Row>(
        dev.databaseUrl,
        `SELECT (extract(epoch FROM finished_at) * 1000 - total_ms)::float AS "acceptedAtMs",
                (extract(epoch FROM finished_at) * 1000 - total_ms + queue_ms)::float AS "startedAtMs"
         FROM usage_records WHERE outcome = 'completed' ORDER BY 2`,
      );
      return stored.length >= 2_000 ? stored : undefined;
    });
    // Those that start at the same time, one a slot, may have come in any order; a burst is taken many at a time.
    const overtaken = rows.filter(({ acceptedAtMs }, index) =>
      rows.slice(0, Math.max(0, index - 64)).some((earlier) => earlier.acceptedAtMs > acceptedAtMs + 100),
    );
    expect(overtaken).toEqual([]);
  }, 120_000);
});
