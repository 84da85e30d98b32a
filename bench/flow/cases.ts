import type { Contender, FlowCase } from './types';

/** The numbers among which the best one is looked for. */
const NUMBERS = [8, 16, 32, 64, 128, 256];
/** The default before the node found the number itself. */
export const FORMER_DEFAULT = 8;

const NOTHING_SET: Contender = { caller: 'node', isTwice: true };
const fixed = (numbers: number[]): Contender[] =>
  numbers.map((number) => ({ caller: 'node', fixed: number }));
const evenly = (medianMs: number) => ({ medianMs, sigma: 0 });

/** A wide, a narrow and a limited deployment: their first runs are drawn. */
export const DRAWN = ['wide', 'narrow', 'refuses'];

/** Everything that is measured, in the order of the table. */
export const CASES: FlowCase[] = [
  {
    name: 'wide',
    title: '600 × 100 ms, a deployment that takes 64 at once',
    items: 600,
    capacity: { concurrencyTarget: 64, serviceTime: evenly(100) },
    contenders: [NOTHING_SET, ...fixed(NUMBERS)],
  },
  {
    name: 'wide200',
    title: '200 × 100 ms, a deployment that takes 64 at once',
    items: 200,
    capacity: { concurrencyTarget: 64, serviceTime: evenly(100) },
    contenders: [NOTHING_SET, { caller: 'httpRequest' }, ...fixed(NUMBERS)],
  },
  {
    name: 'narrow',
    title: '200 × 50 ms, a deployment that takes 4 at once',
    items: 200,
    capacity: { concurrencyTarget: 4, serviceTime: evenly(50) },
    contenders: [NOTHING_SET, ...fixed(NUMBERS)],
  },
  {
    name: 'refuses',
    title: '300 × 50 ms, a deployment that refuses above 8',
    items: 300,
    capacity: {
      concurrencyTarget: 8,
      serviceTime: evenly(50),
      maxInFlight: 8,
      refusal: { status: 429, retryAfter: 1, pauseIn: 'header' },
    },
    contenders: [NOTHING_SET, ...fixed(NUMBERS)],
    rounds: 3,
    isIsolated: true,
  },
  ...limited('limit', 'counted over the last minute'),
  ...limited('limitEvenly', 'let through at even distances', 10),
  {
    name: 'sideBySide',
    title: 'two executions of 600 × 100 ms, a deployment that takes 32 at once',
    items: 600,
    executions: 2,
    capacity: { concurrencyTarget: 32, serviceTime: evenly(100) },
    contenders: [NOTHING_SET, ...fixed(NUMBERS)],
    rounds: 3,
  },
  {
    name: 'varying',
    title: '600 requests of 100 ms, lognormal with sigma 0.8, a deployment that takes 32 at once',
    items: 600,
    capacity: { concurrencyTarget: 32, serviceTime: { medianMs: 100, sigma: 0.8 } },
    contenders: [NOTHING_SET, ...fixed(NUMBERS)],
  },
  {
    name: 'grows',
    title: '3,000 × 100 ms, a deployment that takes 16 at once, after 6 s 32',
    items: 3000,
    capacity: { concurrencyTarget: 16, serviceTime: evenly(100), maxReplica: 2, wakeMs: 0 },
    change: { afterSeconds: 6, capacity: { minReplica: 2 }, perSecond: 320 },
    contenders: [{ caller: 'node' }, ...fixed([8, 16, 32, 64])],
    rounds: 2,
  },
  {
    name: 'busy',
    title: '2,000 × 0 ms, 16 at once',
    items: 2000,
    capacity: {},
    contenders: [
      { caller: 'node', fixed: 16 },
      { caller: 'before', fixed: 16 },
    ],
    rounds: 10,
  },
  {
    name: 'busy100',
    title: '200 × 100 ms, 16 at once',
    items: 200,
    capacity: { serviceTime: evenly(100) },
    contenders: [
      { caller: 'node', fixed: 16 },
      { caller: 'before', fixed: 16 },
    ],
    rounds: 10,
  },
];

/** A limit of 120 requests a minute for one key, while a second one has none. */
function limited(name: string, how: string, burst?: number): FlowCase[] {
  return [
    {
      name,
      title: `400 × 50 ms, at most 120 requests a minute for the key, ${how}`,
      items: 400,
      capacity: { serviceTime: evenly(50) },
      limit: { perMinute: 120, burst },
      contenders: [
        { caller: 'node' },
        ...fixed([FORMER_DEFAULT, 64]),
        { caller: 'before', fixed: FORMER_DEFAULT },
      ],
      rounds: 1,
      isIsolated: true,
    },
  ];
}
