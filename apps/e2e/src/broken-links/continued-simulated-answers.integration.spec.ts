import { createSimulatedDriver, type EngineReplica } from '@millrace/adapters/engines';
import { build } from '../../../../tools/build.mjs';
import { ask, expectSameFromEveryCut } from './every-cut.js';
import { OwnerAndRunners, type Question } from './owner-and-runners.js';

const NEVER = new AbortController().signal;
const AT_ONCE = 32;
const LIMIT_MS = 120_000;
/** Slow enough that tokens come one by one; a cut answer holds two slots for a moment. */
const SPEED = { slots: 2 * AT_ONCE, timeToFirstTokenMs: 5, tokensPerSecond: 200 };
const QUESTIONS = Array.from({ length: 20 }, (_, number) => `Question ${String(number + 1)}`);
const STOPPED = 4;

let replica: EngineReplica;
let millrace: OwnerAndRunners;

beforeAll(async () => {
  await build();
  const settings = { modelName: 'simulated', artifactPath: 'simulated:answers', engineOptions: SPEED };
  replica = await createSimulatedDriver().load(settings, () => undefined, NEVER);
  millrace = await OwnerAndRunners.start(replica);
});

afterAll(async () => {
  millrace.close();
  await replica.stop();
});

afterEach(() => {
  expect(millrace.errors).toEqual([]);
});

function question(content: string): Question {
  return ask(content, { maxCompletionTokens: 40 });
}

describe('a simulated answer whose link breaks', () => {
  it.each(QUESTIONS.slice(STOPPED))(
    'after any of its tokens is the same for its caller: %s',
    async (content) => {
      await expectSameFromEveryCut(millrace, question(content), AT_ONCE);
    },
    LIMIT_MS,
  );

  it.each(QUESTIONS.slice(0, STOPPED))(
    'before, in or after its stop string is the same for its caller: %s',
    async (content) => {
      const { text } = await millrace.answer(question(content));
      const stop = text.slice(text.length / 2, text.length / 2 + 15);
      const stopped = await expectSameFromEveryCut(millrace, { ...question(content), stop: [stop] }, AT_ONCE);
      expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    },
    LIMIT_MS,
  );

  it(
    'inside a character is the same for its caller',
    async () => {
      const { text } = await expectSameFromEveryCut(millrace, question('Question 2'), AT_ONCE);
      // Such a letter takes a token for each of its bytes.
      expect(text).toMatch(/[^\u0000-\u007f]/);
    },
    LIMIT_MS,
  );
});
