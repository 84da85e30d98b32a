import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock';
import { isObject } from '../models/model';
import { keyOf } from './auth';
import { type RequestMatch, matches } from './match';
import { BucketCount, RateLimit, WindowCount } from './rateLimit';
import type { PausePlace } from './refusal';

/** A limit of requests a minute. Each key is counted on its own. */
export interface RequestLimit {
  /** Which requests count: all by default. */
  match?: RequestMatch;
  /** The key that is limited: every key by default. */
  key?: string;
  /** The slug of a Model API: the `model` of the request's body. */
  model?: string;
  /** Requests in any minute. */
  perMinute: number;
  /**
   * With it requests are let through at even distances, and so many may come at once. Without it
   * the requests of the last minute are counted, however close together they came.
   */
  burst?: number;
  /** Where the 429 says how long to wait: `header` by default. */
  pauseIn?: PausePlace;
}

/** The limits of an emulator. */
export class RequestLimits {
  private limits: Array<{ limit: RequestLimit; byKey: Map<string, RateLimit> }> = [];

  constructor(
    private readonly clock: Clock,
    limits: RequestLimit[],
  ) {
    this.set(limits);
  }

  /** Takes the place of all limits. The new ones begin to count now. */
  set(limits: RequestLimit[]): void {
    this.limits = limits.map((limit) => ({ limit, byKey: new Map() }));
  }

  /** Whether there is none, so that no request has to be looked at. */
  get isEmpty() {
    return this.limits.length === 0;
  }

  /**
   * Counts a request.
   * @param model Returns the `model` of its body.
   * @throws {Refusal} 429 if a limit that it counts for is reached.
   */
  take(method: string, path: string, key: string, model: () => unknown): void {
    for (const { limit, byKey } of this.limits) {
      if (limit.key !== undefined && limit.key !== key) continue;
      if (!matches(limit.match, method, path)) continue;
      if (limit.model !== undefined && limit.model !== model()) continue;
      let own = byKey.get(key);
      if (!own) byKey.set(key, (own = this.countOf(limit)));
      own.take();
    }
  }

  private countOf({ perMinute, burst, pauseIn }: RequestLimit): RateLimit {
    const { clock } = this;
    const count =
      burst === undefined
        ? new WindowCount(clock, perMinute, 60_000)
        : new BucketCount(clock, perMinute, burst);
    return new RateLimit(clock, count, 'requests with this key', pauseIn);
  }
}

/** Refuses requests above a limit, before they are worked on. */
export function addRequestLimits(app: FastifyInstance, limits: RequestLimits): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const { record, rawBody } = request;
    if (!record || limits.isEmpty) return done();
    const key = keyOf(request.headers.authorization) ?? '';
    try {
      limits.take(record.method, record.path, key, () => modelIn(rawBody));
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function modelIn(body: Buffer | null): unknown {
  try {
    const value: unknown = JSON.parse(body?.toString('utf8') ?? '');
    return isObject(value) ? value.model : undefined;
  } catch {
    return undefined;
  }
}
