import { init } from 'echarts';
import { isOurNode } from './callers';
import { COLUMNS, shortRows } from './summary';
import type { PredictionResults } from './types';

const [WIDTH, HEIGHT] = [960, 380];
const LABELS = 250;
const GAP = 24;
/**
 * Ours has a colour of its own, which can be told apart from the others' without seeing colours.
 */
const [OURS, OTHERS, TEXT, FAINT] = ['#0b6e4f', '#9fb4c7', '#1f2933', '#7b8794'];

/**
 * Returns the short table as a bar chart in SVG, with a panel for each column. Its background is
 * its own, for light and dark pages.
 */
export function chart(results: PredictionResults): string {
  const rows = shortRows(results).reverse();
  const names = rows.map(({ name }) => name.replaceAll('`', ''));
  const panel = (WIDTH - LABELS - GAP * (COLUMNS.length + 1)) / COLUMNS.length;
  const left = (index: number) => LABELS + GAP + index * (panel + GAP);
  const valuesOf = (index: number) => rows.map(({ perSecond }) => perSecond[index] ?? NaN);
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  drawn.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: TEXT },
    title: [
      {
        text: 'Predictions a second',
        left: GAP,
        top: 14,
        textStyle: { fontSize: 18, color: TEXT },
      },
      ...COLUMNS.map(({ title }, index) => ({
        text: title,
        left: left(index),
        top: 52,
        padding: 0,
        textStyle: { fontSize: 13, color: TEXT },
      })),
    ],
    grid: COLUMNS.map((_, index) => ({ left: left(index), width: panel, top: 78, bottom: 40 })),
    xAxis: COLUMNS.map(({ limit }, index) => {
      const most = Math.max(...[...valuesOf(index), limit].filter(Number.isFinite));
      // Room for the figure behind the longest bar.
      return { type: 'value', gridIndex: index, max: most * 1.3, show: false };
    }),
    yAxis: COLUMNS.map((_, index) => ({
      type: 'category',
      gridIndex: index,
      data: names,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { show: index === 0, color: TEXT, fontSize: 12 },
    })),
    series: COLUMNS.map(({ limit }, index) => ({
      type: 'bar',
      xAxisIndex: index,
      yAxisIndex: index,
      barWidth: '62%',
      data: valuesOf(index).map((value, row) => ({
        value: Number.isFinite(value) ? Math.round(value) : null,
        itemStyle: { color: isOurNode(rows[row]?.id ?? 'nothing') ? OURS : OTHERS },
      })),
      label: { show: true, position: 'right', color: TEXT, fontSize: 12 },
      markLine: Number.isFinite(limit) ? limitLine(limit) : undefined,
    })),
  });
  const svg = drawn.renderToSVGString();
  drawn.dispose();
  return svg;
}

const limitLine = (limit: number) => ({
  silent: true,
  symbol: 'none',
  data: [{ xAxis: limit }],
  lineStyle: { color: FAINT, type: 'dashed' },
  label: {
    formatter: `limit ${Math.round(limit)}`,
    position: 'start',
    color: FAINT,
    fontSize: 11,
  },
});
