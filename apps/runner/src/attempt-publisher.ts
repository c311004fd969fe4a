import { EngineError, type EngineErrorCode, type GenerateEvent } from '@millrace/adapters/engines';
import { FailureCode, FinishReason, type Failed } from '@millrace/contracts/runner-protocol';
import type { Assignment } from './claim-job.js';

/** Whether another attempt would fail the same way, because of what was asked. */
export function isCallersFault(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  return error.code === 'context_length_exceeded' || error.code === 'invalid_request';
}

/** Numbers the chunks of one attempt and tells the owner how it ended, exactly once. */
export class AttemptPublisher {
  private seq = 0;
  private hasEnded = false;

  constructor(private readonly assignment: Assignment) {}

  publish(event: GenerateEvent): void {
    if (this.hasEnded) return;
    const { jobId, attempt, connection, credit } = this.assignment;
    if (event.kind === 'chunk') {
      const { tokenIds, text, logprobs = [] } = event;
      connection.send({ $case: 'chunk', value: { jobId, attempt, seq: this.seq, tokenIds, text, logprobs } });
      this.seq += 1;
      credit.spend(tokenIds.length);
      return;
    }
    this.hasEnded = true;
    const finishReason = finishReasonOnWire(event.reason);
    connection.send({ $case: 'finished', value: { jobId, attempt, finishReason, usage: event.usage } });
  }

  /** Answers what is known of the failure. */
  fail(error: unknown): Pick<EngineError, 'code' | 'usage'> {
    const engineError = error instanceof EngineError ? error : undefined;
    const code = engineError?.code ?? 'engine_error';
    this.sendFailed({
      code: failureCode(code),
      retryable: !isCallersFault(error),
      // Only the driver's own sentences are free of prompts and paths.
      message: engineError?.message ?? 'The engine failed.',
      usage: engineError?.usage,
      param: engineError?.param,
    });
    return { code, usage: engineError?.usage };
  }

  /** Lets another replica go on at once, however long this one's engine takes to stop. */
  handOver(): void {
    this.sendFailed({
      code: FailureCode.FAILURE_CODE_RUNNER_STOPPING,
      retryable: true,
      message: 'The runner is stopping.',
      usage: undefined,
      param: undefined,
    });
  }

  private sendFailed(failure: Pick<Failed, 'code' | 'retryable' | 'message' | 'usage' | 'param'>): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const { jobId, attempt, connection } = this.assignment;
    connection.send({ $case: 'failed', value: { jobId, attempt, ...failure } });
  }
}

function finishReasonOnWire(reason: 'stop' | 'length' | 'cancelled'): FinishReason {
  switch (reason) {
    case 'stop':
      return FinishReason.FINISH_REASON_STOP;
    case 'length':
      return FinishReason.FINISH_REASON_LENGTH;
    case 'cancelled':
      return FinishReason.FINISH_REASON_CANCELLED;
  }
}

function failureCode(code: EngineErrorCode): FailureCode {
  switch (code) {
    case 'context_length_exceeded':
      return FailureCode.FAILURE_CODE_CONTEXT_LENGTH_EXCEEDED;
    case 'invalid_request':
      return FailureCode.FAILURE_CODE_INVALID_REQUEST;
    case 'engine_crashed':
      return FailureCode.FAILURE_CODE_ENGINE_CRASHED;
    case 'engine_hung':
      return FailureCode.FAILURE_CODE_ENGINE_HUNG;
    case 'load_failed':
    case 'engine_error':
      return FailureCode.FAILURE_CODE_ENGINE_ERROR;
  }
}
