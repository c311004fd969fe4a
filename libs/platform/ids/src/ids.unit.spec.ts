import { newId } from './index.js';

describe('a new id', () => {
  it('is the prefix and 26 lower-case ULID characters, sortable by time', () => {
    expect(newId('ses')).toMatch(/^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  });

  it('is unlike every other, also beyond the stock of random bytes', () => {
    expect(new Set(Array.from({ length: 2_000 }, () => newId('req'))).size).toBe(2_000);
  });
});
