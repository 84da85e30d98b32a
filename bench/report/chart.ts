import { init } from 'echarts';
import type { PredictionResults } from '../predictions/types';
import { COLUMNS, limits, summaryRows } from './summary';

const [WIDTH, HEIGHT] = [960, 380];
const LABELS = 250;
const GAP = 24;
/** Ours stands out; the rest is of one colour. Both can be told apart without seeing colours. */
const [OURS, OTHERS, TEXT, FAINT] = ['#0b6e4f', '#9fb4c7', '#1f2933', '#7b8794'];

/** The short table as a bar chart: a panel for each column, on a background of its own for light and dark pages. */
export function chart(results: PredictionResults): string {
  const rows = summaryRows(results).reverse();
  const names = rows.map(({ name }) => name.replaceAll('`', ''));
  const panel = (WIDTH - LABELS - GAP * (COLUMNS.length + 1)) / COLUMNS.length;
  const left = (index: number) => LABELS + GAP + index * (panel + GAP);
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
    xAxis: COLUMNS.map((_, index) => {
      const shown = [
        ...rows.map(({ perSecond }) => perSecond[index] as number),
        limits()[index] as number,
      ];
      const most = Math.max(...shown.filter(Number.isFinite));
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
    series: COLUMNS.map((_, index) => {
      const limit = limits()[index] as number;
      return {
        type: 'bar',
        xAxisIndex: index,
        yAxisIndex: index,
        barWidth: '62%',
        data: rows.map(({ name, perSecond }) => ({
          value: Number.isFinite(perSecond[index]) ? Math.round(perSecond[index] as number) : null,
          itemStyle: { color: name === 'this node' ? OURS : OTHERS },
        })),
        label: { show: true, position: 'right', color: TEXT, fontSize: 12 },
        markLine: Number.isFinite(limit)
          ? {
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
            }
          : undefined,
      };
    }),
  });
  const svg = drawn.renderToSVGString();
  drawn.dispose();
  return svg;
}
