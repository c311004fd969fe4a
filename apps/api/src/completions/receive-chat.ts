import type { IncomingMessage } from 'node:http';
import {
  parseChatRequest,
  samplingOnWire,
  withDefaults,
  type ChatRequest,
  type Profile,
} from '@millrace/contracts/openai';
import { applyAgent, type Agent, type AgentLock } from '@millrace/domain/agents';
import { ApiError } from '../http/api-error.js';
import { readJsonBody } from '../http/request-body.js';

const PROFILE_HEADER = 'x-millrace-profile';

/** A request to serve, and what its caller should know of it. */
export interface ReceivedChat {
  request: ChatRequest;
  /** For the header x-millrace-warning. */
  warning?: string;
}

/**
 * Reads the body of POST /v1/chat/completions and makes of it what the caller's agent does, if there is one.
 * Throws ApiError for whatever is wrong with the body.
 */
export async function receiveChat(raw: IncomingMessage, agent: Agent | undefined): Promise<ReceivedChat> {
  const profile = readProfile(raw);
  const parsed = parseChatRequest(await readJsonBody(raw), { profile, ...(agent && { defaultModel: agent.model }) });
  if (!parsed.ok) throw new ApiError({ kind: 'invalid_request', error: parsed.error });
  const { asked, overruled } = agent ? applyAgent(parsed.asked, agent) : { asked: parsed.asked, overruled: [] };
  const warning = describeLosses(parsed.warnings, overruled);
  return { request: withDefaults(asked), ...(warning !== '' && { warning }) };
}

function describeLosses(ignored: readonly string[], overruled: readonly AgentLock[]): string {
  const fixed = overruled.map((name) => (name === 'model' ? name : samplingOnWire[name]));
  const losses = [
    ...(ignored.length > 0 ? [`without effect: ${ignored.join(', ')}`] : []),
    ...(fixed.length > 0 ? [`fixed by the agent: ${fixed.join(', ')}`] : []),
  ];
  return losses.join('; ');
}

/** How bodies are taken that OpenAI refuses, by the caller's header. */
function readProfile({ headers }: IncomingMessage): Profile {
  const asked = headers[PROFILE_HEADER] ?? 'strict';
  if (asked === 'strict' || asked === 'lenient') return asked;
  const message = `Invalid header '${PROFILE_HEADER}': expected 'strict' or 'lenient'.`;
  throw new ApiError({ kind: 'invalid_request', error: { message, param: PROFILE_HEADER, code: 'invalid_value' } });
}
