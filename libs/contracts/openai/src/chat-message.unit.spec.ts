import { accept, body, question, refuse } from '../test/chat-bodies.js';

const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } };
const calling = { role: 'assistant', content: null, tool_calls: [call] };

/** The last message, behind a question, as it is understood. */
function read(...messages: unknown[]) {
  return accept(body({ messages: [question, ...messages] })).messages.at(-1);
}

/** What is wrong with messages behind a question. */
function complain(...messages: unknown[]) {
  return refuse(body({ messages: [question, ...messages] }));
}

describe('a message', () => {
  it.each(['system', 'developer', 'user', 'assistant'])('may have the role %s and a name', (role) => {
    expect(read({ role, content: 'hi', name: 'x' })).toEqual({ role, text: 'hi', name: 'x' });
    expect(read({ role, content: 'hi', name: null })).toEqual({ role, text: 'hi' });
  });

  it.each(['system', 'developer', 'user', 'assistant'])(
    'of the role %s may hold text parts, joined by line breaks',
    (role) => {
      const content = ['one', 'two'].map((text) => ({ type: 'text', text }));
      expect(read({ role, content })?.text).toBe('one\ntwo');
    },
  );

  it('of a tool or function may hold text parts, too', () => {
    const content = [{ type: 'text', text: '21' }];
    expect(read(calling, { role: 'tool', tool_call_id: 'call_1', content })?.text).toBe('21');
    const before = { role: 'assistant', content: null, function_call: call.function };
    expect(read(before, { role: 'function', name: 'weather', content })?.text).toBe('21');
  });

  it('may be an empty text', () => {
    expect(read({ role: 'user', content: '' })?.text).toBe('');
  });

  it('may repeat a refusal of the assistant, as a part or as the only field', () => {
    expect(read({ role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }], tool_calls: [] })?.text).toBe(
      'No.',
    );
    expect(read({ role: 'assistant', content: null, refusal: 'No.' })?.text).toBe('No.');
  });

  it.each([
    ['messages', 'missing_required_parameter', undefined],
    ['messages', 'missing_required_parameter', null],
    ['messages', 'invalid_type', 'hello'],
    ['messages', 'empty_array', []],
    ['messages[0]', 'invalid_type', ['hello']],
    ['messages[0].role', 'missing_required_parameter', [{ content: 'x' }]],
    ['messages[0].role', 'invalid_type', [{ role: 1, content: 'x' }]],
    ['messages[0].role', 'invalid_value', [{ role: 'narrator', content: 'x' }]],
    ['messages[0].content', 'missing_required_parameter', [{ role: 'user' }]],
    ['messages[0].content', 'missing_required_parameter', [{ role: 'assistant', content: null }]],
    ['messages[0].content', 'invalid_type', [{ role: 'user', content: 5 }]],
    ['messages[0].content', 'empty_array', [{ role: 'user', content: [] }]],
    ['messages[0].content[0]', 'invalid_type', [{ role: 'user', content: ['x'] }]],
    ['messages[0].content[0].type', 'missing_required_parameter', [{ role: 'user', content: [{ text: 'x' }] }]],
    ['messages[0].content[0].type', 'invalid_value', [{ role: 'user', content: [{ type: 'refusal', refusal: 'x' }] }]],
    ['messages[0].content[0].type', 'invalid_value', [{ role: 'user', content: [{ type: 'video', video: 'x' }] }]],
    ['messages[0].content[0].text', 'missing_required_parameter', [{ role: 'user', content: [{ type: 'text' }] }]],
    ['messages[0].name', 'invalid_type', [{ role: 'user', content: 'x', name: 7 }]],
    ['messages[0].audio', 'unsupported_parameter', [{ role: 'assistant', content: null, audio: { id: 'a' } }]],
  ])('is refused at %s as %s', (param, code, messages) => {
    expect(refuse(body({ messages }))).toMatchObject({ param, code });
  });
});

