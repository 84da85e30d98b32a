import { Readable } from 'node:stream';
import type { Clock } from '../clock';
import { mediaType, parseForm } from '../http/body';
import { Refusal } from '../http/refusal';
import type { FormPart, Handler, ModelCall, ModelResponse } from '../models/model';
import type { Runtime } from '../runtime';
import type { Deployment } from './deployment';

/** What a model call is made of. */
export interface CallSource {
  method: string;
  /** As the model sees it: `/predict`, `/run_remote` or a route on its own server. */
  route: string;
  /** The query, without the question mark. */
  search?: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** 1 by default; counts up through the retries of an async request. */
  attempt?: number;
  /** Whether it is an attempt of an async request. */
  isAsync?: boolean;
  /** Called when a replica begins to work on it. */
  onBegun?: () => void;
  /** Registers what to do when the caller goes away. */
  onGone?: (callback: () => void) => void;
}

/** A call, the model that takes it and how long it may take. */
export interface HandlerRun {
  /** Absent for a Model API, which has no deployment. */
  deployment?: Deployment;
  handler: Handler;
  source: CallSource;
  limitMs: number;
}

/**
 * Runs a model: holds the call until a replica of the deployment has a place for it, then asks the
 * handler.
 * @throws {Refusal} 504 after the time limit; 500 if the handler throws; 404, 429 or 503 as
 * `Deployment.enter` does.
 */
export async function runHandler(
  runtime: Runtime,
  { deployment, handler, source, limitMs }: HandlerRun,
): Promise<ModelResponse> {
  const lifetime = new CallLifetime(runtime, source);
  const call = new Call(source, runtime.clock, lifetime);
  const signal = () => lifetime.signal;
  const visit = deployment?.enter(source.isAsync ?? false, signal);
  const begin = () => {
    source.onBegun?.();
    const worked = deployment?.work(signal);
    return worked ? worked.then(() => handler(call)) : handler(call);
  };
  let response: ModelResponse | undefined;
  try {
    const handled = visit?.begun ? visit.begun.then(begin) : begin();
    // A model that responds at once needs no timer and no signal: this is what benchmarks call.
    response =
      handled instanceof Promise ? await within(handled, runtime, lifetime, limitMs) : handled;
    return response;
  } catch (error) {
    throw asRefusal(error);
  } finally {
    const end = () => {
      visit?.leave();
      lifetime.end();
    };
    // A replica works on a streamed response until its last byte.
    if (response?.body instanceof Readable) response.body.once('close', end);
    else end();
  }
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

/** The signal of one call, made only if somebody asks for it. */
class CallLifetime {
  private controller: AbortController | undefined;

  constructor(
    private readonly runtime: Runtime,
    private readonly source: CallSource,
  ) {}

  get signal(): AbortSignal {
    if (!this.controller) {
      const controller = this.runtime.lifetimes.begin();
      this.source.onGone?.(() => controller.abort());
      this.controller = controller;
    }
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.controller?.abort(reason);
  }

  end(): void {
    if (this.controller) this.runtime.lifetimes.end(this.controller);
  }
}

/** The response, unless the time limit passes, the caller leaves or the emulator closes first. */
async function within<T>(
  response: Promise<T>,
  { clock }: Runtime,
  lifetime: CallLifetime,
  limitMs: number,
): Promise<T> {
  const done = new AbortController();
  const { signal } = lifetime;
  const stop = () => done.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const tooLate = clock.sleep(limitMs, done.signal).then(() => {
    const message = `The model did not answer within ${limitMs / 1000} s.`;
    const refusal = new Refusal(504, 'timeout', message);
    lifetime.abort(refusal);
    throw refusal;
  });
  try {
    return await Promise.race([response, tooLate]);
  } finally {
    // The one that lost the race may still reject, and nobody waits for it any more.
    response.catch(() => undefined);
    tooLate.catch(() => undefined);
    signal.removeEventListener('abort', stop);
    done.abort();
  }
}

function asRefusal(error: unknown): unknown {
  if (error instanceof Refusal || (error as Error)?.name === 'AbortError') return error;
  const detail = String(error);
  return new Refusal(500, 'application_error', 'The model raised an error.', { detail });
}
