import { publishedSchema, type ChatCompletionChoice } from '@millrace/contracts/openai';
import { chatCompletion, type ChatUsage } from './chat-response.js';

const identity = { id: 'ses_01', createdAtMs: 1_700_000_000_999, model: 'org/"odd":8b' };
const usage: ChatUsage = { promptTokens: 11, cachedTokens: 4, completionTokens: 7, reasoningTokens: 2 };

const choice: ChatCompletionChoice = {
  index: 0,
  message: { role: 'assistant', content: 'Paris.', refusal: null },
  logprobs: null,
  finish_reason: 'stop',
};

describe('the plain answer', () => {
  it('is as the published schema says', () => {
    const body = chatCompletion(identity, [choice], usage);
    expect(publishedSchema('CreateChatCompletionResponse').safeParse(body).error).toBeUndefined();
    expect(body).toEqual({
      id: 'ses_01',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'org/"odd":8b',
      choices: [choice],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 7,
        total_tokens: 18,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
  });
});
