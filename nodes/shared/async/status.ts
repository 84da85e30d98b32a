/**
 * What Baseten says about an async request.
 * @see https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status
 */
export interface AsyncRequestStatus {
  request_id: string;
  status:
    'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELED' | 'WEBHOOK_FAILED';
  webhook_status: 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'NO_WEBHOOK_PROVIDED';
  errors?: Array<{ code: string; message: string }>;
}

type Progress = Pick<AsyncRequestStatus, 'status' | 'webhook_status'>;

/** Whether the status is final: the work has ended, and so has its delivery if there is one. */
export function isFinished({ status, webhook_status }: Progress): boolean {
  switch (status) {
    case 'EXPIRED':
    case 'CANCELED':
    case 'WEBHOOK_FAILED':
      return true;
    case 'SUCCEEDED':
    case 'FAILED':
      return webhook_status !== 'PENDING';
    default:
      return false;
  }
}

/**
 * Whether there was an output that Baseten should have delivered and never will. A request that was
 * submitted without a webhook has nothing to deliver: its model stores the output itself.
 */
export function isResultLost({ status, webhook_status }: Progress): boolean {
  if (status === 'WEBHOOK_FAILED') return true;
  return status === 'SUCCEEDED' && (webhook_status === 'FAILED' || webhook_status === 'CANCELED');
}
