import { Writable } from 'node:stream';
import { createLogger } from './logger.js';

function logged(entry: object): string {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  createLogger('test', 'info', sink).info(entry, 'said');
  return lines.join('');
}

describe('the log', () => {
  it('has of a database error what went wrong, and nothing that the statement was given', () => {
    const driverError = Object.assign(new Error('violates a check'), { detail: 'Failing row contains (my prompt).' });
    const facts = { query: 'INSERT INTO agents VALUES ($1)', parameters: ['my prompt'], detail: driverError.detail };
    const line = logged({ err: Object.assign(new Error('violates a check'), facts, { driverError }) });
    expect(line).not.toContain('my prompt');
    expect(line).toContain('violates a check');
    expect(line).toContain('INSERT INTO agents');
  });

  it('hides what is named like a secret or a prompt', () => {
    const line = logged({ request: { authorization: 'Bearer x1', secret: 'x2', messages: ['x3'] }, path: '/v1' });
    expect(line).not.toMatch(/x[123]/);
    expect(line).toContain('/v1');
  });
});
