import { EngineError, type GenerateEvent, type GenerateRequest } from '@millrace/adapters/engines';
import type { TakenTicket } from '@millrace/adapters/completion-queue';
import {
  FailureCode,
  FinishReason,
  GoneReason,
  type OwnerEvent,
  type RunnerEvent,
} from '@millrace/contracts/runner-protocol';
import type { AttemptListener, OwnerConnection } from './owner-links.js';
import { serveJob, type ServeTools } from './serve-job.js';

type FromRunner = NonNullable<RunnerEvent['event']>;
type FromOwner = NonNullable<OwnerEvent['event']>;

const attempt = { jobId: 'ses_1', attempt: 1 };
const usage = { promptTokens: 3, completionTokens: 1, cachedTokens: 0 };

function takenTicket(ended: string[]): TakenTicket {
  return {
    ticket: {
      ...attempt,
      tenantId: 'ten_1',
      deploymentId: 'dep_1',
      owner: 'boot-1',
      costTokens: 1,
      contextTokens: 1,
      prefixHashes: [],
    },
    complete: async () => {
      ended.push('completed');
      return Promise.resolve();
    },
    giveBack: async (delayMs) => {
      ended.push(`given back for ${String(delayMs)} ms`);
      return Promise.resolve();
    },
  };
}

/** An owner that answers every claim the same way, at once. */
function ownerThatAnswers(answer: FromOwner | 'breaks'): {
  sent: FromRunner[];
  connection: OwnerConnection;
  hear(): AttemptListener;
} {
  const sent: FromRunner[] = [];
  let listener: AttemptListener | undefined;
  const hear = (): AttemptListener => {
    if (listener === undefined) throw new Error('nobody listens');
    return listener;
  };
  const connection: OwnerConnection = {
    send: (event) => {
      sent.push(event);
      if (event.$case !== 'claim') return;
      if (answer === 'breaks') hear().onDown();
      else hear().onEvent(answer);
    },
    listen: (_, newListener) => {
      listener = newListener;
      return () => undefined;
    },
  };
  return { sent, connection, hear };
}

