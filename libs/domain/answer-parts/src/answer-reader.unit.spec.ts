import fc from 'fast-check';
import { AnswerReader, type OfferedTools } from './index.js';

interface Heard {
  reasoning: string;
  content: string;
  calls: { id: string; name: string; arguments: string }[];
  /** What was heard, in order, repetitions of a kind as one. */
  order: string[];
}

const offered: OfferedTools = { names: new Set(['weather', 'news-2']), parallel: true, idPrefix: 'call_j' };

function hear(pieces: readonly string[], tools: OfferedTools | 'none' = offered): Heard {
  const heard: Heard = { reasoning: '', content: '', calls: [], order: [] };
  const note = (kind: string): void => {
    if (heard.order.at(-1) !== kind) heard.order.push(kind);
  };
  const reader = new AnswerReader(
    {
      reasoning: (text) => {
        note('reasoning');
        expect(text).not.toBe('');
        heard.reasoning += text;
      },
      content: (text) => {
        note('content');
        expect(text).not.toMatch(/\p{Surrogate}/u);
        heard.content += text;
      },
      callStarted: ({ index, id, name }) => {
        note(`call ${String(index)}`);
        expect(heard.calls).toHaveLength(index);
        heard.calls.push({ id, name, arguments: '' });
      },
      callArguments: (index, json) => {
        note(`arguments ${String(index)}`);
        (heard.calls[index] ?? { arguments: '' }).arguments += json;
      },
    },
    tools === 'none' ? undefined : tools,
  );
  for (const piece of pieces) reader.read(piece);
  reader.end();
  expect(reader.calls).toBe(heard.calls.length);
  return heard;
}

