import type { INode } from 'n8n-workflow';

import {
  connectionFailure,
  httpFailure,
  timeoutFailure,
} from '../../../../nodes/shared/errors/basetenError';
import { toErrorJson } from '../../../../nodes/shared/errors/errorJson';
import { UserInputError } from '../../../../nodes/shared/errors/userInputError';

const node = { name: 'Baseten', type: 'baseten' } as INode;
const subject = 'model abcd1234';

describe('the details of a failed item say what kind of failure it is', () => {
  const response = { status: 422, headers: {}, body: Buffer.from('{}') };
  const lost = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  test.each([
    ['a refusal', httpFailure(response, { subject, secrets: [] }), { kind: 'http', status: 422 }],
    ['no connection', connectionFailure(lost, { subject, host: 'x' }), { kind: 'connection' }],
    ['no response in time', timeoutFailure(300, subject), { kind: 'timeout' }],
  ])('%s', (_, error, wanted) => {
    expect(toErrorJson(node, error, 3).details).toMatchObject({ itemIndex: 3, ...wanted });
  });

  test('none if nothing was sent, so that a workflow can tell', () => {
    const error = new UserInputError('The webhook URL must begin with https://', 'Change it.');
    expect(toErrorJson(node, error, 3).details).toStrictEqual({ itemIndex: 3 });
  });
});
