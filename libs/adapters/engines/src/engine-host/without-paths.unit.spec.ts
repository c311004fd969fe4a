import { withoutPaths } from './without-paths.js';

describe('an engine`s words without paths', () => {
  it('leave single words with a slash alone', () => {
    expect(withoutPaths('12 tokens/s at file:///srv/app/host.js:3\n')).toBe('12 tokens/s at (path):3');
  });
});
