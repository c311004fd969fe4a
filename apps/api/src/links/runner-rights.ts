/** A link to a runner, as far as its rights go. */
export interface GuardedLink {
  readonly runnerId: string;
  /** Ends the link for good: the runner's credential holds no more. */
  revoke(): void;
}

export interface RunnerRightsOptions {
  /** What each of the runners hosts; a runner that is not answered is there no more. */
  readHosted: (runnerIds: readonly string[]) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  onError: (error: unknown, what: string) => void;
}

const EVERY_MS = 1_000;

/**
 * What the runners that are linked to this process may do: each claims jobs of deployments that it hosts, and none does
 * once it was deleted. Looks every second while somebody is linked; while Postgres is away, what was known holds.
 */
export class RunnerRights {
  private readonly links = new Set<GuardedLink>();
  private readonly hosted = new Map<string, ReadonlySet<string>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RunnerRightsOptions) {}

  start(): void {
    this.timer = setInterval(() => void this.refresh(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  add(link: GuardedLink): void {
    this.links.add(link);
  }

  remove(link: GuardedLink): void {
    this.links.delete(link);
    if (![...this.links].some(({ runnerId }) => runnerId === link.runnerId)) this.hosted.delete(link.runnerId);
  }

  /** At once where it is known that it does; else it is looked up, as it may have been assigned a moment ago. */
  mayClaim({ runnerId }: GuardedLink, deploymentId: string): true | Promise<boolean> {
    if (this.hosted.get(runnerId)?.has(deploymentId) === true) return true;
    return this.lookUp(runnerId, deploymentId);
  }

  /** Reads anew what the linked runners host, and ends the links of those that were deleted. */
  async refresh(): Promise<void> {
    const asked = [...this.links];
    if (asked.length === 0) return;
    try {
      const found = await this.options.readHosted([...new Set(asked.map(({ runnerId }) => runnerId))]);
      for (const link of asked) {
        const hosted = found.get(link.runnerId);
        if (!this.links.has(link)) continue;
        if (hosted === undefined) link.revoke();
        else this.hosted.set(link.runnerId, hosted);
      }
    } catch (error) {
      this.options.onError(error, 'read what the linked runners host');
    }
  }

  private async lookUp(runnerId: string, deploymentId: string): Promise<boolean> {
    const hosted = (await this.options.readHosted([runnerId])).get(runnerId);
    if (hosted !== undefined) this.hosted.set(runnerId, hosted);
    return hosted?.has(deploymentId) === true;
  }
}
