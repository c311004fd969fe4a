import type { GenerateRequest, JsonSchema, ToolUse } from '../engine-driver.js';
import { constrainedText } from './constrained-text.js';

const asked = (more: Partial<GenerateRequest>): GenerateRequest => ({
  messages: [{ role: 'user', content: 'Hello' }],
  sampling: { temperature: 0, topP: 1 },
  stop: [],
  renderedAtMs: 0,
  deliveredTokenIds: [],
  deliveredBytes: 0,
  ...more,
});
const city = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
};
const toolUse: ToolUse = {
  tools: [{ name: 'weather', parameters: city }, { name: 'now' }],
  choice: 'auto',
  parallel: true,
};
const valueOf = (schema: JsonSchema): unknown =>
  JSON.parse(constrainedText(asked({ format: { kind: 'json_schema', schema } })) ?? '');

describe('a simulated answer that has to have a form', () => {
  it('is free where none is asked for', () => {
    expect(constrainedText(asked({}))).toBeUndefined();
    expect(constrainedText(asked({ format: { kind: 'text' } }))).toBeUndefined();
  });

  it('calls the first tool, or the one that is named, with what it requires', () => {
    const first = '<tool_call>{"name": "weather", "arguments": {"city":"simulated"}}</tool_call>';
    expect(constrainedText(asked({ toolUse }))).toBe(first);
    const only = asked({ toolUse: { ...toolUse, choice: 'required', only: 'now' } });
    expect(constrainedText(only)).toBe('<tool_call>{"name": "now", "arguments": {}}</tool_call>');
  });

  it('is text behind the result of a tool, unless a call is required', () => {
    const messages = [{ role: 'tool', content: '12 degrees', toolCallId: 'call_1' }];
    expect(constrainedText(asked({ messages, toolUse }))).toBeUndefined();
    expect(constrainedText(asked({ messages, toolUse: { ...toolUse, choice: 'required' } }))).toContain('weather');
  });

  it('is a JSON object where one is asked for', () => {
    expect(JSON.parse(constrainedText(asked({ format: { kind: 'json_object' } })) ?? '')).toEqual({
      answer: 'simulated',
    });
  });

  it.each<[JsonSchema, unknown]>([
    [city, { city: 'simulated' }],
    [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
    [{ type: ['number', 'null'], minimum: 7 }, 7],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
    [{ enum: ['red', 'blue'] }, 'red'],
    [{ const: 5 }, 5],
    [{ type: 'string', minLength: 11 }, 'simulated..'],
    [{ type: 'string', maxLength: 3 }, 'sim'],
    [{ $ref: '#/$defs/flag', $defs: { flag: { type: 'boolean' } } }, true],
  ])('is a value of the schema %j', (schema, value) => {
    expect(valueOf(schema)).toEqual(value);
  });
});
