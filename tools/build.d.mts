/** Brings `dist/` up to date; see build.mjs. */
export function build(root?: string): Promise<{ built: boolean; files: number }>;
