interface LockEntry {
  version?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

/** Which packages of a lock file are not installed in the wanted version; see missing-packages.mjs. */
export function missingPackages(question: {
  wanted: Record<string, LockEntry>;
  installed: Record<string, LockEntry>;
  dev: boolean;
  machine: { platform: string; arch: string };
}): string[];
