/** Whether version `left`, like 1.10.0, is newer than `right`. */
export function isNewer(left: string, right: string): boolean {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const difference = a.map((number, index) => number - (b[index] ?? 0)).find((value) => value !== 0);
  return (difference ?? 0) > 0;
}

function numbersOf(version: string): number[] {
  return version.split('.').slice(0, 3).map(Number.parseFloat);
}