describe('a part that is no text', () => {
  it.each([
    { type: 'image_url', image_url: { url: 'https://example.com/cat.png', detail: 'low' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    { type: 'file', file: { file_id: 'file_1' } },
    { type: 'file', file: { file_data: 'AAAA', filename: 'a.pdf' } },
  ])('is understood and refused by its name, since models take text only: $type', (part) => {
    const error = complain({ role: 'user', content: [{ type: 'text', text: 'See:' }, part] });
    expect(error).toMatchObject({ param: 'messages[1].content[1].type', code: 'unsupported_content' });
    expect(error.message).toContain(part.type);
    expect(error.message).toContain('the model takes text only');
  });

  it.each([
    ['image_url', 'missing_required_parameter', { type: 'image_url' }],
    ['image_url.url', 'missing_required_parameter', { type: 'image_url', image_url: {} }],
    ['image_url', 'invalid_type', { type: 'image_url', image_url: 'https://example.com' }],
    ['input_audio.data', 'missing_required_parameter', { type: 'input_audio', input_audio: { format: 'wav' } }],
    ['input_audio.format', 'invalid_value', { type: 'input_audio', input_audio: { data: 'AA', format: 'ogg' } }],
    ['file', 'invalid_value', { type: 'file', file: {} }],
  ])('is checked all the same: %s, %s', (field, code, part) => {
    expect(complain({ role: 'user', content: [part] })).toMatchObject({
      param: `messages[1].content[0].${field}`,
      code,
    });
  });
});

describe('a call of the assistant', () => {
  it('needs no content beside it', () => {
    const toolCalls = [{ id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' }];
    expect(read(calling)).toEqual({ role: 'assistant', text: '', toolCalls });
    expect(read({ ...calling, content: 'Let me look.' })).toEqual({
      role: 'assistant',
      text: 'Let me look.',
      toolCalls,
    });
    expect(read({ role: 'assistant', tool_calls: [call] })).toEqual({ role: 'assistant', text: '', toolCalls });
  });

  it('is answered by a tool that names it', () => {
    const result = { role: 'tool', tool_call_id: 'call_1', content: '21 degrees' };
    expect(read(calling, result)).toEqual({ role: 'tool', text: '21 degrees', toolCallId: 'call_1' });
    expect(read(calling, result, question, { ...result, content: 'again' })?.text).toBe('again');
  });

  it('in the older form is answered by the function of its name', () => {
    const messages = [
      { role: 'assistant', content: null, function_call: call.function },
      { role: 'function', name: 'weather', content: null },
    ];
    const toolCall = { id: 'call_weather', name: 'weather', arguments: '{"city":"Paris"}' };
    expect(read(messages[0])).toEqual({ role: 'assistant', text: '', toolCalls: [toolCall] });
    expect(read(...messages)).toEqual({ role: 'tool', text: '', toolCallId: 'call_weather', name: 'weather' });
  });

  it.each([
    ['messages[1].tool_calls', 'invalid_type', { ...calling, tool_calls: 'x' }],
    ['messages[1].tool_calls[0]', 'invalid_type', { ...calling, tool_calls: ['x'] }],
    ['messages[1].tool_calls[0].id', 'missing_required_parameter', { ...calling, tool_calls: [{ ...call, id: null }] }],
    ['messages[1].tool_calls[0].type', 'invalid_value', { ...calling, tool_calls: [{ ...call, type: 'custom' }] }],
    ['messages[1].tool_calls[0].function', 'invalid_type', { ...calling, tool_calls: [{ ...call, function: 'f' }] }],
    [
      'messages[1].tool_calls[0].function.arguments',
      'invalid_type',
      { ...calling, tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] },
    ],
    ['messages[1].function_call', 'invalid_type', { role: 'assistant', content: null, function_call: 'f' }],
    ['messages[1].function_call.name', 'missing_required_parameter', { role: 'assistant', function_call: {} }],
    ['messages[1].tool_call_id', 'missing_required_parameter', { role: 'tool', content: 'x' }],
    ['messages[1].tool_call_id', 'invalid_value', { role: 'tool', content: 'x', tool_call_id: 'call_1' }],
    ['messages[1].name', 'missing_required_parameter', { role: 'function', content: 'x' }],
    ['messages[1].name', 'invalid_value', { role: 'function', content: 'x', name: 'weather' }],
  ])('or an answer to one is refused at %s as %s', (param, code, message) => {
    expect(complain(message)).toMatchObject({ param, code });
  });

  it('has to be there before its answer', () => {
    const result = { role: 'tool', tool_call_id: 'call_2', content: 'x' };
    expect(complain(calling, result)).toMatchObject({ param: 'messages[2].tool_call_id', code: 'invalid_value' });
    const early = { ...result, tool_call_id: 'call_1' };
    expect(complain(early, calling)).toMatchObject({ param: 'messages[1].tool_call_id' });
    expect(complain(calling, { ...early, content: undefined })).toMatchObject({ param: 'messages[2].content' });
  });
});
