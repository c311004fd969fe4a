import { ticketSchema } from '@millrace/contracts/job-contract';
import { OutputKind, Payload } from '@millrace/contracts/runner-protocol';
import type { ChatRequest } from '@millrace/contracts/openai';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { jobSpecs } from './job-spec.js';
import type { JobSpec } from './owned-job.js';

const deadlines = {
  startDeadlineMs: 1_000,
  firstTokenDeadlineMs: 2_000,
  interTokenDeadlineMs: 500,
  totalDeadlineMs: 4_000,
};

/** A request as the parser hands it on. */
const plain: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', text: 'Hi' }],
  stream: false,
  includeUsage: false,
  temperature: 1,
  topP: 1,
  stop: [],
  choices: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: {},
};

function callOf(request: Partial<ChatRequest>): ChatCall {
  return {
    receivedAtMs: 0,
    principal: { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' },
    deployment: { deploymentId: 'dep_1' },
    deadlines: {},
    request: { ...plain, ...request },
  } as unknown as ChatCall;
}

/** The jobs of a call, their payloads as a runner reads them. */
function jobsOf(request: Partial<ChatRequest>): { spec: JobSpec; read: Payload }[] {
  return jobSpecs(callOf(request), deadlines).map((spec) => {
    const payload = { ...spec.payload, deliveredTokenIds: [], deliveredBytes: 0 };
    return { spec, read: Payload.decode(Payload.encode(payload).finish()) };
  });
}

function jobOf(request: Partial<ChatRequest>): { spec: JobSpec; read: Payload } {
  const [job] = jobsOf(request);
  if (job === undefined) throw new Error('a call has a job');
  return job;
}

describe('the job of a call', () => {
  it.each([1, 2 ** 32, Number.MAX_SAFE_INTEGER])(
    'fits its ticket and its payload with an answer limit of %d tokens',
    (maxCompletionTokens) => {
      const { spec, read } = jobOf({ maxCompletionTokens });
      const { costTokens } = ticketSchema.pick({ costTokens: true }).parse({
        costTokens: spec.promptTokensEstimate + spec.answerTokensEstimate,
      });
      expect(read.maxCompletionTokens).toBe(Math.min(maxCompletionTokens, 2 ** 32 - 1));
      expect(costTokens).toBeGreaterThanOrEqual(read.maxCompletionTokens);
    },
  );

  it('leaves the answer unbounded when the caller sets no limit', () => {
    expect(jobOf({}).read.maxCompletionTokens).toBe(0);
  });

  it('carries penalties, biases and the number of alternatives', () => {
    const { read } = jobOf({ presencePenalty: -2, frequencyPenalty: 0.5, logitBias: { 7: -100 }, topLogprobs: 0 });
    expect(read.sampling).toMatchObject({ presencePenalty: -2, frequencyPenalty: 0.5, logitBias: { 7: -100 } });
    expect(read.topLogprobs).toBe(0);
    expect(jobOf({}).read.topLogprobs).toBeUndefined();
  });

  it('carries calls and the results that answer them', () => {
    const call = { id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' };
    const { read } = jobOf({
      messages: [
        { role: 'assistant', text: '', toolCalls: [call] },
        { role: 'tool', text: '21 degrees', toolCallId: 'call_1', name: 'weather' },
      ],
    });
    expect(read.messages).toEqual([
      { role: 'assistant', content: '', name: '', toolCallId: '', toolCalls: [call] },
      { role: 'tool', content: '21 degrees', name: 'weather', toolCallId: 'call_1', toolCalls: [] },
    ]);
  });

  it('carries the tools with their schemas as JSON, and how they may be used', () => {
    const parameters = { type: 'object' };
    const tools = [{ name: 'weather', description: 'Says it.', parameters }, { name: 'news' }];
    const toolUse = { tools, required: true, only: 'news', parallel: false, asFunctions: false };
    expect(jobOf({ toolUse }).read.toolUse).toEqual({
      tools: [
        { name: 'weather', description: 'Says it.', parameters: '{"type":"object"}' },
        { name: 'news', description: '', parameters: '' },
      ],
      required: true,
      only: 'news',
      parallel: false,
    });
    expect(jobOf({}).read.toolUse).toBeUndefined();
  });

  it('carries the format of the answer', () => {
    const schema = { type: 'array' };
    expect(jobOf({}).read.outputFormat).toBeUndefined();
    expect(jobOf({ responseFormat: { type: 'json_object' } }).read.outputFormat?.kind).toBe(
      OutputKind.OUTPUT_KIND_JSON_OBJECT,
    );
    expect(jobOf({ responseFormat: { type: 'json_schema', schema } }).read.outputFormat).toEqual({
      kind: OutputKind.OUTPUT_KIND_JSON_SCHEMA,
      schema: '{"type":"array"}',
    });
  });
});

describe('the jobs of a call for several choices', () => {
  it('share the prompt and have ids of their own', () => {
    const jobs = jobsOf({ choices: 3 });
    expect(new Set(jobs.map(({ spec }) => spec.jobId)).size).toBe(3);
    for (const { read } of jobs) expect(read.messages).toEqual(jobs[0]?.read.messages);
  });

  it.each([5, -(2 ** 53) + 1, 2 ** 53 - 2])('have seeds of their own that are the same every time: %d', (seed) => {
    const seedsOf = () => jobsOf({ choices: 3, seed }).map(({ read }) => read.sampling?.seed);
    expect(seedsOf()[0]).toBe(seed);
    expect(new Set(seedsOf()).size).toBe(3);
    expect(seedsOf()).toEqual(seedsOf());
  });

  it('hold tools, format and messages once, however many they are', () => {
    const responseFormat = { type: 'json_schema', schema: { type: 'object' } } as const;
    const toolUse = { tools: [{ name: 'f', parameters: {} }], required: false, parallel: true, asFunctions: false };
    const [first, second] = jobSpecs(callOf({ choices: 2, responseFormat, toolUse }), deadlines);
    expect(second?.payload.messages).toBe(first?.payload.messages);
    expect(second?.payload.toolUse).toBe(first?.payload.toolUse);
    expect(second?.payload.outputFormat).toBe(first?.payload.outputFormat);
  });

  it('have no seed where the caller gave none', () => {
    for (const { read } of jobsOf({ choices: 2 })) expect(read.sampling?.seed).toBeUndefined();
  });

  it('have the deadlines of the installation, those of its deployment in their place, and shorter ones of its caller', () => {
    const call = callOf({});
    call.deployment.deadlines = { startDeadlineMs: 9_000, interTokenDeadlineMs: 300 };
    call.deadlines = { startDeadlineMs: 8_000, interTokenDeadlineMs: 400, totalDeadlineMs: 100 };
    expect(jobSpecs(call, deadlines)[0]).toMatchObject({
      startDeadlineMs: 8_000,
      firstTokenDeadlineMs: 2_000,
      interTokenDeadlineMs: 300,
      totalDeadlineMs: 100,
    });
  });
});
