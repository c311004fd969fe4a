import { ticketSchema } from '@millrace/contracts/job-contract';
import { Payload } from '@millrace/contracts/runner-protocol';
import type { ChatRequest } from '@millrace/contracts/openai';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { jobSpec } from './job-spec.js';

const deadlines = { startDeadlineMs: 1_000, totalDeadlineMs: 2_000 };

function callOf(request: Partial<ChatRequest>): ChatCall {
  return {
    receivedAtMs: 0,
    principal: { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' },
    deployment: { deploymentId: 'dep_1' },
    request: { messages: [{ role: 'user', text: 'Hi' }], temperature: 1, topP: 1, stop: [], ...request },
  } as unknown as ChatCall;
}

describe('the job of a call', () => {
  it.each([1, 2 ** 32, Number.MAX_SAFE_INTEGER])(
    'fits its ticket and its payload with an answer limit of %d tokens',
    (maxCompletionTokens) => {
      const spec = jobSpec(callOf({ maxCompletionTokens }), deadlines);
      const { costTokens } = ticketSchema.pick({ costTokens: true }).parse({
        costTokens: spec.promptTokensEstimate + spec.answerTokensEstimate,
      });
      const payload = { ...spec.payload, deliveredTokenIds: [], deliveredBytes: 0 };
      const read = Payload.decode(Payload.encode(payload).finish());
      expect(read.maxCompletionTokens).toBe(Math.min(maxCompletionTokens, 2 ** 32 - 1));
      expect(costTokens).toBeGreaterThanOrEqual(read.maxCompletionTokens);
    },
  );

  it('leaves the answer unbounded when the caller sets no limit', () => {
    expect(jobSpec(callOf({}), deadlines).payload.maxCompletionTokens).toBe(0);
  });
});
