/** The body of every answer that is no success. */
export interface ErrorEnvelope {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** An error as it goes over HTTP. */
export interface OpenAiError {
  status: number;
  body: ErrorEnvelope;
  /** Lower-case names. */
  headers: Record<string, string>;
}

/** Builds an error answer; `param` and `code` are null where left out. */
export function openAiError(error: {
  status: number;
  message: string;
  type?: string;
  param?: string | null;
  code?: string | null;
  headers?: Record<string, string>;
}): OpenAiError {
  const type = error.type ?? (error.status >= 500 ? 'server_error' : 'invalid_request_error');
  return {
    status: error.status,
    body: { error: { message: error.message, type, param: error.param ?? null, code: error.code ?? null } },
    headers: error.headers ?? {},
  };
}
