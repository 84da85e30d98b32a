import {
  isFinished,
  isResultLost,
  type AsyncRequestStatus,
} from '../../../../nodes/shared/async/status';

const cases: Array<
  [AsyncRequestStatus['status'], AsyncRequestStatus['webhook_status'], boolean, boolean]
> = [
  ['QUEUED', 'PENDING', false, false],
  ['IN_PROGRESS', 'PENDING', false, false],
  ['QUEUED', 'NO_WEBHOOK_PROVIDED', false, false],
  ['SUCCEEDED', 'PENDING', false, false],
  ['SUCCEEDED', 'SUCCEEDED', true, false],
  ['SUCCEEDED', 'FAILED', true, true],
  ['SUCCEEDED', 'CANCELED', true, true],
  ['SUCCEEDED', 'NO_WEBHOOK_PROVIDED', true, false],
  ['FAILED', 'PENDING', false, false],
  ['FAILED', 'SUCCEEDED', true, false],
  ['FAILED', 'FAILED', true, false],
  ['WEBHOOK_FAILED', 'FAILED', true, true],
  ['WEBHOOK_FAILED', 'PENDING', true, true],
  ['EXPIRED', 'PENDING', true, false],
  ['CANCELED', 'CANCELED', true, false],
];
test.each(cases)(
  '%s with webhook %s: finished %s, result lost %s',
  (status, webhook_status, finished, lost) => {
    const request = { request_id: 'r', status, webhook_status };
    expect([isFinished(request), isResultLost(request)]).toStrictEqual([finished, lost]);
  },
);
