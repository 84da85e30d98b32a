import { setupLine } from '../shared/benchmark';
import { figure, median, roundCounts, table, times } from '../shared/figures';
import { FORMER_DEFAULT } from './cases';
import {
  bestNumber,
  type By,
  leastMs,
  type Measured,
  measuredCases,
  medianOf,
  perSecond,
  runsBy,
} from './summary';
import type { FlowResults, FlowRun } from './types';

const percent = (part: number) => (Number.isFinite(part) ? `${(part * 100).toFixed(0)} %` : '–');
const ratio = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : '–');
const FIRST: By = { turn: 1 };
const SECOND: By = { turn: 2 };

/** Returns the section of `RESULTS.md` about how many requests are in flight if nothing is set. */
export function flowSection(results: FlowResults): string {
  const cases = measuredCases(results);
  const [first] = cases;
  if (!first) return '## In flight, with nothing set';
  const withNumber = cases.filter(
    ({ flowCase }) =>
      !flowCase.limit &&
      flowCase.contenders.some(({ caller, fixed }) => {
        return caller === 'node' && fixed === undefined;
      }),
  );
  const limited = cases.filter(({ flowCase }) => flowCase.limit);
  const both = cases.filter(({ flowCase }) =>
    flowCase.contenders.every(({ fixed }) => fixed !== undefined),
  );
  const parts = [
    '## In flight, with nothing set',
    `The node finds _Max Concurrency_ itself, in n8n-core's engine. ${setupLine(first.measured)}.`,
    '![Requests in flight and answers a second over time](flow.svg)',
    ...(withNumber.length > 0 ? [comparison(withNumber), numbers(withNumber)] : []),
    ...withNumber.flatMap((one) => [...sharing(one), ...following(one)]),
    ...(limited.length > 0 ? [limits(limited)] : []),
    ...(both.length > 0 ? [beforeAndNow(both)] : []),
    load(cases),
  ];
  return parts.join('\n\n');
}

function comparison(cases: Measured[]): string {
  const head = [
    'Answers a second',
    'Nothing set, first run',
    'Second run',
    `Fixed ${FORMER_DEFAULT}`,
    'Best fixed number',
    'HTTP Request',
    `First run against ${FORMER_DEFAULT}`,
    'Second run against best',
    'Against HTTP Request',
  ];
  const rows = cases.map((one) => {
    const best = bestNumber(one);
    const [firstRun, secondRun] = [perSecond(one, FIRST), perSecond(one, SECOND)];
    const former = perSecond(one, { fixed: FORMER_DEFAULT });
    return [
      one.flowCase.title,
      figure(firstRun),
      figure(secondRun),
      figure(former),
      best ? `${figure(best.perSecond)} (${best.fixed})` : '–',
      figure(perSecond(one, { caller: 'httpRequest' })),
      times(firstRun / former),
      ratio(secondRun / (best?.perSecond ?? NaN)),
      times(secondRun / perSecond(one, { caller: 'httpRequest' })),
    ];
  });
  return table(head, rows);
}

/** What it meant for the deployment: its queue and its refusals. */
function numbers(cases: Measured[]): string {
  const rows = cases.flatMap((one) => {
    const best = bestNumber(one)?.fixed;
    const contenders: Array<[string, By]> = [
      ['nothing set, first run', FIRST],
      ['nothing set, second run', SECOND],
      ...[...new Set([FORMER_DEFAULT, best, 256])]
        .filter((fixed) => fixed !== undefined)
        .map((fixed): [string, By] => [`fixed ${fixed}`, { fixed }]),
      ['HTTP Request', { caller: 'httpRequest' }],
    ];
    return contenders
      .filter(([, by]) => runsBy(one, by).length > 0)
      .map(([name, by]) => {
        const { items, executions = 1 } = one.flowCase;
        return [
          one.flowCase.title,
          name,
          figure(medianOf(one, by, ({ waited }) => waited)),
          percent(medianOf(one, by, ({ refused, sent }) => refused / sent)),
          percent(medianOf(one, by, ({ answered }) => answered / (items * executions))),
        ];
      });
  });
  const head = ['At', 'By', '9 of 10 waited, ms', 'Refused', 'Items answered'];
  return (
    'How long nine of ten requests waited at most in the queue of the deployment, how many ' +
    `requests were refused, and how many items came through:\n\n${table(head, rows)}`
  );
}

