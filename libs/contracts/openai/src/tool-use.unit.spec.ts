import { accept, body, nested, refuse } from '../test/chat-bodies.js';

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const weather = { type: 'function', function: { name: 'weather', description: 'Says it.', parameters, strict: true } };
const news = { type: 'function', function: { name: 'news-2' } };
const tools = [weather, news];

function read(changes: Record<string, unknown>) {
  return accept(body(changes)).toolUse;
}

describe('tools', () => {
  it('are offered with what describes them; the answer may call several of them', () => {
    expect(read({ tools })).toEqual({
      tools: [{ name: 'weather', description: 'Says it.', parameters }, { name: 'news-2' }],
      required: false,
      parallel: true,
      asFunctions: false,
    });
    expect(read({ tools, tool_choice: 'auto' })).toEqual(read({ tools }));
    expect(read({ tools, parallel_tool_calls: false })?.parallel).toBe(false);
  });

  it('may have to be called, any or one of them', () => {
    expect(read({ tools, tool_choice: 'required' })).toMatchObject({ required: true });
    const named = read({ tools, tool_choice: { type: 'function', function: { name: 'news-2' } } });
    expect(named).toMatchObject({ required: true, only: 'news-2' });
  });

  it.each([
    [{}],
    [{ tools: [] }],
    [{ tools: null }],
    [{ tools, tool_choice: 'none' }],
    [{ tool_choice: 'none' }],
    [{ tool_choice: 'auto' }],
    [{ functions: [weather.function], function_call: 'none' }],
    [{ functions: [], function_call: 'auto' }],
  ])('are not passed on for %j', (changes) => {
    expect(read(changes)).toBeUndefined();
  });

  it('may be given as functions, the older form, of which one at most is called', () => {
    const functions = tools.map((tool) => tool.function);
    expect(read({ functions })).toEqual({
      tools: [{ name: 'weather', description: 'Says it.', parameters }, { name: 'news-2' }],
      required: false,
      parallel: false,
      asFunctions: true,
    });
    expect(read({ functions, function_call: { name: 'weather' } })).toMatchObject({ required: true, only: 'weather' });
  });

  const named = (name: unknown) => ({ type: 'function', function: { name } });
  it.each([
    ['tools', 'invalid_type', { tools: 'weather' }],
    [
      'tools',
      'array_above_max_length',
      { tools: Array.from({ length: 129 }, (_, index) => named(`f${String(index)}`)) },
    ],
    ['tools[1]', 'invalid_type', { tools: [weather, 'news'] }],
    ['tools[1]', 'invalid_value', { tools: [weather, weather] }],
    ['tools[0].type', 'missing_required_parameter', { tools: [{ function: { name: 'f' } }] }],
    ['tools[0].type', 'invalid_value', { tools: [{ type: 'retrieval' }] }],
    ['tools[0].type', 'unsupported_parameter', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
    ['tools[0].function', 'missing_required_parameter', { tools: [{ type: 'function' }] }],
    ['tools[0].function.name', 'missing_required_parameter', { tools: [named(undefined)] }],
    ['tools[0].function.name', 'invalid_type', { tools: [named(5)] }],
    ['tools[0].function.name', 'invalid_value', { tools: [named('')] }],
    ['tools[0].function.name', 'invalid_value', { tools: [named('get weather')] }],
    ['tools[0].function.name', 'invalid_value', { tools: [named('f'.repeat(65))] }],
    [
      'tools[0].function.description',
      'invalid_type',
      { tools: [{ ...news, function: { name: 'f', description: 5 } }] },
    ],
    [
      'tools[0].function.parameters',
      'invalid_type',
      { tools: [{ ...news, function: { name: 'f', parameters: 'x' } }] },
    ],
    [
      'tools[0].function.parameters',
      'invalid_value',
      { tools: [{ ...news, function: { name: 'f', parameters: nested(100_000) } }] },
    ],
    ['tools[0].function.strict', 'invalid_type', { tools: [{ ...news, function: { name: 'f', strict: 'yes' } }] }],
    ['tool_choice', 'invalid_value', { tools, tool_choice: 'any' }],
    ['tool_choice', 'invalid_type', { tools, tool_choice: 5 }],
    ['tool_choice', 'invalid_value', { tool_choice: 'required' }],
    ['tool_choice', 'invalid_value', { tool_choice: named('weather') }],
    ['tool_choice.type', 'missing_required_parameter', { tools, tool_choice: { function: { name: 'weather' } } }],
    ['tool_choice.type', 'unsupported_parameter', { tools, tool_choice: { type: 'allowed_tools' } }],
    ['tool_choice.function', 'missing_required_parameter', { tools, tool_choice: { type: 'function' } }],
    ['tool_choice.function.name', 'missing_required_parameter', { tools, tool_choice: named(undefined) }],
    ['tool_choice.function.name', 'invalid_value', { tools, tool_choice: named('other') }],
    ['functions', 'invalid_value', { tools, functions: [{ name: 'f' }] }],
    ['functions[0].name', 'missing_required_parameter', { functions: [{}] }],
    ['function_call', 'invalid_value', { functions: [{ name: 'f' }], function_call: 'required' }],
    ['function_call', 'invalid_value', { function_call: { name: 'f' } }],
    ['function_call.name', 'invalid_value', { functions: [{ name: 'f' }], function_call: { name: 'g' } }],
    ['parallel_tool_calls', 'invalid_type', { tools, parallel_tool_calls: 'no' }],
  ])('are refused at %s as %s', (param, code, changes) => {
    expect(refuse(body(changes))).toMatchObject({ param, code });
  });
});
