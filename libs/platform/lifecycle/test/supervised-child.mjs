// A process under runProcess for the tests beside it; argv[2] says how it behaves.
import { createServer } from 'node:net';
import { runProcess } from '../../../../dist/libs/platform/lifecycle/src/index.js';

const [, , behaviour] = process.argv;

await runProcess('child', async (lifecycle) => {
  if (behaviour === 'fails') throw new Error('the port 1 is taken');
  const server = createServer().listen(0, '127.0.0.1');
  lifecycle.onStop(async () => void server.close());
  lifecycle.onStop(async () => void process.stderr.write('stopped gracefully\n'));
  if (behaviour === 'hangs') lifecycle.onStop(() => new Promise(() => undefined));
  if (behaviour === 'breaks later') setImmediate(() => Promise.reject(new Error('nobody caught this')));
  lifecycle.ready({ address: '127.0.0.1:1' });
});
