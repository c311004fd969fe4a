/**
 * Loaded into a process before its program, by `--import`, with `?folder=` in its address: records where the process
 * spends its time and writes `PID.cpuprofile` into the folder when it ends. Node 20 has an option for it, but does not
 * take it from NODE_OPTIONS.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const folder = new URL(import.meta.url).searchParams.get('folder') ?? '.';
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
process.on('exit', () => {
  session.post('Profiler.stop', (_, { profile }) => {
    writeFileSync(join(folder, `${String(process.pid)}.cpuprofile`), JSON.stringify(profile));
  });
});
