import { jest } from '@jest/globals';
import { chooseConnection, type ConnectionSource } from './connection.js';

const source = (name: string, says: { url?: string; key?: string }) => ({
  urlFrom: `${name} url`,
  keyFrom: `${name} key`,
  read: jest.fn(() => Promise.resolve(says)),
});
const choose = (...sources: ConnectionSource[]) => chooseConnection(sources);
const here = { url: 'http://here', key: 'key-of-here' };

describe('the connection', () => {
  it('comes from the first source that says it, and the others are not even read', async () => {
    const [first, second] = [source('first', here), source('second', { url: 'http://there', key: 'other' })];
    expect(await choose(first, second)).toEqual({ ...here, urlFrom: 'first url', keyFrom: 'first key' });
    expect(second.read).not.toHaveBeenCalled();
  });

  it('may take address and key from two sources', async () => {
    expect(await choose(source('typed', { key: 'typed' }), source('file', here))).toEqual({
      ...{ url: 'http://here', key: 'typed' },
      ...{ urlFrom: 'file url', keyFrom: 'typed key' },
    });
    expect(await choose(source('typed', { url: 'http://here' }), source('environment', { key: 'k' }))).toMatchObject({
      ...{ url: 'http://here', key: 'k' },
    });
  });

  it('never sends the key that is kept for one address to another', async () => {
    const sources = [source('typed', { url: 'http://elsewhere' }), source('file', here)];
    await expect(choose(...sources)).rejects.toThrow(
      'There is no key for http://elsewhere (from typed url): give one with --key-stdin, MILLRACE_KEY or a profile',
    );
    expect(await choose(...sources, source('dev', { url: 'http://elsewhere/x', key: 'k' }))).toMatchObject({
      key: 'k',
    });
  });

  it.each([
    ['http://here/', 'http://here'],
    ['http://here:80/v1', 'http://here'],
    ['https://here:8443/v1/', 'https://here:8443'],
    ['https://here/llm/admin/v1', 'https://here/llm'],
  ])('takes %s as %s', async (url, base) => {
    expect(await choose(source('typed', { url, key: 'k' }))).toMatchObject({ url: base });
  });

  it.each(['here', 'localhost:8080', 'ftp://here', ''])('refuses the address %j', async (url) => {
    await expect(choose(source('typed', { url, key: 'k' }))).rejects.toMatchObject({
      message: expect.stringMatching(/^The address from typed url is not a URL like http:/) as string,
      exitStatus: 2,
    });
  });

  it('takes a key with the white space around it that files have', async () => {
    expect(await choose(source('typed', { url: 'http://here', key: ' mr-key\n' }))).toMatchObject({ key: 'mr-key' });
  });

  it.each(['', ' ', 'two words', 'a\nb', 'schlüssel'])('refuses the key %j and does not repeat it', async (key) => {
    const error: unknown = await choose(source('typed', { url: 'http://here', key })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      message: expect.stringMatching(/^The key from typed key /) as string,
      exitStatus: 2,
    });
    if (key.trim() !== '') expect(String(error)).not.toContain(key);
  });

  it('is asked for when nobody says it', async () => {
    await expect(choose(source('typed', {}))).rejects.toThrow(/^It is not said which millrace to talk to: start one/);
  });
});
