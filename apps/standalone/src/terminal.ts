/** Progress for a person: whole lines, so that it reads the same in a file. Owned by the supervisor. */
export class Terminal {
  private readonly beganMs = performance.now();

  constructor(private readonly write: (text: string) => void) {}

  /** A step of the start, with the seconds since the start. */
  step(text: string): void {
    const seconds = ((performance.now() - this.beganMs) / 1_000).toFixed(1);
    this.write(`[${seconds.padStart(5)} s] ${text}\n`);
  }

  block(text: string): void {
    this.write(`\n${text}\n`);
  }
}
