import { z } from 'zod';

/** The body of every answer that is no success. */
export const errorEnvelopeSchema = z
  .object({
    error: z.object({
      message: z.string().describe('What is wrong, what was expected and what to do.'),
      type: z.string().describe('The family of the error, as in invalid_request_error.'),
      param: z.string().nullable().describe('Path of the parameter that is wrong.'),
      code: z.string().nullable().describe('What is wrong, for programs.'),
    }),
  })
  .meta({ id: 'Error', description: "OpenAI's error envelope: the body of every answer without success." });

export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>;

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
