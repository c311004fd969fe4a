import type { EngineError } from '../engine-driver.js';
import { formatTime } from './format-time.js';
import { PromptRenderer } from './render-prompt.js';

const TIME_MS = Date.UTC(2026, 10, 3, 15, 4, 5);

function render(template: string | undefined, messages: { role: string; content: string }[]): string {
  return new PromptRenderer({ template, beginOfText: '<s>', endOfText: '</s>' }).render({
    messages,
    renderedAtMs: TIME_MS,
  });
}

const LOOP = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}";
const NO_SYSTEM =
  "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" +
  "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}" +
  "[{{ m['role'] }}]{{ m['content'] }}{% endfor %}";

describe('rendering a prompt', () => {
  it('follows the template of the artifact', () => {
    const template = `{{ bos_token }}${LOOP}{% if add_generation_prompt %}[assistant]{% endif %}`;
    expect(render(template, [{ role: 'user', content: 'Hi' }])).toBe('<s>[user]Hi[assistant]');
  });

  it('uses ChatML for an artifact without a template', () => {
    expect(render(undefined, [{ role: 'user', content: 'Hi' }])).toBe(
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('shows a developer message as a system message unless the template knows that role', () => {
    const messages = [{ role: 'developer', content: 'Be brief.' }];
    expect(render(LOOP, messages)).toBe('[system]Be brief.');
    expect(render(`{# developer #}${LOOP}`, messages)).toBe('[developer]Be brief.');
  });

  it('joins leading system messages, of which templates read only the first', () => {
    const messages = [
      { role: 'system', content: 'A' },
      { role: 'developer', content: 'B' },
      { role: 'user', content: 'C' },
    ];
    expect(render(LOOP, messages)).toBe('[system]A\n\nB[user]C');
  });

  it('puts the system text before the first user message where the template has no system role', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(render(NO_SYSTEM, messages)).toBe('[user]Be brief.\n\nHi');
  });

  it('refuses an order of messages that the template does not know, without repeating them', () => {
    const messages = [
      { role: 'user', content: 'my secret' },
      { role: 'user', content: 'again' },
    ];
    expect(() => render(NO_SYSTEM, messages)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages' }) as EngineError,
    );
    expect(() => render(NO_SYSTEM, messages)).not.toThrow(/secret/);
  });

  it('sees the time of the request, not the clock', () => {
    expect(render("{{ strftime_now('%d %B %Y') }}", [])).toBe('03 November 2026');
  });
});

describe('times in templates', () => {
  it.each([
    ['%Y-%m-%d %H:%M:%S', '2026-11-03 15:04:05'],
    ['%A, %-d %b %y, %I:%M %p', 'Tuesday, 3 Nov 26, 03:04 PM'],
    ['day %j, %e|%Z%z 100%%', 'day 307,  3|UTC+0000 100%'],
    ['%Q', '%Q'],
  ])('are written in UTC and English: %s', (format, expected) => {
    expect(formatTime(TIME_MS, format)).toBe(expected);
  });
});
