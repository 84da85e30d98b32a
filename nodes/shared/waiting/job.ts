import type { SubmitAsyncBody } from '../async/requests';
import type { SendOptions } from '../http/client';
import type { Owner, Target } from '../connection/endpoints';
import type { Metadata } from '../webhook/metadata';

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
