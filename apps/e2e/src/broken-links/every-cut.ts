import { cutAfter, type HeardAnswer, type OwnerAndRunners, type Question } from './owner-and-runners.js';

export const greedy = {
  temperature: 0,
  topP: 1,
  seed: undefined,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: {},
};

/** A question at temperature 0 whose answer ends after 32 tokens at the most. */
export function ask(content: string, more: Partial<Question> = {}): Question {
  return {
    messages: [{ role: 'user', content, name: '', toolCallId: '', toolCalls: [] }],
    maxCompletionTokens: 32,
    sampling: greedy,
    stop: [],
    renderedAtMs: 0,
    toolUse: undefined,
    outputFormat: undefined,
    ...more,
  };
}

/** What the caller and the bill must show, however often the answer was cut. */
export function facts({ text, tokenIds, end }: HeardAnswer): object {
  const { promptTokens, completionTokens } = end.usage;
  return { text, tokenIds, outcome: end.outcome, promptTokens, completionTokens };
}

/**
 * Cuts an answer after every token, and before the first. Where two tokens came in one chunk
 * there is nothing between them to cut, so the cut is tried again.
 */
export async function expectSameFromEveryCut(
  millrace: OwnerAndRunners,
  question: Question,
  atOnce: number,
): Promise<HeardAnswer> {
  const undisturbed = await millrace.answer(question);
  expect(undisturbed.tokenIds.length).toBeGreaterThan(3);
  const expectSame = async (cut: number): Promise<void> => {
    const heard = await millrace.answer(question, cutAfter(cut));
    expect(facts(heard)).toEqual(facts(undisturbed));
    expect(heard.end.attempts).toBe(2);
    if (heard.brokenAfter[0] !== cut) await expectSame(cut);
  };
  const cuts = Array.from({ length: undisturbed.tokenIds.length + 1 }, (_, tokens) => tokens);
  const lane = async (): Promise<void> => {
    for (let cut = cuts.pop(); cut !== undefined; cut = cuts.pop()) await expectSame(cut);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return undisturbed;
}
