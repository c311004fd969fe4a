import type { IncomingMessage } from 'node:http';
import { parseChatRequest, type ChatRequest } from '@millrace/contracts/openai';
import { ApiError } from '../http/api-error.js';
import { readJsonBody } from '../http/request-body.js';

/** A request with the names of parameters that change nothing. */
export interface ReceivedChat {
  request: ChatRequest;
  warnings: string[];
}

/** Reads the body of POST /v1/chat/completions. Throws ApiError for whatever is wrong with it. */
export async function receiveChat(raw: IncomingMessage): Promise<ReceivedChat> {
  const parsed = parseChatRequest(await readJsonBody(raw));
  if (!parsed.ok) throw new ApiError({ kind: 'invalid_request', error: parsed.error });
  return { request: parsed.request, warnings: parsed.warnings };
}
