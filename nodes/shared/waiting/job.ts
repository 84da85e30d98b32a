import type { INodeExecutionData } from 'n8n-workflow';

import type { SubmitAsyncBody } from '../async/requests';
import type { SendOptions } from '../http/client';
import type { Owner, Target } from '../connection/endpoints';
import type { ErrorJson } from '../errors/errorJson';
import type { Reading } from '../formats/results';
import type { Metadata } from '../webhook/metadata';
import type { ItemShape } from './outcome';

/** One item that is to be submitted, and how its result is awaited. */
export interface ItemJob {
  owner: Owner;
  target: Target;
  /** The model's input as JSON text, so that it goes out as it was written. */
  input: string;
  /** What else the submission says: priority, time in the queue, retries. */
  queueing: Omit<SubmitAsyncBody, 'model_input' | 'webhook_endpoint'>;
  /** Comes out with the result. */
  metadata: Metadata;
  /** The field that the answer goes into; none if it keeps its own. */
  field?: string;
  /** How the answer becomes items of speech, a transcript or images, if not one of a trigger. */
  reading?: Reading;
  /** Position of its item in the input, if items have several requests. */
  item?: number;
  /** How its requests are sent. */
  sendOptions: Pick<SendOptions, 'timeout' | 'maxRetries'>;
  /** Most seconds to wait for the result. */
  waitTimeout: number;
  /** What to do if the request ended, but its result did not arrive. */
  onLostResult: 'fail' | 'resubmit';
}

/**
 * What the keeper is started with. It holds no URL of Baseten's, so the API key can only go where
 * the credential says.
 */
export interface WaitJob {
  /** The wait: one run of a node. A hexadecimal number. */
  run: string;
  /** Address of the execution that waits, where Baseten delivers to. */
  parentUrl: string;
  /** Whether an item that fails ends the wait, as On Error says. */
  stops: boolean;
  /** The items in the order of the input, and what stands for those that could not be read. */
  items: Array<ItemJob | { failure: ErrorJson }>;
  /** How the items look that the workflow goes on with. */
  shape: ItemShape;
  /** The incoming items that stay beside their answers, in case that n8n has to hand those back. */
  inputs?: Array<INodeExecutionData | null>;
  /** How many requests are in flight at once; 0 if nobody has set that. */
  maxConcurrency: number;
  /** How many submissions may start in a minute; 0 means no limit. */
  requestsPerMinute: number;
}
