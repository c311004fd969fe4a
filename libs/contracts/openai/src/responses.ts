export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'function_call';

export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
  completion_tokens_details: { reasoning_tokens: number };
}

/** The answer to a chat completion that is not streamed. */
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  /** Unix seconds. */
  created: number;
  model: string;
  choices: ChatCompletionChoice[];
  usage: CompletionUsage;
}

export interface ChatCompletionChoice {
  index: number;
  message: {
    role: 'assistant';
    /** Null beside calls, when the model wrote nothing else. */
    content: string | null;
    refusal: null;
    /** What the model thought before it answered; not in OpenAI's document, but read by many clients. */
    reasoning_content?: string;
    tool_calls?: MessageToolCall[];
    function_call?: MessageToolCall['function'];
  };
  /** Null unless they were asked for. */
  logprobs: { content: TokenLogprobOnWire[]; refusal: null } | null;
  finish_reason: FinishReason;
}

export interface MessageToolCall {
  id: string;
  type: 'function';
  /** The arguments are JSON. */
  function: { name: string; arguments: string };
}

/** One token; the bytes of all of them join to the text. */
export interface TokenLogprobOnWire {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs: { token: string; logprob: number; bytes: number[] }[];
}

export interface Model {
  id: string;
  object: 'model';
  /** Unix seconds. */
  created: number;
  owned_by: 'millrace';
}

export interface ModelList {
  object: 'list';
  data: Model[];
}
