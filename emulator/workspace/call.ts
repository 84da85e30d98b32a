import { Readable } from 'node:stream';
import type { Clock } from '../clock';
import { mediaType, parseForm } from '../http/body';
import type { Deployment } from './deployment';
import { BasetenError } from '../http/refusal';
import type { FormPart, Handler, ModelAnswer, ModelCall } from '../models/model';
import type { EmulatorState } from '../state';

/** What a model call is made of. */
export interface CallSource {
  method: string;
  route: string;
  /** Without the question mark. */
  search?: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  attempt?: number;
  /** Registers what to do when the caller goes away. */
  onGone?: (callback: () => void) => void;
}

class Call implements ModelCall {
  readonly contentType: string;
  readonly attempt: number;

  constructor(
    private readonly source: CallSource,
    readonly clock: Clock,
    private readonly lifetime: CallLifetime,
  ) {
    this.contentType = mediaType(source.headers['content-type'] as string | undefined);
    this.attempt = source.attempt ?? 1;
  }

  get signal() {
    return this.lifetime.signal;
  }

  get method() {
    return this.source.method;
  }

  get route() {
    return this.source.route;
  }

  get headers() {
    return this.source.headers;
  }

  get body() {
    return this.source.body;
  }

  get query() {
    return new URLSearchParams(this.source.search ?? '');
  }

  json(): unknown {
    return JSON.parse(this.source.body.toString('utf8'));
  }

  form(): Promise<FormPart[]> {
    return parseForm(
      this.source.body,
      (this.source.headers['content-type'] as string | undefined) ?? '',
    );
  }
}

/**
 * Runs a model (a Model API has no deployment): holds the call until the deployment has a replica, then asks
 * the handler. Throws 504 after `limitMs`, 500 where the handler throws, 404 for a development deployment at
 * zero.
 */
export async function runHandler(
  state: EmulatorState,
  deployment: Deployment | undefined,
  handler: Handler,
  source: CallSource,
  limitMs: number,
): Promise<ModelAnswer> {
  const held = deployment?.ready();
  const lifetime = new CallLifetime(state, source);
  const call = new Call(source, state.clock, lifetime);
  deployment?.enter();
  let answer: ModelAnswer | undefined;
  try {
    const asked = held ? held.then(() => handler(call)) : handler(call);
    // The quick way for a model that answers at once, which is what benchmarks call: no timer, no signal.
    answer = asked instanceof Promise ? await within(asked, state, lifetime, limitMs) : asked;
    return answer;
  } catch (error) {
    throw asBasetenError(error);
  } finally {
    deployment?.leave();
    if (answer?.body instanceof Readable) answer.body.once('close', () => lifetime.end());
    else lifetime.end();
  }
}

/** The signal of one call, made only where somebody asks for it. */
class CallLifetime {
  private controller: AbortController | undefined;

  constructor(
    private readonly state: EmulatorState,
    private readonly source: CallSource,
  ) {}

  get signal(): AbortSignal {
    if (!this.controller) {
      const controller = this.state.lifetimes.begin();
      this.source.onGone?.(() => controller.abort());
      this.controller = controller;
    }
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.controller?.abort(reason);
  }

  end(): void {
    if (this.controller) this.state.lifetimes.end(this.controller);
  }
}

/** The answer, unless the time limit passes, the caller leaves or the emulator closes first. */
async function within<T>(
  answer: Promise<T>,
  state: EmulatorState,
  lifetime: CallLifetime,
  limitMs: number,
): Promise<T> {
  const done = new AbortController();
  const { signal } = lifetime;
  const stop = () => done.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const tooLate = state.clock.sleep(limitMs, done.signal).then(() => {
    const error = new BasetenError(
      504,
      'timeout',
      `The model did not answer within ${limitMs / 1000} s.`,
    );
    lifetime.abort(error);
    throw error;
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    answer.catch(() => undefined);
    tooLate.catch(() => undefined);
    signal.removeEventListener('abort', stop);
    done.abort();
  }
}

function asBasetenError(error: unknown): unknown {
  if (error instanceof BasetenError || (error as Error)?.name === 'AbortError') return error;
  return new BasetenError(500, 'application_error', 'The model raised an error.', String(error));
}