function sharing(one: Measured): string[] {
  if ((one.flowCase.executions ?? 1) === 1) return [];
  const shares = [FIRST, SECOND].map((by) => smallestShareOf(runsBy(one, by)));
  return [
    `Of ${one.flowCase.title}: the execution with fewer answers got ${percent(shares[0] ?? NaN)} ` +
      `of them on the first run and ${percent(shares[1] ?? NaN)} on the second, while both had ` +
      'work. That is the worst of all rounds.',
  ];
}

const smallestShareOf = (runs: FlowRun[]) =>
  Math.min(...runs.map(({ smallestShare = NaN }) => smallestShare));

function following(one: Measured): string[] {
  const { change, title } = one.flowCase;
  if (!change) return [];
  const seconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1000).toFixed(1));
  const all = runsBy(one, FIRST).map(({ followedMs }) => seconds(followedMs));
  return [
    `Of ${title}: with nothing set the deployment gave three quarters of what it then could ` +
      `after ${all.join(' and ')} s.`,
  ];
}

function limits(cases: Measured[]): string {
  const head = [
    'At',
    'By',
    'Answered',
    'Minutes',
    'Of the limit',
    'Refused',
    'Second key beside, against alone',
  ];
  const rows = cases.flatMap(({ flowCase, measured }) =>
    measured.runs.map((run) => [
      flowCase.title,
      nameOf(run),
      String(run.answered),
      (run.ms / 60_000).toFixed(1),
      percent(leastMs(flowCase.limit!, run.answered) / run.ms),
      percent(run.refused / run.sent),
      run.secondKey ? ratio(run.secondKey.beside / run.secondKey.alone) : '–',
    ]),
  );
  return (
    'A key with a limit, and 400 requests with a second key in the middle of it. ' +
    'What goes on for more than five minutes is stopped.\n\n' +
    table(head, rows)
  );
}

function nameOf({ caller, fixed }: FlowRun): string {
  const how = fixed === undefined ? 'nothing set' : `fixed ${fixed}`;
  return caller === 'before' ? `${how}, before` : how;
}

function beforeAndNow(cases: Measured[]): string {
  const rows = cases.flatMap((one) => {
    const before = perSecond(one, { caller: 'before', fixed: 16 });
    if (!Number.isFinite(before)) return [];
    const now = perSecond(one, { fixed: 16 });
    return [
      [
        one.flowCase.title,
        figure(now),
        figure(before),
        ratio(now / before),
        spread(runsBy(one, { fixed: 16 })),
        spread(runsBy(one, { caller: 'before', fixed: 16 })),
      ],
    ];
  });
  const head = ['Answers a second', 'Now', 'Before', 'Now against before', 'Now', 'Before'];
  return (
    'With a fixed number, beside the version that paced each host. The last two columns are the ' +
    `slowest and the fastest round:\n\n${table(head, rows)}`
  );
}

function spread(runs: FlowRun[]): string {
  const all = runs.map(({ answered, ms }) => (answered / ms) * 1000);
  return `${figure(Math.min(...all))} to ${figure(Math.max(...all))}`;
}

function load(cases: Measured[]): string {
  const rows = cases.map(({ flowCase, measured }) => {
    const others = measured.runs.map((run) => run.others);
    const rounds = roundCounts(
      flowCase.contenders
        .map(({ caller, fixed }) => runsBy({ flowCase, measured }, { caller, fixed }).length)
        .filter((count) => count > 0),
    );
    return [
      flowCase.title,
      rounds,
      percent(median(others)),
      percent(Math.max(...others)),
      measured.date.slice(0, 10),
    ];
  });
  const head = ['Case', 'Rounds', 'Other processes took: median', 'Most', 'Measured'];
  return `How much of the machine other processes took meanwhile:\n\n${table(head, rows)}`;
}