const assign: FromOwner = {
  $case: 'assign',
  value: {
    ...attempt,
    totalDeadlineMs: 0,
    creditTokens: 0,
    payload: {
      messages: [{ role: 'user', content: 'Hi', name: '', toolCallId: '', toolCalls: [] }],
      sampling: { temperature: 0, topP: 1, seed: undefined, presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
      maxCompletionTokens: 0,
      stop: [],
      renderedAtMs: 0,
      deliveredTokenIds: [7],
      deliveredBytes: 2,
      toolUse: undefined,
      outputFormat: undefined,
    },
  },
};

function tools(
  connection: OwnerConnection | undefined,
  overrides: Partial<ServeTools> & { listed?: boolean } = {},
): ServeTools {
  const links = {
    connectionTo: async () => Promise.resolve(connection),
    isListed: () => overrides.listed ?? true,
  } as unknown as ServeTools['links'];
  return {
    links,
    replicaId: 'rep_1',
    skippedOwners: new Map(),
    pacer: { idle: true, later: () => undefined },
    handOver: new AbortController().signal,
    onError: () => undefined,
    replica: { generate: () => answerOf([]) },
    ...overrides,
  };
}

async function* answerOf(events: GenerateEvent[]): AsyncGenerator<GenerateEvent> {
  for (const event of events) yield await Promise.resolve(event);
}

describe('serving a job', () => {
  it('claims, ends the ticket, numbers the chunks and reports the finish', async () => {
    const owner = ownerThatAnswers(assign);
    const ended: string[] = [];
    const requests: GenerateRequest[] = [];
    const events: GenerateEvent[] = [
      { kind: 'chunk', tokenIds: [1], text: 'a', logprobs: [] },
      { kind: 'chunk', tokenIds: [2, 3], text: 'b', logprobs: [] },
      { kind: 'finished', reason: 'stop', usage },
    ];
    const generate = (request: GenerateRequest): AsyncIterable<GenerateEvent> => {
      requests.push(request);
      return answerOf(events);
    };
    await serveJob(takenTicket(ended), tools(owner.connection, { replica: { generate } }));
    expect(ended).toEqual(['completed']);
    expect(requests).toMatchObject([{ deliveredTokenIds: [7], deliveredBytes: 2 }]);
    expect(owner.sent.slice(1)).toEqual([
      { $case: 'chunk', value: { ...attempt, seq: 0, tokenIds: [1], text: 'a', logprobs: [] } },
      { $case: 'chunk', value: { ...attempt, seq: 1, tokenIds: [2, 3], text: 'b', logprobs: [] } },
      { $case: 'finished', value: { ...attempt, finishReason: FinishReason.FINISH_REASON_STOP, usage } },
    ]);
  });

  it('reads no further from the engine than its credit allows, and goes on when the owner gives more', async () => {
    const bounded = { ...assign, value: { ...assign.value, creditTokens: 2 } } as FromOwner;
    const owner = ownerThatAnswers(bounded);
    let read = 0;
    const generate = async function* (): AsyncGenerator<GenerateEvent> {
      for (read = 0; read < 6; read += 1) {
        yield await Promise.resolve({ kind: 'chunk' as const, tokenIds: [read], text: 'a' });
      }
      yield { kind: 'finished', reason: 'stop', usage };
    };
    const served = serveJob(takenTicket([]), tools(owner.connection, { replica: { generate } }));
    const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    await settle();
    expect(read).toBe(1);
    owner.hear().onEvent({ $case: 'credit', value: { ...attempt, tokens: 3 } });
    await settle();
    expect(read).toBe(4);
    owner.hear().onEvent({ $case: 'cancel', value: attempt });
    await served;
    expect(owner.sent.at(-1)?.$case).toBe('finished');
  });

  it('does no work without a claim', async () => {
    const owner = ownerThatAnswers({ $case: 'gone', value: { ...attempt, reason: GoneReason.GONE_REASON_CLAIMED } });
    const ended: string[] = [];
    const generate = (): AsyncIterable<GenerateEvent> => {
      throw new Error('must not generate');
    };
    await serveJob(takenTicket(ended), tools(owner.connection, { replica: { generate } }));
    expect(ended).toEqual(['completed']);
    expect(owner.sent.map(({ $case }) => $case)).toEqual(['claim']);
  });

  it('drops a ticket that has come back while its attempt is in hand', async () => {
    const owner = ownerThatAnswers(assign);
    const ended: string[] = [];
    await serveJob(takenTicket(ended), tools({ ...owner.connection, listen: () => undefined }));
    expect(ended).toEqual(['completed']);
    expect(owner.sent).toEqual([]);
  });

  it('gives the ticket back when the owner asks for it or the link breaks', async () => {
    const ended: string[] = [];
    const busy = ownerThatAnswers({ $case: 'retry', value: { ...attempt, afterMs: 40 } });
    await serveJob(takenTicket(ended), tools(busy.connection));
    await serveJob(takenTicket(ended), tools(ownerThatAnswers('breaks').connection));
    expect(ended).toEqual(['given back for 40 ms', 'given back for 500 ms']);
  });

  it('gives the ticket of an owner out of reach back, and drops that of an owner nobody lists', async () => {
    const ended: string[] = [];
    await serveJob(takenTicket(ended), tools(undefined, { listed: true }));
    await serveJob(takenTicket(ended), tools(undefined, { listed: false }));
    expect(ended).toEqual(['given back for 500 ms', 'completed']);
  });

  it('tells the owner why it failed, and whether another attempt may help', async () => {
    const tooLong = new EngineError('context_length_exceeded', 'Too long.');
    const crashed = new EngineError('engine_crashed', 'The engine process has ended.');
    for (const [error, code, retryable] of [
      [tooLong, FailureCode.FAILURE_CODE_CONTEXT_LENGTH_EXCEEDED, false],
      [crashed, FailureCode.FAILURE_CODE_ENGINE_CRASHED, true],
      [new Error('secret path'), FailureCode.FAILURE_CODE_ENGINE_ERROR, true],
    ] as const) {
      const owner = ownerThatAnswers(assign);
      const generate = (): AsyncIterable<GenerateEvent> => {
        throw error;
      };
      await serveJob(takenTicket([]), tools(owner.connection, { replica: { generate } }));
      expect(owner.sent.at(-1)).toMatchObject({ $case: 'failed', value: { code, retryable } });
      expect(JSON.stringify(owner.sent)).not.toContain('secret path');
    }
  });

  it('tells the owner which parameter the engine found impossible', async () => {
    const owner = ownerThatAnswers(assign);
    const generate = (): AsyncIterable<GenerateEvent> => {
      throw new EngineError('invalid_request', 'It cannot be.', { param: 'logit_bias' });
    };
    await serveJob(takenTicket([]), tools(owner.connection, { replica: { generate } }));
    expect(owner.sent.at(-1)).toMatchObject({
      $case: 'failed',
      value: { code: FailureCode.FAILURE_CODE_INVALID_REQUEST, retryable: false, param: 'logit_bias' },
    });
  });

  it('aborts the generation when the owner cancels, the link breaks or the runner hands over', async () => {
    const handOver = new AbortController();
    const owner = ownerThatAnswers(assign);
    for (const abort of [
      () => {
        owner.hear().onEvent({ $case: 'cancel', value: attempt });
      },
      () => {
        owner.hear().onDown();
      },
      () => {
        handOver.abort();
      },
    ]) {
      let aborted = false;
      const generate = (_: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> => {
        signal.addEventListener('abort', () => (aborted = true));
        abort();
        return answerOf([{ kind: 'finished', reason: 'cancelled', usage }]);
      };
      await serveJob(takenTicket([]), tools(owner.connection, { replica: { generate }, handOver: handOver.signal }));
      expect(aborted).toBe(true);
    }
  });

  it('lets another replica go on at once when the runner hands over, and says nothing after that', async () => {
    const handOver = new AbortController();
    const owner = ownerThatAnswers(assign);
    const generate = async function* (): AsyncGenerator<GenerateEvent> {
      yield await Promise.resolve({ kind: 'chunk', tokenIds: [1], text: 'a' });
      handOver.abort();
      expect(owner.sent.at(-1)).toMatchObject({
        $case: 'failed',
        value: { code: FailureCode.FAILURE_CODE_RUNNER_STOPPING, retryable: true },
      });
      yield { kind: 'chunk', tokenIds: [2], text: 'b' };
      yield { kind: 'finished', reason: 'cancelled', usage };
    };
    await serveJob(takenTicket([]), tools(owner.connection, { replica: { generate }, handOver: handOver.signal }));
    expect(owner.sent.map(({ $case }) => $case)).toEqual(['claim', 'chunk', 'failed']);
  });
});
