import type { Concurrency } from '../../nodes/shared/http/flow/concurrency';
import type { Asking, Queue } from '../../nodes/shared/http/flow/queue';
import type { Simulation } from './simulation';
import type { SimulatedDeployment } from './simulatedDeployment';

/** Items that one run sends to a simulated deployment. */
export interface SimulatedRun {
  time: Simulation;
  queue: Queue;
  deployment: SimulatedDeployment;
  items: number;
  /** Finds out how many may be in flight. */
  level?: Concurrency;
  /** How many are, if nothing finds out. */
  fixed?: number;
  /** Other settings of its requests. */
  asking?: Partial<Asking>;
  /** Is called with the answers so far. */
  onAnswer?(answers: number): void;
}

/** What came of a run. */
export interface SimulatedResult {
  /** Milliseconds from its begin to its end. */
  took: number;
  /** Requests that were sent. */
  sent: number;
  /** Those of them that were refused. */
  refused: number;
  /** Items that were refused four times. */
  failed: number;
  /** When each request was sent, from the begin of the run. */
  sentAt: number[];
}

const MOST_REPEATS = 3;

/** Sends all items of a run, each up to four times, as the client does. */
export async function sendAll(run: SimulatedRun): Promise<SimulatedResult> {
  const { time, queue, deployment, items, level, fixed = 8 } = run;
  const begun = time.elapsed();
  const result: SimulatedResult = { took: 0, sent: 0, refused: 0, failed: 0, sentAt: [] };
  const asking: Asking = {
    run: result,
    deployment: level,
    requestsPerMinute: 0,
    tokensPerMinute: 0,
    tokens: 0,
    ...run.asking,
  };
  let next = 0;
  let answers = 0;
  let underWay = 0;
  let backingOff = 0;
  const places = () => (level ? Math.max(8, level.level) + backingOff : fixed);

  async function sendOne(): Promise<void> {
    for (let attempt = 0; attempt <= MOST_REPEATS; attempt++) {
      const turn = await queue.turn(asking);
      result.sent++;
      result.sentAt.push(time.elapsed() - begun);
      const { status, retryAfter } = await deployment.request();
      if (status === 200) {
        turn.end('answered');
        run.onAnswer?.(++answers);
        return;
      }
      turn.end({ refused: status, pause: retryAfter });
      result.refused++;
      backingOff++;
      await time.wait(Math.max(retryAfter ?? 0, 500 * 2 ** attempt * (0.5 + time.random() / 2)));
      backingOff--;
    }
    result.failed++;
  }

  await new Promise<void>((resolve) => {
    const start = () => {
      while (underWay < places() && next < items) {
        next++;
        underWay++;
        void sendOne().then(() => {
          underWay--;
          start();
        });
      }
      if (underWay === 0) resolve();
    };
    start();
  });
  result.took = time.elapsed() - begun;
  return result;
}
