/** Import this first: it ends the process with one sentence on a Node that cannot run what follows. */
import { checkNode } from './check-node.mjs';

try {
  checkNode(process.versions.node);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
