import { secretPrefix } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import { maskSecrets } from './mask-secrets.js';

describe('masking secrets', () => {
  it('leaves out the values of fields that are named like a secret', () => {
    const masked = maskSecrets({ name: 'a', secret: 'x', secretHash: 'y', inner: [{ previousSecretHash: null }] });
    expect(masked).toEqual({ name: 'a', secret: '…', secretHash: '…', inner: [{ previousSecretHash: '…' }] });
  });

  it('shortens our own secrets within texts to what may be shown', () => {
    const secret = newSecret('tenant-admin');
    expect(maskSecrets(`call with ${secret}.`)).toBe(`call with ${secretPrefix(secret)}….`);
    expect(JSON.stringify(maskSecrets({ text: secret }))).not.toContain(secret.slice(0, 30));
  });

  it('keeps everything else', () => {
    const value = { tokensPerMinute: 5, prefix: 'mr-inference-abcde', list: [1, null, true] };
    expect(maskSecrets(value)).toEqual(value);
  });
});
