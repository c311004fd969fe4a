import { gbnfRegExp } from '../../../test/gbnf-regexp.js';
import type { ToolUse } from '../../engine-driver.js';
import { answerGrammar } from './answer-grammar.js';

const TOOLS: ToolUse = {
  tools: [
    { name: 'get_weather', parameters: { properties: { city: { type: 'string' } }, required: ['city'] } },
    { name: 'stop' },
  ],
  choice: 'required',
  parallel: false,
};
const WEATHER = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>';
const STOP = '<tool_call>\n{"name": "stop", "arguments": {}}\n</tool_call>';

function texts(request: Parameters<typeof answerGrammar>[0], form?: { space: string }): RegExp {
  return gbnfRegExp(answerGrammar(request, form)?.gbnf ?? '');
}

describe('the grammar of an answer', () => {
  it('is none where any text will do', () => {
    expect(answerGrammar({})).toBeUndefined();
    expect(answerGrammar({ format: { kind: 'text' }, toolUse: { ...TOOLS, choice: 'auto' } })).toBeUndefined();
  });

  it('takes any object for json_object', () => {
    const grammar = texts({ format: { kind: 'json_object' } });
    expect(grammar.test('{"a": [1, {"b": null}]}')).toBe(true);
    expect(grammar.test('[]')).toBe(false);
  });

  it('takes one call of a known tool with its own arguments', () => {
    const grammar = texts({ toolUse: TOOLS });
    expect([WEATHER, STOP].map((text) => grammar.test(text))).toEqual([true, true]);
    const wrong = [
      ...['Hello', `${WEATHER}${STOP}`, `${WEATHER}\n`, WEATHER.replace('get_weather', 'stop')],
      ...[WEATHER.replace('city', 'town'), STOP.replace('stop', 'start')],
    ];
    expect(wrong.filter((text) => grammar.test(text))).toEqual([]);
  });

  it('takes several calls where they may stand together', () => {
    const grammar = texts({ toolUse: { ...TOOLS, parallel: true } });
    expect([WEATHER, `${WEATHER}\n${STOP}`, `${WEATHER}${STOP}`].map((text) => grammar.test(text))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('takes the named tool only', () => {
    const grammar = texts({ toolUse: { ...TOOLS, only: 'stop' } });
    expect([WEATHER, STOP].map((text) => grammar.test(text))).toEqual([false, true]);
    const refusal = {
      code: 'invalid_request',
      param: 'tool_choice',
      message: expect.stringContaining('"go"') as string,
    };
    expect(() => answerGrammar({ toolUse: { ...TOOLS, only: 'go' } })).toThrow(refusing(refusal));
  });

  it('writes calls as the template of the model does', () => {
    expect(texts({ toolUse: TOOLS }, { space: '' }).test(STOP.replaceAll('\n', ''))).toBe(true);
  });

  it('takes a call or the format where the model may choose', () => {
    const grammar = texts({ toolUse: { ...TOOLS, choice: 'auto' }, format: { kind: 'json_object' } });
    expect([STOP, '{}', 'Hello'].map((text) => grammar.test(text))).toEqual([true, true, false]);
  });

  it('names the tool whose parameters it cannot guarantee, by its place among all tools', () => {
    const tools = [{ name: 'fine' }, { name: 'a', parameters: { properties: { b: { pattern: 'c' } } } }];
    const refusal = {
      code: 'invalid_request',
      param: 'tools[1].function.parameters',
      message: expect.stringContaining('"pattern" at tools.a.parameters.b') as string,
    };
    expect(() => answerGrammar({ toolUse: { ...TOOLS, tools } })).toThrow(refusing(refusal));
    expect(() => answerGrammar({ toolUse: { ...TOOLS, tools, only: 'a' } })).toThrow(refusing(refusal));
  });

  it('names the format that it cannot guarantee, also beside tools', () => {
    const refusal = { code: 'invalid_request', param: 'response_format.json_schema.schema' };
    const format = { kind: 'json_schema', schema: { not: {} } } as const;
    expect(() => answerGrammar({ format })).toThrow(refusing(refusal));
    expect(() => answerGrammar({ format, toolUse: { ...TOOLS, choice: 'auto' } })).toThrow(refusing(refusal));
  });

  it('names the tools where there are too many to choose from', () => {
    const tools = Array.from({ length: 1001 }, (_, index) => ({ name: `tool${String(index)}` }));
    expect(() => answerGrammar({ toolUse: { ...TOOLS, tools } })).toThrow(refusing({ param: 'tools' }));
  });
});

function refusing(refusal: object): Error {
  return expect.objectContaining(refusal) as Error;
}
