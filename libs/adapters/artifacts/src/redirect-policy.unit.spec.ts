import { isPrivateAddress, refusePrivateRedirect } from './redirect-policy.js';

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'hub.example': ['203.0.113.7'],
  'store.example': ['198.51.100.1', '2001:db8::1'],
  'inside.example': ['203.0.113.9', '10.1.2.3'],
  'hub.internal': ['192.168.4.4'],
};
const follow = (from: string, to: string) =>
  refusePrivateRedirect({ from: new URL(from), to: new URL(to), reference: 'hf:a/b/c.gguf' }, (host) =>
    Promise.resolve(ADDRESSES[host] ?? []),
  );

describe('a redirect', () => {
  it.each([
    ['https://hub.example/a', 'https://store.example/b'],
    ['https://hub.example/a', 'https://hub.example/b'],
    ['http://hub.internal/a', 'http://127.0.0.1:9000/b'],
    ['https://hub.example/a', 'https://unknown.example/b'],
  ])('from %s to %s is followed', async (from, to) => {
    await expect(follow(from, to)).resolves.toBeUndefined();
  });

  it.each([
    ['https://hub.example/a', 'http://169.254.169.254/latest/meta-data'],
    ['https://hub.example/a', 'https://inside.example/b'],
    ['https://hub.example/a', 'http://[::1]:6379/'],
    ['https://hub.example/a', 'http://[::ffff:10.0.0.1]/'],
    ['https://hub.example/a', 'file:///etc/passwd'],
  ])('from %s to %s is refused', async (from, to) => {
    await expect(follow(from, to)).rejects.toThrow('expected a public host');
  });

  it.each(['10.0.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '127.0.0.53', '0.0.0.0', 'fd00::1', '::'])(
    'knows %s as private',
    (address) => {
      expect(isPrivateAddress(address)).toBe(true);
    },
  );

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111'])('knows %s as public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});
