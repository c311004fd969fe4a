import type { FailureReason, GoneReason as DomainGoneReason, JobEvent } from '@millrace/domain/claim';
import {
  FailureCode,
  FinishReason,
  GoneReason,
  type Claim,
  type Failed,
  type Finished,
} from '@millrace/contracts/runner-protocol';

/** The wire's failure code in the words of the claim protocol. */
function failureReason(code: FailureCode): FailureReason {
  switch (code) {
    case FailureCode.FAILURE_CODE_CONTEXT_LENGTH_EXCEEDED:
      return 'context_length_exceeded';
    case FailureCode.FAILURE_CODE_INVALID_REQUEST:
      return 'invalid_request';
    case FailureCode.FAILURE_CODE_ENGINE_CRASHED:
      return 'engine_crashed';
    case FailureCode.FAILURE_CODE_ENGINE_HUNG:
      return 'engine_hung';
    case FailureCode.FAILURE_CODE_RUNNER_STOPPING:
      return 'runner_stopping';
    case FailureCode.FAILURE_CODE_ENGINE_ERROR:
    case FailureCode.FAILURE_CODE_UNSPECIFIED:
    case FailureCode.UNRECOGNIZED:
      return 'engine_error';
  }
}

/** A refusal of the claim protocol as the wire says it. */
export function goneOnWire(reason: DomainGoneReason): GoneReason {
  switch (reason) {
    case 'unknown':
      return GoneReason.GONE_REASON_UNKNOWN;
    case 'cancelled':
      return GoneReason.GONE_REASON_CANCELLED;
    case 'expired':
      return GoneReason.GONE_REASON_EXPIRED;
    case 'superseded':
      return GoneReason.GONE_REASON_SUPERSEDED;
    case 'claimed':
      return GoneReason.GONE_REASON_CLAIMED;
  }
}

export function finishedEvent(link: string, message: Finished): JobEvent {
  return { kind: 'finished', link, attempt: message.attempt, finishReason: finishReason(message.finishReason) };
}

export function failedEvent(link: string, message: Failed): JobEvent {
  const { attempt, retryable, param, message: text } = message;
  const reason = failureReason(message.code);
  return { kind: 'failed', link, attempt, reason, retryable, message: text, ...(param !== undefined && { param }) };
}

function finishReason(reason: FinishReason): 'stop' | 'length' | 'cancelled' {
  switch (reason) {
    case FinishReason.FINISH_REASON_STOP:
      return 'stop';
    case FinishReason.FINISH_REASON_LENGTH:
      return 'length';
    case FinishReason.FINISH_REASON_CANCELLED:
    case FinishReason.FINISH_REASON_UNSPECIFIED:
    case FinishReason.UNRECOGNIZED:
      return 'cancelled';
  }
}

/** Why no claim of the kind can be granted, whatever becomes of the job; undefined where the job decides. */
export function reasonToRefuse(
  claim: Pick<Claim, 'owner' | 'deploymentId'>,
  asked: { owner: string; job: { spec: { deploymentId: string } } | undefined },
): GoneReason | undefined {
  if (claim.owner !== asked.owner) return GoneReason.GONE_REASON_WRONG_OWNER;
  if (asked.job === undefined) return GoneReason.GONE_REASON_UNKNOWN;
  // Whether its runner hosts a deployment was asked for the one that the claim names.
  return claim.deploymentId === asked.job.spec.deploymentId ? undefined : GoneReason.GONE_REASON_NOT_HOSTED;
}
