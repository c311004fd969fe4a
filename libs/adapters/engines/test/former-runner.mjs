/**
 * A process of a runner that a test can kill: loads what it is told to, tells the engine's pid, and generates what it is
 * asked for, telling of each event.
 */
import { createLlamaCppDriver, createSimulatedDriver } from '../../../../dist/libs/adapters/engines/src/index.js';

const NEVER = new AbortController().signal;
const drivers = { 'llama-cpp': createLlamaCppDriver, simulated: createSimulatedDriver };
let replica;

process.on('message', async ({ load, request, leave }) => {
  if (load !== undefined) {
    replica = await drivers[load.engine]().load(load.settings, () => undefined, NEVER);
    process.send({ pid: replica.pid });
  }
  if (leave === true) {
    replica.endWithRunner();
    // What is said to an engine leaves at the end of the turn.
    setImmediate(() => process.send({ left: true }));
  }
  if (request !== undefined) for await (const { kind } of replica.generate(request, NEVER)) process.send({ kind });
});
