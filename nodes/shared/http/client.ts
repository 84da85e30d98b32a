// Decisions: docs/decisions.md, "Retries live in the client".

import { addresseeOf } from '../connection/area';
import type { Connection } from '../connection/connection';
import { hostOf } from '../connection/hostOf';
import { nameOfKey } from '../connection/nameOfKey';
import { Attempt, isResponse, readResponse, readStream, type Failed } from './attempt';
import type { Asking, Queue } from './flow/queue';
import { NO_LIMITS, RunFlow } from './flow/runFlow';
import { hedged } from './hedge';
import type { BasetenRequest, Client, SendOptions } from './request';
import { endingOf, isRefusal, pauseAfter } from './retries';
import { PROCESS_STATE, type HttpState } from './state';
import type { BodySource, HttpContext, ResponseHead } from './wire';

export type { BodySource, HttpContext, ResponseHead };
export type {
  BasetenRequest,
  BasetenResponse,
  BasetenStream,
  Body,
  Client,
  SendOptions,
} from './request';

/** What a request falls under: a rate limit, and the level of a deployment. */
interface Names {
  url: string;
  model?: string;
  whose: 'call' | 'management';
  queue: string;
  deployment?: string;
}

/**
 * Makes the one door to Baseten: it adds the key and sees to timeout, retries, rate limits and
 * abort.
 * @param context n8n's context, whose HTTP client carries what `fetch` can't
 * @param connection the key, and how requests leave this n8n
 * @param state what all requests of this process share
 */
export function createClient(
  context: HttpContext,
  connection: Connection,
  state: HttpState = PROCESS_STATE,
): Client {
  const { time } = state;
  const keys = {
    call: nameOfKey(connection.apiKey),
    management: nameOfKey(connection.managementKey),
  };
  const ownFlow = new RunFlow({ ...NO_LIMITS, maxConcurrency: 1 });

  let last: Names | undefined;

  /** Names what a request falls under. Those of a run have the same names as a rule. */
  function namesOf({ url, model, key: given }: BasetenRequest): Names {
    const whose = given ?? 'call';
    if (last?.url === url && last.model === model && last.whose === whose) return last;
    const { limited, deployment } = addresseeOf(connection.endpoints, url, model);
    const queue = `${keys[whose]} ${hostOf(url)} ${limited}`;
    last = { url, model, whose, queue, deployment: deployment && `${queue} ${deployment}` };
    return last;
  }

  /** Finds out where a request waits for its turn, and what limits it. */
  function placeOf(request: BasetenRequest, flow: RunFlow): { queue: Queue; asking: Asking } {
    const names = namesOf(request);
    const queue = state.queues.of(names.queue);
    if (request.knownLimits) queue.known.tell(request.knownLimits);
    const asking: Asking = { ...flow.limits, run: flow, tokens: request.tokens?.guess ?? 0 };
    if (names.deployment !== undefined && flow.isAutomatic) {
      asking.deployment = state.deployments.of(names.deployment);
      flow.uses(asking.deployment);
    }
    return { queue, asking };
  }

  async function withRetries<Response extends { body: unknown }>(
    request: BasetenRequest,
    options: SendOptions,
    read: (attempt: Attempt) => Promise<Response | Failed>,
  ): Promise<Response> {
    const { signal, hedge, flow = ownFlow } = options;
    for (let attempt = 0; ; attempt++) {
      const { queue, asking } = placeOf(request, flow);
      const turn = await queue.turn(asking, signal);
      if (request.tokens) request.tokens.onTold = (tokens) => turn.cost(tokens);
      const settings = { context, connection, request, options, state, turn };
      const attemptOnce = async (stop?: AbortSignal) =>
        await read(new Attempt({ ...settings, stop }));
      const result = await (
        hedge ? hedged(attemptOnce, isResponse, hedge, time) : attemptOnce()
      ).catch((error: unknown) => {
        turn.end('unknown');
        throw error;
      });
      if (isResponse(result)) {
        flow.answered(time.elapsed());
        if (Buffer.isBuffer(result.body)) turn.end('answered');
        return { ...result, attempts: attempt + 1 };
      }
      const { failure } = result as Failed;
      turn.end(endingOf(failure));
      const pause = pauseAfter(failure, attempt, time);
      if (pause === undefined || attempt >= options.maxRetries) throw failure;
      if (isRefusal(failure)) flow.refused(time.elapsed());
      await flow.whileBackingOff(time.wait(pause, signal));
      signal?.throwIfAborted();
    }
  }

  return {
    send: async (request, options) => await withRetries(request, options, readResponse),
    stream: async (request, options, isStreamed) =>
      await withRetries(
        request,
        options,
        async (attempt) => await readStream(attempt, isStreamed, request.heldBytes),
      ),
  };
}
