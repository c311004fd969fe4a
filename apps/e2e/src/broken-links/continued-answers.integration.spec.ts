import { join } from 'node:path';
import { createLlamaCppDriver, type EngineReplica } from '@millrace/adapters/engines';
import { build } from '../../../../tools/build.mjs';
import { ask, expectSameFromEveryCut, facts, greedy } from './every-cut.js';
import { cutAfter, OwnerAndRunners, type Question } from './owner-and-runners.js';

const MODEL = join(import.meta.dirname, '../../../../models/millrace-tiny.gguf');
const NEVER = new AbortController().signal;
/** A cut answer holds two slots for a moment: its old attempt is still being aborted. */
const SLOTS = 16;
const AT_ONCE = SLOTS / 2;
const LIMIT_MS = 180_000;

/** Twenty answers: some end by themselves, some at their limit, some in front of a stop string. */
const ENDING_BY_THEMSELVES_OR_AT_THE_LIMIT = [
  ...['What is a GPU?', 'What is Kubernetes?', 'What is Redis?', 'What is a tenant?', 'Who are you?'],
  ...['France', 'Peru', 'Kenya'].map((country) => `What is the capital of ${country}?`),
  ...['fox', 'robot', 'dragon', 'princess', 'boat', 'king', 'sailor', 'cat'].map(
    (hero) => `Tell me a story about a ${hero}.`,
  ),
];
const STOPPED = [
  ask('What is the capital of Japan?', { stop: ['Japan is Tokyo'] }),
  ask('Tell me a story about a dog.', { stop: ['there was a clever dog that', ' who lived in a'] }),
  ask('What is a container?', { stop: ['never said', 'program and everything'] }),
  ask('Tell me a story about a girl.', { stop: ['big city. Every morning'] }),
];

let replica: EngineReplica;
let millrace: OwnerAndRunners;

beforeAll(async () => {
  await build();
  const settings = { modelName: 'millrace-tiny', artifactPath: MODEL, slots: SLOTS, engineOptions: {} };
  replica = await createLlamaCppDriver().load(settings, () => undefined, NEVER);
  millrace = await OwnerAndRunners.start(replica);
});

afterAll(async () => {
  millrace.close();
  await replica.stop();
});

afterEach(() => {
  expect(millrace.errors).toEqual([]);
});

function named(questions: readonly Question[]): { question: Question; name: string }[] {
  return questions.map((question) => ({ question, name: question.messages[0]?.content ?? '' }));
}

describe('an answer whose link breaks', () => {
  it.each(named(ENDING_BY_THEMSELVES_OR_AT_THE_LIMIT.map((content) => ask(content))))(
    'after any of its tokens is the same for its caller, and counted once: $name',
    async ({ question }) => {
      await expectSameFromEveryCut(millrace, question, AT_ONCE);
    },
    LIMIT_MS,
  );

  it.each(named(STOPPED))(
    'before, in or after its stop string is the same for its caller: $name',
    async ({ question }) => {
      const { text } = await expectSameFromEveryCut(millrace, question, AT_ONCE);
      const unstopped = await millrace.answer({ ...question, stop: [] });
      expect(unstopped.text.startsWith(text)).toBe(true);
      expect(question.stop.some((stop) => unstopped.text.startsWith(stop, text.length))).toBe(true);
    },
    LIMIT_MS,
  );

  it('in the middle of a character is the same for its caller', async () => {
    // This seed's answer has a letter that takes two tokens.
    const sampling = { ...greedy, temperature: 3, seed: 463 };
    const { text } = await expectSameFromEveryCut(
      millrace,
      ask('Tell me a story about a dragon.', { sampling }),
      AT_ONCE,
    );
    expect(text).toMatch(/[\u0400-\u04ff]/);
  });

  it('four times goes on each time', async () => {
    const question = ask('Tell me a story about a fox.');
    const undisturbed = await millrace.answer(question);
    const heard = await millrace.answer(question, ...[0, 5, 11, 30].map(cutAfter));
    expect(facts(heard)).toEqual(facts(undisturbed));
    expect(heard.end.attempts).toBe(5);
  });
});
