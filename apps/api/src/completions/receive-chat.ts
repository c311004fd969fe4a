import type { IncomingMessage } from 'node:http';
import { parseChatRequest, type ChatRequest, type Profile } from '@millrace/contracts/openai';
import { ApiError } from '../http/api-error.js';
import { readJsonBody } from '../http/request-body.js';

const PROFILE_HEADER = 'x-millrace-profile';

/** A request with the names of parameters that change nothing. */
export interface ReceivedChat {
  request: ChatRequest;
  warnings: string[];
}

/** Reads the body of POST /v1/chat/completions. Throws ApiError for whatever is wrong with it. */
export async function receiveChat(raw: IncomingMessage): Promise<ReceivedChat> {
  const profile = readProfile(raw);
  const parsed = parseChatRequest(await readJsonBody(raw), profile);
  if (!parsed.ok) throw new ApiError({ kind: 'invalid_request', error: parsed.error });
  return { request: parsed.request, warnings: parsed.warnings };
}

/** How bodies are taken that OpenAI refuses, by the caller's header. */
function readProfile({ headers }: IncomingMessage): Profile {
  const asked = headers[PROFILE_HEADER] ?? 'strict';
  if (asked === 'strict' || asked === 'lenient') return asked;
  const message = `Invalid header '${PROFILE_HEADER}': expected 'strict' or 'lenient'.`;
  throw new ApiError({ kind: 'invalid_request', error: { message, param: PROFILE_HEADER, code: 'invalid_value' } });
}
