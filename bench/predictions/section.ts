import { setupLine } from '../shared/benchmark';
import { figure, roundCounts, skippedLines, table, thousands, times } from '../shared/figures';
import {
  callersUnder,
  conditionName,
  CONDITIONS,
  conditionOf,
  fullName,
  IN_FLIGHT,
  limitPerSecond,
} from './callers';
import { advantage, callerFigures, isMeasured } from './summary';
import type { CallerId, Condition, Place, PredictionResults } from './types';

const PLACES: Array<{ place: Place; name: string }> = [
  { place: 'engine', name: "n8n-core's engine" },
  { place: 'n8n', name: 'real n8n' },
];
const OTHERS: Array<{ caller: CallerId; name: string }> = [
  { caller: 'httpRequest', name: 'HTTP Request, all at once' },
  { caller: 'httpRequestBatches', name: 'HTTP Request, batches' },
  { caller: 'loop', name: 'awaiting loop' },
  { caller: 'nodeOverN8n', name: "n8n's HTTP client" },
];

/** A condition that was measured at a place. */
interface MeasuredCondition {
  place: Place;
  placeName: string;
  condition: Condition;
}

/** Returns the section of `RESULTS.md` about predictions: ratios first. */
export function predictionsSection(results: PredictionResults): string {
  const { n8n, n8nNode, inFlight, rounds, skipped, ceiling } = results;
  // What there was no time for is named at the end of the section.
  const measured = PLACES.flatMap(({ place, name: placeName }) =>
    CONDITIONS.map((condition) => ({ place, placeName, condition })),
  ).filter(({ place, condition }) => isMeasured(results, place, condition));
  const counts = measured.map(
    ({ place, condition }) => callerFigures(results, place, condition, 'node').rounds,
  );
  const near = measured.filter(({ condition }) => condition.eachWayMs === 0);
  const far = measured.filter(({ condition }) => condition.eachWayMs > 0);
  const [someFar] = CONDITIONS.filter(({ eachWayMs }) => eachWayMs > 0) as [Condition];
  return [
    '## Predictions',
    `${inFlight} in flight if that can be chosen. ${rounds.length} runs, medians of ` +
      `${roundCounts(counts)} rounds. Real n8n is ${n8n} on Node ${n8nNode}. ` +
      `${setupLine(results)}.`,
    '### This node against the others',
    ratios(results, near),
    '### With a delay on the way: what reusing connections buys',
    `A delay of ${someFar.eachWayMs} ms in each direction. The loop makes ` +
      `${conditionOf('loop', someFar).items} predictions here.`,
    ratios(results, far),
    '### How far bare `undici` is ahead of `fetch`',
    undiciAndFetch(results),
    '### Figures',
    `The emulator answers up to ${thousands(ceiling)} predictions/s when two \`undici\` ` +
      'processes call it. _CPU_ is in ms for each prediction.',
    ...measured.map((one) => figures(results, one)),
    ...skippedLines(skipped),
  ].join('\n\n');
}

function ratios(results: PredictionResults, measured: MeasuredCondition[]): string {
  const rows = measured.map(({ place, placeName, condition }) => {
    const { perSecond } = callerFigures(results, place, condition, 'node');
    const limit = limitPerSecond(condition);
    const { cpu } = advantage(results, place, condition, 'nodeOverN8n');
    return [
      placeName,
      conditionName(condition),
      Number.isFinite(limit) ? (perSecond / limit).toFixed(2) : '–',
      ...OTHERS.map(({ caller }) => times(advantage(results, place, condition, caller).faster)),
      Number.isFinite(cpu) ? `${(cpu * 100).toFixed(0)} %` : '–',
    ];
  });
  const others = OTHERS.map(({ name }) => `Faster than ${name}`);
  const head = ['In', 'Predictions', 'Of the limit', ...others, "CPU against n8n's HTTP client"];
  return table(head, rows);
}

function undiciAndFetch(results: PredictionResults): string {
  const busiest = { items: 2000, modelMs: 0, eachWayMs: 0 };
  const undici = callerFigures(results, 'engine', busiest, 'undici');
  const fetch = callerFigures(results, 'engine', busiest, 'fetch');
  return (
    `At 2,000 predictions of 0 ms a \`Pool\` of undici makes ${figure(undici.perSecond)} ` +
    `predictions/s and \`fetch\` ${figure(fetch.perSecond)}: ` +
    `${times(undici.perSecond / fetch.perSecond)}. Each costs ${undici.cpuMs.toFixed(2)} ms of ` +
    `CPU against ${fetch.cpuMs.toFixed(2)} ms, so \`fetch\` is behind because of its work, not ` +
    `because it waits. Beginning without connections, the Pool opened ` +
    `${figure(undici.connections)} and \`fetch\` ${figure(fetch.connections)} with ` +
    `${IN_FLIGHT} in flight. ` +
    '[Where that comes from](../docs/benchmark.md#why-fetch-is-behind-undici).'
  );
}

function figures(
  results: PredictionResults,
  { place, placeName, condition }: MeasuredCondition,
): string {
  const rows = callersUnder(condition, place)
    .filter(({ id }) => id !== 'nothing')
    .map((caller) => ({
      caller,
      of: callerFigures(results, place, condition, caller.id),
    }))
    .filter(({ of }) => of.rounds > 0)
    .map(({ caller, of }) => {
      return [
        fullName(caller),
        figure(of.perSecond),
        of.cpuMs.toFixed(2),
        of.emulatorCpuMs.toFixed(2),
        figure(of.connections),
        figure(of.peakInFlight),
      ];
    });
  const limit = limitPerSecond(condition);
  if (Number.isFinite(limit)) rows.push(['the limit', figure(limit), '', '', '', '']);
  const head = ['By', 'Predictions/s', 'CPU', "Emulator's CPU", 'Connections', 'Most in flight'];
  return `**${conditionName(condition)}, ${placeName}**\n\n${table(head, rows)}`;
}
