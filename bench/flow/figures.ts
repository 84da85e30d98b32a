import type { SeenRequest } from '../../host/emulator/emulatorProcess';
import type { FlowCase, Moment } from './types';

/** Milliseconds of one part of a run in the chart. */
const PART_MS = 200;
/** A change is followed if the deployment gives this part of what it can, for so many ms. */
const FOLLOWED = 0.75;
const FOLLOWED_FOR_MS = 500;

const isRefused = ({ status }: SeenRequest) => status === 429 || status === 503;
const isAnswered = ({ status }: SeenRequest) => status === 200;

/** What the emulator saw of a run: requests, refusals, and how long they waited there. */
export function seenFigures(requests: SeenRequest[]) {
  const waits = requests
    .filter(({ begunAt }) => begunAt !== null)
    .map(({ receivedAt, begunAt }) => (begunAt as number) - receivedAt)
    .sort((a, b) => a - b);
  return {
    sent: requests.length,
    refused: requests.filter(isRefused).length,
    waited: waits[Math.floor(waits.length * 0.9)] ?? 0,
  };
}

/** The parts of a run, one after the other. */
export function momentsOf(requests: SeenRequest[]): Moment[] {
  const start = Math.min(...requests.map(({ receivedAt }) => receivedAt));
  const end = Math.max(...requests.map(({ endedAt }) => endedAt ?? 0));
  const moments = Array.from({ length: Math.ceil((end - start + 1) / PART_MS) }, (_, part) => ({
    ms: part * PART_MS,
    inFlight: 0,
    answers: 0,
    refused: 0,
  }));
  for (const request of requests) {
    const [from, to] = [request.receivedAt - start, (request.endedAt ?? end) - start];
    for (const moment of moments) {
      const here = Math.min(to, moment.ms + PART_MS) - Math.max(from, moment.ms);
      if (here > 0) moment.inFlight += here / PART_MS;
    }
    const last = moments[Math.floor(to / PART_MS)];
    if (!last) continue;
    if (isAnswered(request)) last.answers += 1000 / PART_MS;
    else if (isRefused(request)) last.refused += 1;
  }
  return moments.map((moment) => ({ ...moment, inFlight: Math.round(moment.inFlight * 10) / 10 }));
}

/**
 * The part of answers that the execution with the fewest got while all of them had work. Their
 * items are numbered through.
 */
export function smallestShare(
  requests: SeenRequest[],
  { items, executions = 1 }: FlowCase,
): number | undefined {
  if (executions === 1) return undefined;
  const ends = Array.from({ length: executions }, (): number[] => []);
  for (const { body, endedAt } of requests.filter(isAnswered)) {
    const { n } = JSON.parse(body) as { n: number };
    ends[Math.floor(n / items)]?.push(endedAt ?? 0);
  }
  const until = Math.min(...ends.map((one) => Math.max(...one)));
  const counts = ends.map((one) => one.filter((end) => end <= until).length);
  return Math.min(...counts) / counts.reduce((sum, count) => sum + count, 0);
}

/** Milliseconds from a change of the deployment until it gave most of what it then could. */
export function followedMs(
  requests: SeenRequest[],
  changedAt: number | undefined,
  perSecond: number,
): number | undefined {
  if (changedAt === undefined) return undefined;
  const ends = requests.filter(isAnswered).map(({ endedAt }) => endedAt ?? 0);
  const needed = (FOLLOWED * perSecond * FOLLOWED_FOR_MS) / 1000;
  const last = Math.max(...ends);
  for (let from = changedAt; from + FOLLOWED_FOR_MS <= last; from += 50) {
    const count = ends.filter((end) => end > from && end <= from + FOLLOWED_FOR_MS).length;
    if (count >= needed) return from + FOLLOWED_FOR_MS - changedAt;
  }
  return undefined;
}
