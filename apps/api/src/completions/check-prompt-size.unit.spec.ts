import { checkPromptSize } from './check-prompt-size.js';
import type { ChatCall } from './complete-chat-port.js';

const tools = (bytes: number) => [{ name: 'a', description: 'x'.repeat(bytes) }];

function check(contextLength: number | undefined, request: object): void {
  const messages = [{ role: 'user', text: 'Hi' }];
  checkPromptSize({ request: { messages, ...request }, deployment: { contextLength } } as unknown as ChatCall);
}

describe('the size of a prompt', () => {
  it('is refused with the numbers where it can only exceed the context', () => {
    expect(() => {
      check(1_000, { messages: [{ role: 'user', text: 'x'.repeat(256_000) }] });
    }).toThrow(
      expect.objectContaining({
        problem: {
          kind: 'context_length_exceeded',
          message:
            "This model's maximum context length is 1000 tokens. However, your messages resulted in at least 1000 " +
            'tokens. Please reduce the length of the messages.',
        },
      }),
    );
  });

  it('counts calls and tools as well', () => {
    const toolCalls = [{ id: 'a', name: 'b', arguments: 'x'.repeat(25_600) }];
    for (const request of [
      { messages: [{ role: 'assistant', text: '', toolCalls }] },
      { toolUse: { tools: tools(25_600) } },
    ]) {
      expect(() => {
        check(100, request);
      }).toThrow();
      expect(() => {
        check(200, request);
      }).not.toThrow();
    }
  });

  it('is left to the runner where it may fit, or where the context is not known', () => {
    expect(() => {
      check(1_001, { messages: [{ role: 'user', text: 'x'.repeat(256_000) }] });
      check(undefined, { messages: [{ role: 'user', text: 'x'.repeat(20_000_000) }] });
    }).not.toThrow();
  });
});
