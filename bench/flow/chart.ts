import { init } from 'echarts';
import { DRAWN } from './cases';
import { type Measured, measuredCases } from './summary';
import type { FlowResults, Moment } from './types';

const [WIDTH, HEIGHT] = [960, 360];
const [LEFT, GAP, TOP, BOTTOM] = [60, 80, 110, 56];
/** Requests in flight are a line, answers a second an area, refusals points. */
const [IN_FLIGHT, ANSWERS, REFUSED, TEXT, FAINT] = [
  '#0b6e4f',
  '#9fb4c7',
  '#b3261e',
  '#1f2933',
  '#7b8794',
];
const TITLES: Record<string, string> = {
  wide: 'takes 64 at once, 100 ms each',
  narrow: 'takes 4 at once, 50 ms each',
  refuses: 'refuses above 8, 50 ms each',
};

/**
 * Returns requests in flight and answers a second over time as a chart in SVG, with a panel for
 * each deployment: the first run with nothing set. Undefined if that was not measured. Its
 * background is its own, for light and dark pages.
 */
export function flowChart(results: FlowResults): string | undefined {
  const drawn = measuredCases(results).filter(({ flowCase }) => DRAWN.includes(flowCase.name));
  const panels = drawn.flatMap((one) => {
    const moments = one.measured.runs.find((run) => run.moments)?.moments;
    return moments ? [{ one, moments }] : [];
  });
  if (panels.length === 0) return undefined;
  const width = (WIDTH - 2 * LEFT - GAP * (panels.length - 1)) / panels.length;
  const left = (index: number) => LEFT + index * (width + GAP);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: TEXT },
    title: [
      title('With nothing set, on a deployment that …', 24, 14, 18),
      ...panels.map(({ one }, index) => title(titleOf(one), left(index), 78, 13)),
    ],
    legend: {
      left: 24,
      top: 44,
      itemGap: 28,
      data: [
        { name: 'in flight', icon: 'roundRect', itemStyle: { color: IN_FLIGHT } },
        { name: 'answers a second', icon: 'roundRect', itemStyle: { color: ANSWERS } },
        { name: 'refused', icon: 'circle' },
      ],
      textStyle: { color: TEXT },
      selectedMode: false,
    },
    grid: panels.map((_, index) => ({ left: left(index), width, top: TOP, bottom: BOTTOM })),
    xAxis: panels.map(({ moments }, index) => ({
      type: 'value',
      gridIndex: index,
      max: Math.ceil((moments.at(-1)?.ms ?? 0) / 1000),
      name: 'seconds',
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: FAINT },
      axisLabel: { color: FAINT },
      splitLine: { show: false },
    })),
    yAxis: panels.flatMap((_, index) => [yAxis(index, 'left'), yAxis(index, 'right')]),
    series: panels.flatMap(({ one, moments }, index) => series(one, moments, index)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const titleOf = ({ flowCase }: Measured) => TITLES[flowCase.name] ?? flowCase.title;

/** A number with one digit that counts, not below `value`, so that an axis ends with a label. */
function niceAbove(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return Math.ceil(value / unit) * unit;
}

const title = (text: string, left: number, top: number, fontSize: number) => ({
  text,
  left,
  top,
  padding: 0,
  textStyle: { fontSize, color: TEXT },
});

const yAxis = (gridIndex: number, position: 'left' | 'right') => ({
  type: 'value',
  gridIndex,
  position,
  min: 0,
  // Room for the highest point.
  max: ({ max }: { max: number }) => niceAbove(max * 1.1),
  axisLabel: { color: position === 'left' ? IN_FLIGHT : FAINT },
  splitLine: { show: false },
});

function series({ flowCase }: Measured, moments: Moment[], panel: number): object[] {
  const axes = (right: boolean) => ({ xAxisIndex: panel, yAxisIndex: 2 * panel + (right ? 1 : 0) });
  const points = (of: (moment: Moment) => number) =>
    moments.map((moment) => [moment.ms / 1000, of(moment)]);
  const taken = flowCase.capacity.concurrencyTarget;
  return [
    {
      name: 'answers a second',
      type: 'line',
      ...axes(true),
      data: points(({ answers }) => answers),
      showSymbol: false,
      step: 'start',
      lineStyle: { width: 0 },
      areaStyle: { color: ANSWERS, opacity: 0.6 },
      itemStyle: { color: ANSWERS },
    },
    {
      name: 'in flight',
      type: 'line',
      ...axes(false),
      data: points(({ inFlight }) => inFlight),
      showSymbol: false,
      lineStyle: { color: IN_FLIGHT, width: 2 },
      itemStyle: { color: IN_FLIGHT },
      markLine: {
        silent: true,
        symbol: 'none',
        data: [{ yAxis: taken }],
        lineStyle: { color: FAINT, type: 'dashed' },
        label: { show: false },
      },
    },
    {
      name: 'refused',
      type: 'scatter',
      ...axes(false),
      data: moments
        .filter(({ refused }) => refused > 0)
        .map(({ ms, inFlight }) => [ms / 1000, inFlight]),
      symbolSize: 7,
      itemStyle: { color: REFUSED },
    },
  ];
}
