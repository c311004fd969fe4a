import type { EngineReplica, GenerateRequest } from '@millrace/adapters/engines';
import { ask, read } from './engine-answer.js';
import type { Answer } from './engine-answer.js';
import type { GivenEngine } from './engine-under-test.js';
import { middleOf } from './middle-of.js';

/** The answer cut after so many tokens; text lags where the cut falls into a chunk. */
function cutAfter(answer: Answer, tokens: number): { deliveredTokenIds: number[]; deliveredText: string } {
  let counted = 0;
  let deliveredText = '';
  for (const chunk of answer.chunks) {
    counted += chunk.tokenIds.length;
    if (counted > tokens) break;
    deliveredText += chunk.text;
  }
  return { deliveredTokenIds: answer.tokenIds.slice(0, tokens), deliveredText };
}

/** Cuts an answer after every token and lets it go on from there: text, ids, reason and usage stay the same. */
export async function expectSameFromEveryCut(replica: EngineReplica, request: GenerateRequest): Promise<void> {
  const whole = await read(replica, request);
  expect(whole.tokenIds.length).toBeGreaterThan(3);
  const continueFrom = async (tokens: number): Promise<void> => {
    const { deliveredTokenIds, deliveredText } = cutAfter(whole, tokens);
    const deliveredBytes = Buffer.byteLength(deliveredText, 'utf8');
    const rest = await read(replica, { ...request, deliveredTokenIds, deliveredBytes });
    expect(deliveredText + rest.text).toBe(whole.text);
    expect([...deliveredTokenIds, ...rest.tokenIds]).toEqual(whole.tokenIds);
    expect(rest.reason).toBe(whole.reason);
    expect(rest.usage).toMatchObject({
      promptTokens: whole.usage.promptTokens,
      completionTokens: whole.usage.completionTokens,
    });
  };
  const cuts = whole.tokenIds.map((_, index) => index + 1);
  for (let first = 0; first < cuts.length; first += replica.slots) {
    await Promise.all(cuts.slice(first, first + replica.slots).map(continueFrom));
  }
}

/** For drivers that declare `replay`: a cut answer goes on with the bytes of an undisturbed one. */
export function describeContinuation(given: () => GivenEngine): void {
  it('continues a greedy answer from any cut with the same bytes', async () => {
    await expectSameFromEveryCut(given().replica, ask(given().known.question));
    await expectSameFromEveryCut(given().replica, ask(given().story, { maxCompletionTokens: 32 }));
  });

  it('continues a seeded answer from any cut with the same bytes', async () => {
    const sampling = { temperature: 1, topP: 0.95, seed: 11 };
    await expectSameFromEveryCut(given().replica, ask(given().story, { sampling, maxCompletionTokens: 24 }));
  });

  it('continues in the middle of a stop string', async () => {
    const { replica, known } = given();
    const stop = middleOf((await read(replica, ask(known.question))).text);
    await expectSameFromEveryCut(replica, ask(known.question, { stop: [stop] }));
  });
}
