import type { PromptMessage, ToolUse } from '../engine-driver.js';
import { PromptRenderer } from './render-prompt.js';

const LOOP = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}";
const LIST = '{% if tools %}{% for t in tools %}<{{ t | tojson }}>{% endfor %}{% endif %}';
const calls = (call: string): string =>
  `${LIST}${LOOP}{% if m['tool_calls'] %}{% for c in m['tool_calls'] %}<tool_call>${call}</tool_call>{% endfor %}` +
  '{% endif %}{% endfor %}';
const HERMES = calls(
  `\n{{ '{"name": "' + c.function.name + '", "arguments": ' + (c.function.arguments | tojson) + '}' }}\n`,
);
const OTHER_FORM = calls('<function={{ c.function.name }}>');
const PLAIN = `${LOOP}{% endfor %}`;

const TOOL_USE: ToolUse = {
  tools: [
    { name: 'get_time', description: 'Tells the time', parameters: { type: 'object', properties: { city: {} } } },
    { name: 'stop' },
  ],
  choice: 'auto',
  parallel: true,
};
const DIALOGUE: PromptMessage[] = [
  { role: 'user', content: 'Time?' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [
      { id: 'a', name: 'get_time', arguments: '{"city":"Oslo"}' },
      { id: 'b', name: 'get_time', arguments: '{"city":"Rome"}' },
    ],
  },
  { role: 'tool', content: '12:00', toolCallId: 'a' },
  { role: 'function', content: '13:00', name: 'get_time' },
];

function renderer(template: string): PromptRenderer {
  return new PromptRenderer({ template, beginOfText: '', endOfText: '' });
}

function render(template: string, messages: PromptMessage[], toolUse?: ToolUse): string {
  return renderer(template).render({ messages, renderedAtMs: 0, ...(toolUse !== undefined && { toolUse }) });
}

describe('rendering tools', () => {
  it('gives tools to a template that knows them, as OpenAI shapes them', () => {
    expect(render(HERMES, [{ role: 'user', content: 'Hi' }], TOOL_USE)).toBe(
      '<{"type": "function", "function": {"name": "get_time", "description": "Tells the time", ' +
        '"parameters": {"type": "object", "properties": {"city": {}}}}}>' +
        '<{"type": "function", "function": {"name": "stop", "description": "", ' +
        '"parameters": {"type": "object", "properties": {}}}}>[user]Hi',
    );
  });

  it('gives calls and results to such a template, a function message as a tool message', () => {
    expect(render(HERMES, DIALOGUE)).toBe(
      '[user]Time?[assistant]<tool_call>\n{"name": "get_time", "arguments": {"city": "Oslo"}}\n</tool_call>' +
        '<tool_call>\n{"name": "get_time", "arguments": {"city": "Rome"}}\n</tool_call>[tool]12:00[tool]13:00',
    );
  });

  it('keeps arguments that are not valid JSON as text', () => {
    const toolCalls = [{ id: 'a', name: 'get_time', arguments: '{"city": ' }];
    expect(render(HERMES, [{ role: 'assistant', content: '', toolCalls }])).toContain('"{\\"city\\": "');
  });

  it('leaves tools out of sight of a template when there are none', () => {
    expect(render("{{ 'none' if tools is not defined else 'some' }}", [{ role: 'user', content: 'Hi' }])).toBe('none');
  });

  it.each([
    ['without tools', PLAIN],
    ['with a form of its own for calls', OTHER_FORM],
  ])('writes tools, calls and results as plain text for a template %s', (_, template) => {
    const text = render(template, DIALOGUE, TOOL_USE);
    expect(text).toMatch(/^\[system\]# Tools\n.*"name":"get_time".*\n.*"name":"stop".*<tool_call>/s);
    expect(text).toContain(
      '[user]Time?[assistant]<tool_call>\n{"name": "get_time", "arguments": {"city":"Oslo"}}\n</tool_call>\n' +
        '<tool_call>\n{"name": "get_time", "arguments": {"city":"Rome"}}\n</tool_call>' +
        '[user]<tool_response>\n12:00\n</tool_response>\n<tool_response>\n13:00\n</tool_response>',
    );
  });

  it('adds the plain list of tools to the system message', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(render(PLAIN, messages, TOOL_USE)).toMatch(/^\[system\]Be brief\.\n\n# Tools\n/);
  });

  it('tells how a template writes calls', () => {
    expect(renderer(HERMES).toolForm).toEqual({ space: '\n' });
    expect(renderer(PLAIN).toolForm).toBeUndefined();
    expect(renderer(OTHER_FORM).toolForm).toBeUndefined();
  });
});
