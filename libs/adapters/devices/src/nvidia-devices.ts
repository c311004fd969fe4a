import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ObservedDevice } from './read-devices.js';

const QUERY = ['--query-gpu=uuid,name,memory.total,memory.free', '--format=csv,noheader,nounits'];
/** Below the time between two heartbeats. */
const TIMEOUT_MS = 4_000;
const MEBIBYTE = 1024 ** 2;
/** No folder of PATH has the program; one of them may be closed to this user. */
const NOT_THERE: readonly string[] = ['ENOENT', 'EACCES'];

/**
 * The NVIDIA devices that this process was given, each by its UUID: in a container nvidia-smi shows no other.
 * Owns the last reading, which counts while nvidia-smi fails: a device does not go with its tool.
 */
export class NvidiaDevices {
  private last: ObservedDevice[] | undefined;
  private reading: Promise<ObservedDevice[] | undefined> | undefined;
  private problem = '';

  /** `onProblem` hears once of each reason for which devices cannot be read. */
  constructor(
    private readonly onProblem: (problem: string) => void,
    private readonly program = 'nvidia-smi',
  ) {}

  /**
   * None on a machine without nvidia-smi, and undefined until it has told once. Never throws. Whoever asks while it is
   * asked gets the same answer.
   */
  read(): Promise<ObservedDevice[] | undefined> {
    this.reading ??= this.ask().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async ask(): Promise<ObservedDevice[] | undefined> {
    try {
      const { stdout } = await promisify(execFile)(this.program, QUERY, { timeout: TIMEOUT_MS });
      this.last = stdout.split('\n').flatMap(deviceOf);
      this.problem = '';
    } catch (error) {
      if (NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')) this.last ??= [];
      else this.tell(error);
    }
    return this.last;
  }

  private tell(error: unknown): void {
    // nvidia-smi gives its reason on standard output.
    const { stdout = '', message } = error as Error & { stdout?: string };
    const problem = stdout.trim() || message;
    if (problem !== this.problem) this.onProblem(problem);
    this.problem = problem;
  }
}

/** A device whose memory is not told, as where it is the CPU's own, is left out. */
function deviceOf(line: string): ObservedDevice[] {
  const [uuid, name, total, free] = line.split(',').map((field) => field.trim());
  const [totalBytes, freeBytes] = [Number(total) * MEBIBYTE, Number(free) * MEBIBYTE];
  if (!uuid || !name || !Number.isFinite(totalBytes) || !Number.isFinite(freeBytes)) return [];
  return [{ deviceKey: uuid, deviceType: typeOf(name), totalBytes, freeBytes }];
}

/** `NVIDIA H100 80GB HBM3` is of the type nvidia-h100-80gb-hbm3. */
function typeOf(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return words.startsWith('nvidia-') ? words : `nvidia-${words}`;
}
