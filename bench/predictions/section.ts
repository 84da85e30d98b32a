import { setupLine } from '../shared/machine';
import { figure, table, thousands, times } from '../shared/markdown';
import { fetchAndUndici } from './fetchAndUndici';
import { advantage, cell, isMeasured, limitPerSecond } from './summary';
import type { Condition, Place, PredictionResults, WayId } from './types';
import { conditionName, CONDITIONS, conditionOf, WARM_UP, waysUnder } from './ways';

const PLACES: Array<{ place: Place; name: string }> = [
  { place: 'engine', name: "n8n-core's engine" },
  { place: 'n8n', name: 'real n8n' },
];
const OTHERS: Array<{ way: WayId; name: string }> = [
  { way: 'httpRequest', name: 'HTTP Request, all at once' },
  { way: 'httpRequestBatches', name: 'HTTP Request, batches' },
  { way: 'loop', name: 'awaiting loop' },
  { way: 'nodeOverN8n', name: "n8n's HTTP client" },
];

/** The part of `RESULTS.md` about predictions: ratios first. */
export function predictionsSection(results: PredictionResults): string {
  const { n8n, n8nNode, inFlight, rounds, skipped, ceiling } = results;
  const measured = PLACES.flatMap(({ place, name }) =>
    CONDITIONS.filter((condition) => isMeasured(results, place, condition)).map((condition) => ({
      place,
      name,
      condition,
    })),
  );
  const counts = [
    ...new Set(
      measured.map(({ place, condition }) => cell(results, place, condition, 'node').rounds),
    ),
  ];
  const near = CONDITIONS.filter(({ eachWayMs }) => eachWayMs === 0);
  const far = CONDITIONS.filter(({ eachWayMs }) => eachWayMs > 0);
  const parts = [
    '## Predictions',
    `Over TLS on loopback, the emulator in a process of its own, ${inFlight} in flight where that can be chosen; every way has made ` +
      `${thousands(WARM_UP.items)} predictions before, and every round begins without open connections. ${rounds.length} runs, ` +
      `interleaved, medians of ${counts.sort((a, b) => a - b).join(' to ')} rounds. ` +
      `In n8n-core's engine each way has its own process; real n8n is ${n8n} on Node ${n8nNode} with its default settings, all ` +
      `nodes in one instance. ${setupLine(results)}.`,
    `The limit is items × latency ÷ ${inFlight}. *HTTP Request, all at once* is that node's default: it doesn't limit what is in ` +
      `flight. In *batches* it sends ${inFlight} and pauses until they are answered (the model's time and three round trips, at ` +
      "least 1 ms). The *awaiting loop* awaits each item through n8n's HTTP client. *n8n's HTTP client* is this node " +
      'with *Connection* set to it. The performance client trusts no certificate that it is not built with, so it is measured over HTTP/2 ' +
      'without TLS, which spares it the encryption.',
    '### This node against the others',
    ratios(results, near),
    '### With a delay on the way: what reusing connections buys',
    `A proxy of ours in its own process holds all bytes back by ${far[0]?.eachWayMs} ms in each direction; opening a connection ` +
      `takes a round trip too. The loop makes ${conditionOf('loop', far[0] as Condition).items} predictions here.`,
    ratios(results, far),
    '### How far bare `undici` is ahead of `fetch`, and why',
    fetchAndUndici(results),
    '### Figures',
    `The emulator answers up to ${thousands(ceiling)} predictions/s when two \`undici\` processes call it. *CPU* is that of the ` +
      'process that makes the predictions, in ms for each; in real n8n without what the same workflow takes that makes no calls.',
    ...measured.map(({ place, name, condition }) => figures(results, place, name, condition)),
  ];
  if (skipped.length > 0) parts.push(`Not measured, for lack of time: ${skipped.join('; ')}.`);
  return parts.join('\n\n');
}

function ratios(results: PredictionResults, conditions: Condition[]): string {
  const rows = PLACES.flatMap(({ place, name }) =>
    // What there was no time for is named at the end of the section.
    conditions
      .filter((condition) => isMeasured(results, place, condition))
      .map((condition) => {
        const share = cell(results, place, condition, 'node').perSecond / limitPerSecond(condition);
        const client = advantage(results, place, condition, 'nodeOverN8n');
        return [
          name,
          conditionName(condition),
          condition.modelMs + condition.eachWayMs > 0 ? share.toFixed(2) : '–',
          ...OTHERS.map(({ way }) => times(advantage(results, place, condition, way).faster)),
          Number.isFinite(client.cpu) ? `${(client.cpu * 100).toFixed(0)} %` : '–',
        ];
      }),
  );
  const head = [
    'In',
    'Predictions',
    'Of the limit',
    ...OTHERS.map(({ name }) => `Faster than ${name}`),
  ];
  return table([...head, "CPU against n8n's HTTP client"], rows);
}

function figures(
  results: PredictionResults,
  place: Place,
  name: string,
  condition: Condition,
): string {
  const rows = waysUnder(condition, place)
    .filter(({ id }) => id !== 'nothing')
    .map((way) => {
      const { perSecond, cpuMs, emulatorCpuMs, connections, peakInFlight } = cell(
        results,
        place,
        condition,
        way.id,
      );
      return [
        way.isOutside ? `${way.name} (without n8n)` : way.name,
        figure(perSecond),
        cpuMs.toFixed(2),
        emulatorCpuMs.toFixed(2),
        figure(connections),
        figure(peakInFlight),
      ];
    });
  const limit = limitPerSecond(condition);
  if (Number.isFinite(limit)) rows.push(['the limit', figure(limit), '', '', '', '']);
  const head = ['Way', 'Predictions/s', 'CPU', "Emulator's CPU", 'Connections', 'Most in flight'];
  return `**${conditionName(condition)}, ${name}**\n\n${table(head, rows)}`;
}