const call = (name: string, json: string): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${json}}\n</tool_call>`;
const weather = call('weather', '{"city": "Paris"}');

describe('text without markers', () => {
  it.each(['Paris.', '', ' \n', '  a  ', '<', '<b>bold</b>', '<tool', '<thinking>', 'a <think>b</think>'])(
    'is content as it is: %j',
    (text) => {
      for (const tools of [offered, 'none'] as const)
        expect(hear([text], tools)).toMatchObject({ content: text, calls: [] });
    },
  );

  it('is not held back for long by white space', () => {
    const space = '\n'.repeat(65);
    expect(hear([`${space}<think>a</think>`])).toMatchObject({ content: `${space}<think>a</think>`, reasoning: '' });
    expect(hear([`A${space}${weather}`])).toMatchObject({ content: 'A\n', calls: [{ name: 'weather' }] });
  });

  it('passes at once where nothing can become a marker', () => {
    const passed: string[] = [];
    const ignore = (): void => undefined;
    const parts = { reasoning: ignore, content: (text: string) => passed.push(text), callStarted: ignore };
    const reader = new AnswerReader({ ...parts, callArguments: ignore });
    for (const piece of ['Par', 'is', ' <tool_call> ']) reader.read(piece);
    expect(passed).toEqual(['Par', 'is', ' <tool_call> ']);
  });

  it('holds back no more than what may become a marker', () => {
    const passed: string[] = [];
    const ignore = (): void => undefined;
    const parts = { reasoning: ignore, content: (text: string) => passed.push(text), callStarted: ignore };
    const reader = new AnswerReader({ ...parts, callArguments: ignore }, offered);
    for (const piece of ['It is ', 'warm <to', 'day>']) reader.read(piece);
    expect(passed).toEqual(['It is', ' warm', ' <today>']);
  });
});

describe('a tool call in the text', () => {
  it('begins with its id and name, and its arguments follow as they were written', () => {
    expect(hear([weather])).toEqual({
      reasoning: '',
      content: '',
      calls: [{ id: 'call_j0', name: 'weather', arguments: '{"city": "Paris"}' }],
      order: ['call 0', 'arguments 0'],
    });
  });

  it('passes its arguments on while they come', () => {
    const heard: string[] = [];
    const ignore = (): void => undefined;
    const reader = new AnswerReader(
      {
        reasoning: ignore,
        content: ignore,
        callStarted: ({ name }) => heard.push(name),
        callArguments: (_, json) => heard.push(json),
      },
      offered,
    );
    for (const piece of ['<tool_call>{"name":"weather","arguments":', '{"city"', ':"Par', 'is"}']) reader.read(piece);
    expect(heard).toEqual(['weather', '{"city"', ':"Par', 'is"}']);
  });

  it('may follow content, whose last white space goes, and other calls', () => {
    const heard = hear([`Let me look.\n\n${weather}\n${call('news-2', '{}')}\n`]);
    expect(heard.content).toBe('Let me look.');
    expect(heard.calls.map(({ id, name }) => [id, name])).toEqual([
      ['call_j0', 'weather'],
      ['call_j1', 'news-2'],
    ]);
    expect(heard.order).toEqual(['content', 'call 0', 'arguments 0', 'call 1', 'arguments 1']);
  });

  it('ends only with its own object, whatever braces and markers its strings hold', () => {
    const json = '{"a": "}]\\"{ </tool_call>", "b": [{"c": {}}]}';
    expect(hear([`${call('weather', json)} done`])).toMatchObject({
      content: ' done',
      calls: [{ arguments: json }],
    });
  });

  it.each([
    ['its keys in another order', '{"arguments": {"city": "Paris"}, "name": "weather"}', '{"city":"Paris"}'],
    ['more keys', '{"id": 7, "name": "weather", "arguments": {}}', '{}'],
    ['no arguments', '{"name": "weather"}', '{}'],
    ['arguments that are null', '{"name": "weather", "arguments": null}', '{}'],
  ])('is read once it is whole when it has %s', (_, body, json) => {
    const expected = { content: '', calls: [{ name: 'weather', arguments: json }] };
    expect(hear([`<tool_call>${body}</tool_call>`])).toMatchObject(expected);
    expect(hear([`<tool_call>${body}`])).toMatchObject(expected);
  });

  it.each([
    ['no JSON', 'hello'],
    ['JSON of another kind', '[1]'],
    ['a tool that is not offered', '{"name": "other", "arguments": {}}'],
    ['arguments that are no object', '{"name": "weather", "arguments": "Paris"}'],
  ])('is content when it holds %s', (_, body) => {
    const text = `So:\n<tool_call>${body}</tool_call>\nAnd on.`;
    expect(hear([text])).toMatchObject({ content: text, calls: [] });
    const cut = `<tool_call>${body}`;
    expect(hear([cut])).toMatchObject({ content: cut, calls: [] });
  });

  it('that is cut off keeps the arguments that came', () => {
    const heard = hear(['<tool_call>{"name": "weather", "arguments": {"city": "Pa']);
    expect(heard.calls).toEqual([{ id: 'call_j0', name: 'weather', arguments: '{"city": "Pa' }]);
  });

  it('is the only one, and the end, where calls may not be parallel', () => {
    const heard = hear([`${weather}${call('news-2', '{}')} and more`], { ...offered, parallel: false });
    expect(heard).toMatchObject({ content: '', calls: [{ name: 'weather' }] });
    expect(heard.calls).toHaveLength(1);
  });

  it('is a text like any other when no tools are offered', () => {
    expect(hear([weather], 'none')).toMatchObject({ content: weather, calls: [] });
  });
});

describe('reasoning', () => {
  it('is what stands between the markers at the beginning, without the white space around it', () => {
    const heard = hear(['\n<think>\nParis? Yes.\n</think>\n\nParis.\n'], 'none');
    expect(heard).toMatchObject({ reasoning: 'Paris? Yes.', content: 'Paris.\n', order: ['reasoning', 'content'] });
  });

  it('may be empty, may have no end, and may lead to a call', () => {
    expect(hear(['<think>\n\n</think>\n\nHi'])).toMatchObject({ reasoning: '', content: 'Hi' });
    expect(hear(['<think>So </thi'])).toMatchObject({ reasoning: 'So </thi', content: '' });
    expect(hear([`<think>So</think>\n${weather}`])).toMatchObject({ reasoning: 'So', content: '', calls: [{}] });
  });

  it('says while it goes on and when it has ended', () => {
    const ignore = (): void => undefined;
    const parts = { reasoning: ignore, content: ignore, callStarted: ignore, callArguments: ignore };
    const reader = new AnswerReader(parts);
    const states = ['<th', 'ink>', 'So', '</think>', 'Hi'].map((piece) => {
      reader.read(piece);
      return reader.reasoning;
    });
    expect(states).toEqual(['none', 'open', 'open', 'closed', 'closed']);
  });
});

describe('however the text is cut', () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      '<think>',
      '</think>',
      '<tool_call>',
      '</tool_call>',
      '<tool',
      ' ',
      '\n',
      ' '.repeat(50),
      '{',
      '}',
      '"',
      '\\',
    ),
    fc.constantFrom(
      weather,
      call('other', '{}'),
      call('news-2', '{"a": [1, "}"]}'),
      '{"name": "weather", "arguments": {',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const text = fc.array(fragment, { maxLength: 10 }).map((fragments) => fragments.join(''));
  const tools = fc.constantFrom<OfferedTools | 'none'>(offered, { ...offered, parallel: false }, 'none');

  it('its parts join to the same', () => {
    fc.assert(
      fc.property(text, tools, fc.array(fc.nat({ max: 200 })), (whole, offer, cuts) => {
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort((a, b) => a - b);
        const pieces = bounds.slice(1).map((bound, index) => whole.slice(bounds[index], bound));
        expect(hear(pieces, offer)).toEqual(hear([whole], offer));
      }),
      { numRuns: 600 },
    );
  });

  it('character by character', () => {
    fc.assert(
      fc.property(text, tools, (whole, offer) => {
        expect(hear(whole.split(''), offer)).toEqual(hear([whole], offer));
      }),
      { numRuns: 300 },
    );
  });
});
