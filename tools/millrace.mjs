/**
 * The entry of every command: checks Node, installs what is missing, builds, and runs the command line.
 * Nothing here needs more than Node 12, so that an old one gets as far as its message.
 */
import { checkNode } from './check-node.mjs';
import { reportFailure } from './plain-error.mjs';

async function main() {
  checkNode(process.versions.node);
  const { installMissing } = await import('./install.mjs');
  const { build } = await import('./build.mjs');
  await installMissing();
  await build();
  const { runCommandLine } = await import('../dist/apps/cli/src/main.js');
  await runCommandLine(process.argv);
}

main().catch(reportFailure);
