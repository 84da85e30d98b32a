import {
  actionUrl,
  nameOf,
  routeUrl,
  type Owner,
  type Target,
} from '../../../shared/connection/endpoints';
import { BasetenError } from '../../../shared/errors/basetenError';
import type { Answer, Format } from '../../../shared/formats/format';
import type { BasetenRequest, BasetenResponse, Body } from '../../../shared/http/client';
import { essenceOf } from '../../../shared/payload/mediaType';
import { closeBody } from '../../../shared/payload/requestBody';
import { isJson, parseResponse } from '../../../shared/payload/responseItem';
import { decodeText } from '../../../shared/payload/text';
import type { ItemCall } from '../operation';

/** Which deployment is called, and in which format. */
export interface FormatCall {
  owner: Owner;
  target: Target;
  format: Format;
}

/**
 * Sends a request in a model's format. A route of the model's own server may be reached by predict
 * only, so that is tried if there is no such route.
 * @param body is closed at the end
 * @throws {BasetenError} what went wrong
 */
export async function askModel(
  { connection, send, notes }: ItemCall,
  { owner, target, format }: FormatCall,
  body: Body,
): Promise<Answer> {
  const { endpoints } = connection;
  const subject = nameOf(owner);
  const predict = actionUrl(endpoints, owner, target, 'predict');
  const { route } = format;
  const url = route === undefined ? predict : routeUrl(endpoints, { owner, target, route });
  const request: BasetenRequest = { method: 'POST', url, body, subject };
  try {
    const response = await send(request).catch(async (error: unknown) => {
      const isMissing = error instanceof BasetenError && error.status === 404;
      if (!isMissing || url === predict) throw error;
      return await send({ ...request, url: predict });
    });
    return toAnswer(response, subject, notes);
  } finally {
    closeBody(body);
  }
}

function toAnswer(
  { headers, body }: BasetenResponse,
  subject: string,
  notes: ItemCall['notes'],
): Answer {
  const contentType = headers['content-type'] ?? '';
  const type = essenceOf(contentType);
  if (type === 'application/json' || type.endsWith('+json') || (type === '' && isJson(body)))
    return { json: parseResponse(body, subject, { contentType, notes }) };
  if (type.startsWith('text/')) return { json: decodeText(body, contentType) };
  return { content: body, type: contentType };
}
