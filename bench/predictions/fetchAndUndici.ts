import { figure, times } from '../shared/markdown';
import { cell } from './summary';
import type { PredictionResults } from './types';
import { IN_FLIGHT } from './ways';

const BUSIEST = { items: 2000, modelMs: 0, eachWayMs: 0 };

/** How far apart the two were measured to be, and where that comes from. */
export function fetchAndUndici(results: PredictionResults): string {
  const [undici, fetch] = [
    cell(results, 'engine', BUSIEST, 'undici'),
    cell(results, 'engine', BUSIEST, 'fetch'),
  ];
  return [
    `At 2,000 predictions of 0 ms a \`Pool\` of undici makes ${figure(undici.perSecond)} predictions/s and \`fetch\` ` +
      `${figure(fetch.perSecond)}: ${times(undici.perSecond / fetch.perSecond)}. Each costs ${undici.cpuMs.toFixed(2)} ms of CPU ` +
      `against ${fetch.cpuMs.toFixed(2)} ms, so what keeps \`fetch\` behind is work, not waiting.`,
    'Node’s `fetch` is undici underneath, with the same parser and the same kind of sockets. What it adds is the Fetch Standard. ' +
      'For each request it makes a `Request`, a `Response` and their `Headers`, checks them by Web IDL, and ties an `AbortSignal` to ' +
      'each; the answer’s bytes go through a web `ReadableStream`, whose every step is a promise, and the request’s body leaves through an ' +
      'async generator. In a CPU profile (`--cpu-prof`, 9,000 predictions) a third of the time of ' +
      '`fetch` was in that code (undici’s `lib/web`, Node’s web streams and transferables) and a tenth in collecting garbage, which ' +
      'took the Pool a thirtieth.',
    `Beginning without connections, the Pool opened ${figure(undici.connections)} and \`fetch\` ${figure(fetch.connections)} with ` +
      `${IN_FLIGHT} in flight. undici leaves a connection idle for one turn of the event loop after an answer. A request that follows at once ` +
      'waits for that in a Pool with a limit; behind `fetch` is one without, which opens another connection instead.',
    'A node can’t bring undici along (verified packages have no dependencies) and can’t set the dispatcher of `fetch`, which all of n8n ' +
      'shares; `fetch` is the fastest client that is there on every host.',
  ].join('\n\n');
}
