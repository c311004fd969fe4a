import { AnswerReader, type AnswerState } from './answer-reader.js';

const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const ROLE = 'data: {"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n';
const CONTENT = 'data: {"choices":[{"delta":{"content":"\\n"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\n';
const DONE = 'data: [DONE]\n\n';
const END = '\r\n0\r\n\r\n';

function read(...pieces: string[]): AnswerState[] {
  const reader = new AnswerReader();
  return pieces.map((piece) => reader.read(Buffer.from(piece)));
}

describe('AnswerReader', () => {
  it('sees the beginning in the first content, not in the role', () => {
    expect(read(HEAD, ROLE, CONTENT)).toEqual(['waiting', 'waiting', 'started']);
  });

  it('is complete when finish reason, [DONE] and the last chunk have come, however they are cut', () => {
    const whole = HEAD + ROLE + CONTENT + FINISH + DONE + END;
    expect(read(whole)).toEqual(['complete']);
    expect(read(...Array.from(whole)).at(-1)).toBe('complete');
    expect(read(...Array.from(whole)).filter((state) => state === 'complete')).toHaveLength(1);
  });

  it.each([
    ['no [DONE]', HEAD + CONTENT + FINISH + END],
    ['no finish reason', HEAD + CONTENT + DONE + END],
    ['no content', HEAD + ROLE + FINISH + DONE + END],
    ['another status', 'HTTP/1.1 503 Service Unavailable\r\n\r\n'],
  ])('is broken with %s', (_, text) => {
    expect(read(text)).toEqual(['broken']);
  });
});
