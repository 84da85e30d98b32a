/** What Baseten says of an async request: https://docs.baseten.co/reference/inference-api/status-endpoints/get-async-request-status */
export interface AsyncRequestStatus {
  request_id: string;
  status:
    'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'CANCELED' | 'WEBHOOK_FAILED';
  webhook_status: 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'NO_WEBHOOK_PROVIDED';
  errors?: Array<{ code: string; message: string }>;
}

type Progress = Pick<AsyncRequestStatus, 'status' | 'webhook_status'>;

/** Whether no further change will come: the work ended, and its delivery too where there is one. */
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
 * Whether there was an output that should have been delivered and never will be. A request submitted without a
 * webhook has nothing to deliver: its model keeps the output itself.
 */
export function isResultLost({ status, webhook_status }: Progress): boolean {
  if (status === 'WEBHOOK_FAILED') return true;
  return status === 'SUCCEEDED' && (webhook_status === 'FAILED' || webhook_status === 'CANCELED');
}
