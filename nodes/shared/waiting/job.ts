import type { SubmitAsyncBody } from '../async/requests';
import type { SendOptions } from '../http/client';
import type { Owner, Target } from '../connection/endpoints';
import type { Metadata } from '../webhook/metadata';
import type { AsyncResult } from '../webhook/verify';

/**
 * What the waiting sub-workflow is started with. It holds no URL, so the API key can only go where
 * the credential says.
 */
export interface WaitJob {
  owner: Owner;
  target: Target;
  body: SubmitAsyncBody;
  /** Comes out with the result. */
  metadata: Metadata;
  /** How its requests are sent. */
  sendOptions: Omit<SendOptions, 'signal'>;
  /** Most seconds to wait for the result. */
  waitTimeout: number;
  /** What to do if the request ended, but its result did not arrive. */
  onLostResult: 'fail' | 'resubmit';
}

/** A request whose result is awaited. It goes from step to step until the result is there. */
export interface PendingRequest {
  requestId: string;
  /** How often the input was submitted. */
  submissions: number;
  /** When it was submitted, in milliseconds since 1970. */
  submittedAt: number;
  /** When it expires if it has not started, in milliseconds since 1970. */
  queueEnd: number;
  /** When to give up, in milliseconds since 1970. */
  waitUntil: number;
  /** How often Baseten said that it does not know the request. */
  notFound: number;
  /** Why its status could not be had, as far as is known. */
  trouble?: string;
}

/**
 * A job to submit. If it is submitted again, it keeps the count and the deadline of the first time.
 */
export type Submission = WaitJob & Partial<Pick<PendingRequest, 'submissions' | 'waitUntil'>>;

/** What an execution wakes up with: its result, or, if the time was up first, the request. */
export type WokenWith = PendingRequest | { result: AsyncResult };
