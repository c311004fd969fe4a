import { ask, expectSameFromEveryCut, read } from '@millrace/testing';
import { loadTinyReplica } from '../../test/tiny-replica.js';
import type { EngineReplica, PromptMessage, ToolUse } from '../engine-driver.js';

/** Ids of the tokens that end an answer of the tiny model. */
const [END_OF_TEXT, END_OF_TURN] = [0, 2];
const WEATHER: ToolUse = {
  tools: [
    {
      name: 'get_weather',
      description: 'Get the weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
    {
      name: 'set_timer',
      description: 'Set a timer',
      parameters: { type: 'object', properties: { minutes: { type: 'integer' } }, required: ['minutes'] },
    },
  ],
  choice: 'auto',
  parallel: true,
};

let replica: EngineReplica;
beforeAll(async () => (replica = await loadTinyReplica()));
afterAll(async () => replica.stop());

describe('tools of the llama-cpp driver', () => {
  it('shows the call of a model that decides for a tool', async () => {
    const { text } = await read(replica, ask('What is the weather in Oslo?', { toolUse: WEATHER }));
    expect(text).toBe('<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>');
  });

  it('gives the result of a tool to the model', async () => {
    const messages: PromptMessage[] = [
      { role: 'user', content: 'What is the weather in Oslo?' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'a', name: 'get_weather', arguments: '{"city": "Oslo"}' }],
      },
      { role: 'tool', toolCallId: 'a', content: '{"temperature": 7, "condition": "rainy"}' },
    ];
    const { text } = await read(replica, ask('', { messages, toolUse: WEATHER }));
    expect(text).toBe('It is rainy in Oslo with 7 degrees.');
  });

  it('calls a tool where one is required, with arguments that fit, and ends by itself', async () => {
    const toolUse: ToolUse = { ...WEATHER, choice: 'required', parallel: false };
    for (const question of ['Hi there!', 'Tell me a story about a dragon.', 'Set a timer for 5 minutes.']) {
      const { text, reason } = await read(replica, ask(question, { toolUse, maxCompletionTokens: 100 }));
      expect(callsIn(text)).toEqual([
        expect.objectContaining({ name: expect.stringMatching(/^(get_weather|set_timer)$/) }),
      ]);
      expect(reason).toBe('stop');
    }
  });

  it('calls the named tool even where another one fits', async () => {
    const toolUse: ToolUse = { ...WEATHER, choice: 'required', only: 'set_timer' };
    const { text } = await read(replica, ask('What is the weather in Oslo?', { toolUse, maxCompletionTokens: 100 }));
    expect(callsIn(text)).toEqual([{ name: 'set_timer', arguments: { minutes: expect.any(Number) as unknown } }]);
  });

  it('continues a required call from any cut with the same bytes', async () => {
    const toolUse: ToolUse = { ...WEATHER, choice: 'required' };
    await expectSameFromEveryCut(replica, ask('What is the weather in Oslo?', { toolUse, maxCompletionTokens: 60 }));
  });

  it('ends behind the first call where there may be one only, and continues there', async () => {
    const toolUse: ToolUse = { ...WEATHER, parallel: false };
    // The model is made to go on behind a call: its end of turn is out of reach.
    const sampling = { temperature: 0, topP: 1, logitBias: { [END_OF_TURN]: -100, [END_OF_TEXT]: -100 } };
    const request = ask('What is the weather in Oslo?', { toolUse, sampling, maxCompletionTokens: 60 });
    const several = await read(replica, { ...request, toolUse: WEATHER });
    expect(several.reason).toBe('length');
    const one = await read(replica, request);
    expect(one).toMatchObject({ reason: 'stop', text: `${several.text.split('</tool_call>')[0] ?? ''}</tool_call>` });
    await expectSameFromEveryCut(replica, request);
  });

  it('shows calls and stop strings in the order in which they end an answer', async () => {
    const toolUse: ToolUse = { ...WEATHER, parallel: false };
    const { text } = await read(replica, ask('What is the weather in Oslo?', { toolUse, stop: ['"city"'] }));
    expect(text).toBe('<tool_call>\n{"name": "get_weather", "arguments": {');
  });
});

/** The calls of an answer that holds nothing else. */
function callsIn(text: string): unknown[] {
  const parts = text.split(/<tool_call>|<\/tool_call>/).map((part) => part.trim());
  return parts.filter((part) => part !== '').map((part) => JSON.parse(part) as unknown);
}
