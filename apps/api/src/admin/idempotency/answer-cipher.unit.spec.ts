import { AnswerCipher } from './answer-cipher.js';

const cipher = new AnswerCipher('p'.repeat(32));
const text = '{"secret":"mr-inference-ä"}';

describe('encrypting answers', () => {
  it('gives back what it was given, and shows nothing of it meanwhile', () => {
    const sealed = cipher.encrypt(text, 'key_1');
    expect(sealed.toString('latin1')).not.toContain('mr-inference');
    expect(cipher.encrypt(text, 'key_1').equals(sealed)).toBe(false);
    expect(cipher.decrypt(sealed, 'key_1')).toBe(text);
    expect(new AnswerCipher('p'.repeat(32)).decrypt(sealed, 'key_1')).toBe(text);
  });

  it('refuses what was altered, or is of another pepper or context', () => {
    const sealed = cipher.encrypt(text, 'key_1');
    expect(() => cipher.decrypt(sealed, 'key_2')).toThrow();
    expect(() => new AnswerCipher('q'.repeat(32)).decrypt(sealed, 'key_1')).toThrow();
    sealed.writeUInt8(sealed.readUInt8(40) ^ 1, 40);
    expect(() => cipher.decrypt(sealed, 'key_1')).toThrow();
  });
});
