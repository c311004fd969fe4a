/** What one check of this machine came to. */
export interface Finding {
  subject: string;
  ok: boolean;
  /** What was found, and what to do when that is not good. */
  text: string;
}

/** One line for a person. */
export function lineOf(finding: Finding): string {
  return `${finding.ok ? 'ok     ' : 'problem'}  ${finding.subject.padEnd(9)} ${finding.text}`;
}
