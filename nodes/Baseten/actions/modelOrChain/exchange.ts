import type { INodeExecutionData } from 'n8n-workflow';

import { secretsOf, withoutSecrets } from '../../../shared/errors/redact';
import type { BasetenRequest, BasetenStream } from '../../../shared/http/client';
import { closeBody } from '../../../shared/payload/requestBody';
import { isFile, toItem } from '../../../shared/payload/responseItem';
import { HELD_BYTES } from '../../../shared/payload/storeFile';
import type { ItemCall } from '../operation';
import { withMain } from '../../../shared/run/outputField';
import { readOutputSettings } from '../parameters/output';

/**
 * Sends a request and makes an item of its response, in the way that the output parameters say.
 * @param request its body is closed at the end
 * @throws {BasetenError} what went wrong, or if the response is not what was asked for
 */
export async function exchange(
  { context, itemIndex, connection, options, notes, stream }: ItemCall,
  request: BasetenRequest,
): Promise<INodeExecutionData[]> {
  try {
    const settings = readOutputSettings(context, itemIndex, options.own);
    // A response to HEAD has the headers of a file, but never the file.
    const hasBody = request.method !== 'HEAD';
    const response = await stream(
      { ...request, heldBytes: HELD_BYTES },
      (head) => hasBody && isFile(head, settings.format),
    );
    const format = hasBody ? settings.format : 'json';
    const shown = settings.fullResponse ? withoutSecretHeaders(response, connection) : response;
    const { helpers } = context;
    const { subject } = request;
    let isBare = false;
    const onBare = () => (isBare = true);
    const making = { helpers, subject, notes, onBare };
    const item = await toItem(shown, { ...settings, format }, making);
    return [withMain(item, isBare ? item.json.output : undefined)];
  } finally {
    closeBody(request.body);
  }
}

/** A server may repeat the key that it was sent, and headers go into the item here. */
function withoutSecretHeaders(
  response: BasetenStream,
  connection: ItemCall['connection'],
): BasetenStream {
  const secrets = secretsOf(connection);
  const headers = Object.entries(response.headers).map((words) =>
    words.map((text) => withoutSecrets(text, secrets)),
  );
  return { ...response, headers: Object.fromEntries(headers) as Record<string, string> };
}
