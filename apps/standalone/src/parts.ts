import { SupervisedPart, type Launch, type PartEvents, type RunningPart } from './supervised-part.js';

const PROCESSES = ['api', 'scheduler', 'runner'] as const;
const STORES = ['redis', 'postgres'] as const;

export type PartName = (typeof PROCESSES)[number] | (typeof STORES)[number];

/** All processes of the installation but the supervisor. Owns their pids. */
export class Parts {
  private readonly parts = new Map<PartName, { stop(): Promise<void> }>();
  private readonly pids = new Map<PartName, number>();
  private stopping = false;

  /** `onChange` hears of every new pid. */
  constructor(
    private readonly onDied: PartEvents['onDied'],
    private readonly onChange: () => void,
  ) {}

  /** Starts a part and keeps it running; `launch` gets the one that died, if any. Throws when the first start fails. */
  async start<Running extends RunningPart>(name: PartName, launch: Launch<Running>): Promise<Running> {
    if (this.stopping) throw new Error('millrace is stopping');
    const part = new SupervisedPart(name, launch, {
      onRunning: (_, pid) => {
        this.pids.set(name, pid);
        this.onChange();
      },
      onDied: this.onDied,
    });
    this.parts.set(name, part);
    return part.start();
  }

  /** Null for a store that somebody else runs. */
  pidOf(name: PartName): number | null {
    return this.pids.get(name) ?? null;
  }

  /** The processes first, as they still write to the stores while they stop. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const group of [PROCESSES, STORES]) {
      await Promise.all(group.map(async (name) => this.parts.get(name)?.stop()));
    }
  }

  /** Ends every process and what it started, without order; each leads a group of its own. */
  kill(): void {
    this.stopping = true;
    for (const pid of this.pids.values()) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }
}
