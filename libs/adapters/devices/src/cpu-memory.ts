/** Texts of the files that tell a machine's and a container's memory; undefined where a file does not exist. */
export interface MemoryTexts {
  /** /proc/meminfo */
  meminfo: string | undefined;
  /** memory.max (v2) or memory.limit_in_bytes (v1) of each cgroup from this process's own up to the root. */
  cgroups: readonly CgroupTexts[];
}

export interface CgroupTexts {
  limit: string | undefined;
  usage: string | undefined;
  /** memory.stat: its inactive file pages count as usage but are given back under pressure. */
  stat: string | undefined;
}

export interface MemoryBytes {
  totalBytes: number;
  freeBytes: number;
}

/** Memory this process may use in all and may still take; the tightest of machine and cgroups counts. */
export function cpuMemory(texts: MemoryTexts, machine: MemoryBytes): MemoryBytes {
  const whole = parseMeminfo(texts.meminfo) ?? machine;
  let { totalBytes, freeBytes } = whole;
  for (const cgroup of texts.cgroups) {
    const limitBytes = parseBytes(cgroup.limit);
    // v1 writes "no limit" as a number near 2^63.
    if (limitBytes === undefined || limitBytes >= whole.totalBytes) continue;
    totalBytes = Math.min(totalBytes, limitBytes);
    freeBytes = Math.min(freeBytes, Math.max(0, limitBytes - workingSet(cgroup)));
  }
  return { totalBytes, freeBytes };
}

function workingSet({ usage, stat }: CgroupTexts): number {
  const reclaimable = parseField(stat, 'total_inactive_file') ?? parseField(stat, 'inactive_file') ?? 0;
  return Math.max(0, (parseBytes(usage) ?? 0) - reclaimable);
}

function parseMeminfo(text: string | undefined): MemoryBytes | undefined {
  const totalKib = parseField(text, 'MemTotal:');
  const availableKib = parseField(text, 'MemAvailable:');
  if (totalKib === undefined || availableKib === undefined) return undefined;
  return { totalBytes: totalKib * 1024, freeBytes: availableKib * 1024 };
}

/** The number behind a name at the beginning of a line. */
function parseField(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.split(/\s+/)[0] === name);
  return line === undefined ? undefined : parseBytes(line.split(/\s+/)[1]);
}

function parseBytes(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** Folders of this process's memory cgroup and of those above it, from /proc/self/cgroup; own folder first. */
export function cgroupFolders(text: string | undefined): { version: 1 | 2; folders: string[] } {
  const lines = (text ?? '').split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line));
  const v1 = lines.find((line) => line?.[2]?.split(',').includes('memory') === true);
  const v2 = lines.find((line) => line?.[1] === '0' && line[2] === '');
  const [version, path] = v1 ? ([1, v1[3]] as const) : ([2, v2?.[3]] as const);
  const root = version === 1 ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup';
  const segments = (path ?? '').split('/').filter((segment) => segment !== '' && segment !== '..');
  const folders = segments.map((_, index) => [root, ...segments.slice(0, segments.length - index)].join('/'));
  return { version, folders: [...folders, root] };
}
