import type { SubmitAsyncBody } from './asyncRequests';
import type { SendOptions } from './client';
import type { Owner, Target } from './endpoints';
import type { Metadata } from './metadata';

/** What a waiting sub-workflow is started with. It names no URL, so that the key can only go where the credential says. */
export interface WaitJob {
  owner: Owner;
  target: Target;
  body: SubmitAsyncBody;
  metadata: Metadata;
  sendOptions: Omit<SendOptions, 'signal'>;
  /** Most seconds to wait for the result. */
  waitTimeout: number;
  onLostResult: 'fail' | 'resubmit';
}
