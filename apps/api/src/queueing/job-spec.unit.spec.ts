import { ticketSchema } from '@millrace/contracts/job-contract';
import { Payload } from '@millrace/contracts/runner-protocol';
import type { ChatRequest } from '@millrace/contracts/openai';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { jobSpec } from './job-spec.js';

const deadlines = {
  startDeadlineMs: 1_000,
  firstTokenDeadlineMs: 2_000,
  interTokenDeadlineMs: 500,
  totalDeadlineMs: 4_000,
};

function callOf(request: Partial<ChatRequest>): ChatCall {
  return {
    receivedAtMs: 0,
    principal: { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' },
    deployment: { deploymentId: 'dep_1' },
    deadlines: {},
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

  it('has the deadlines of the installation, those of its deployment in their place, and shorter ones of its caller', () => {
    const call = callOf({});
    call.deployment.deadlines = { startDeadlineMs: 9_000, interTokenDeadlineMs: 300 };
    call.deadlines = { startDeadlineMs: 8_000, interTokenDeadlineMs: 400, totalDeadlineMs: 100 };
    expect(jobSpec(call, deadlines)).toMatchObject({
      startDeadlineMs: 8_000,
      firstTokenDeadlineMs: 2_000,
      interTokenDeadlineMs: 300,
      totalDeadlineMs: 100,
    });
  });
});
