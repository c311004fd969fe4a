import type { GenerateEvent } from '../engine-driver.js';
import { fromTransit, toTransit } from './answer-event.js';
import type { AnswerEvent } from './answer-event.js';

/** As the channel between host and driver carries it. */
function carried(event: GenerateEvent): GenerateEvent {
  const received = JSON.parse(JSON.stringify(toTransit(7, event))) as AnswerEvent;
  if (received.kind === 'failed') throw new Error('an answer that goes on was expected');
  return fromTransit(received);
}

describe('an event of an answer between two processes', () => {
  it('arrives as it was sent', () => {
    const chunk: GenerateEvent = { kind: 'chunk', tokenIds: [1, 2], text: 'é' };
    expect(carried(chunk)).toEqual(chunk);
    const usage = { promptTokens: 1, completionTokens: 2, cachedTokens: 0 };
    expect(carried({ kind: 'finished', reason: 'stop', usage })).toEqual({ kind: 'finished', reason: 'stop', usage });
  });

  it('keeps the bytes of tokens that are parts of a character', () => {
    const [first, second] = [Buffer.from([0xc3]), Buffer.from([0xa9])];
    const logprobs = [{ token: first, logprob: -0.5, top: [{ token: second, logprob: -1 }] }];
    expect(carried({ kind: 'chunk', tokenIds: [1], text: '', logprobs })).toEqual({
      kind: 'chunk',
      tokenIds: [1],
      text: '',
      logprobs,
    });
  });
});
