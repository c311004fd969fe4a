import { onThisMachine } from './reachable-address.js';

describe('an address as this machine reaches it', () => {
  it.each([
    ['0.0.0.0:7000', '127.0.0.1:7000'],
    ['[::]:7000', '127.0.0.1:7000'],
    ['http://0.0.0.0:8080', 'http://127.0.0.1:8080'],
    ['http://10.0.0.0:8080', 'http://10.0.0.0:8080'],
    ['127.0.0.1:7000', '127.0.0.1:7000'],
    ['node-0.0.0.0.example:1', 'node-0.0.0.0.example:1'],
  ])('%s is %s', (listening, reached) => {
    expect(onThisMachine(listening)).toBe(reached);
  });
});
