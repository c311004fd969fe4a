import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import type { LoadReport } from '@millrace/domain/simulation';
import type { Sweep } from './sweep-text.js';

const WIDTH = 720;
const HEIGHT = 420;
const MARGIN = { top: 48, right: 150, bottom: 52, left: 64 };
/** Told apart by people who see few colours too. */
const COLOURS = {
  arriving: '#999999',
  'upper bound': '#bbbbbb',
  millrace: '#0072b2',
  lru: '#d55e00',
  static: '#009e73',
};

type SeriesName = keyof typeof COLOURS;

interface Series {
  name: SeriesName;
  values: readonly { load: string; perSecond: number }[];
}

/** Goodput by load factor as an SVG image. */
export function goodputPlot(sweep: Sweep): string {
  const series = seriesOf(sweep.loads);
  const loads = sweep.loads.map(({ loadFactor }) => String(loadFactor));
  const x = scalePoint(loads, [MARGIN.left, WIDTH - MARGIN.right]);
  const most = Math.max(1e-9, ...series.flatMap(({ values }) => values.map(({ perSecond }) => perSecond)));
  const y = scaleLinear([0, most], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const path = line<Series['values'][number]>(
    (value) => x(value.load) ?? 0,
    (value) => y(value.perSecond),
  );
  const ticks = y.ticks(6).map((tick) => {
    const at = y(tick).toFixed(1);
    return `<path d="M${MARGIN.left},${at}H${WIDTH - MARGIN.right}" stroke="#e5e5e5"/>${text([MARGIN.left - 8, y(tick) + 4], String(tick), 'end')}`;
  });
  const labels = loads.map((load) => text([x(load) ?? 0, HEIGHT - MARGIN.bottom + 18], load, 'middle'));
  const drawn = series.map(({ name, values }, index) => {
    const dash = name === 'upper bound' || name === 'arriving' ? ' stroke-dasharray="4 3"' : '';
    const stroke = `fill="none" stroke="${COLOURS[name]}" stroke-width="2"${dash}`;
    const legend = text([WIDTH - MARGIN.right + 44, MARGIN.top + 20 * index + 4], name, 'start');
    const sample = `<path d="M${WIDTH - MARGIN.right + 14},${MARGIN.top + 20 * index}h24" ${stroke}/>`;
    return `<path d="${path(values) ?? ''}" ${stroke}/>${sample}${legend}`;
  });
  const title = text(
    [MARGIN.left, 24],
    `Requests a second within both limits: ${sweep.trace}, ${sweep.scenario}`,
    'start',
  );
  const below = text([(MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 12], 'load factor', 'middle');
  const content = [title, ...ticks, ...labels, below, ...drawn].join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n${content}\n</svg>\n`;
}

function seriesOf(loads: readonly LoadReport[]): Series[] {
  const policies = loads[0]?.runs.map(({ policy }) => policy) ?? [];
  const of = (name: SeriesName, perSecond: (load: LoadReport) => number): Series => ({
    name,
    values: loads.map((load) => ({ load: String(load.loadFactor), perSecond: perSecond(load) })),
  });
  const offered = ({ runs }: LoadReport) => runs[0]?.offeredPerSecond ?? 0;
  return [
    of('arriving', offered),
    of('upper bound', (load) => (offered(load) * load.bound.good) / Math.max(1, load.runs[0]?.requests ?? 1)),
    ...policies.map((name) =>
      of(name, ({ runs }) => runs.find(({ policy }) => policy === name)?.goodputPerSecond ?? 0),
    ),
  ];
}

function text(at: readonly [number, number], content: string, anchor: 'start' | 'middle' | 'end'): string {
  const [x, y] = at;
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped}</text>`;
}
