import { runProcess } from '@millrace/platform/lifecycle';
import { startScheduler } from './start-scheduler.js';

await runProcess('scheduler', startScheduler);
