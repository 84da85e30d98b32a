import { isRecord } from '../../../../shared/json';
import type { ChatCompletion } from './types';
import { CompletionAssembly } from './assembly';
import { ThinkingSplitter } from './thinking';
import {
  BasetenError,
  brokenStreamFailure,
  httpFailure,
} from '../../../../shared/errors/basetenError';
import type { ServerSentEvent } from '../../../../shared/http/sse';

/** How a stream is read. */
export interface StreamReading {
  /** What was called, for messages. */
  subject: string;
  /** Removed from errors, in case a server repeats it there. */
  apiKey: string;
  /** Receives the text of the first choice as it comes, without reasoning. */
  onText(text: string): Promise<void>;
}

/**
 * Reads a streamed completion to its end.
 * @returns the completion that the server would have sent without streaming
 * @throws {BasetenError} if the stream contains an error, or breaks off before the model's end
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readCompletion(
  events: AsyncIterable<ServerSentEvent>,
  { subject, apiKey, onText }: StreamReading,
): Promise<ChatCompletion> {
  const assembly = new CompletionAssembly();
  const thinking = new ThinkingSplitter();
  const passOn = async (text: string) => {
    if (text !== '') await onText(text);
  };
  let isDone = false;
  try {
    for await (const event of events) {
      const data = event.data.trim();
      isDone = data === '[DONE]';
      if (isDone) break;
      if (data === '' && event.event !== 'error') continue;
      const text = assembly.add(parseChunk(event, subject, apiKey));
      await passOn(thinking.push(text).content);
    }
  } catch (error) {
    // If the model has finished, nothing but the usage can be missing.
    if (!isLostConnection(error) || !assembly.isFinished) throw streamFailure(error, subject);
  }
  if (!isDone && !assembly.isFinished) throw brokenStreamFailure(subject);
  await passOn(thinking.end().content);
  return assembly.result();
}

function isLostConnection(error: unknown): error is BasetenError {
  return error instanceof BasetenError && error.kind === 'connection';
}

/** A lost connection becomes an error about the stream. Any other error stays as it is. */
function streamFailure(error: unknown, subject: string): unknown {
  return isLostConnection(error) ? brokenStreamFailure(subject, error) : error;
}

function parseChunk(
  { event, data }: ServerSentEvent,
  subject: string,
  apiKey: string,
): Record<string, unknown> {
  const chunk = parse(data);
  if (!isRecord(chunk)) {
    if (event === 'error') throw streamedFailure(data, undefined, subject, apiKey);
    throw brokenStreamFailure(subject);
  }
  if (
    event === 'error' ||
    chunk.object === 'error' ||
    (chunk.error !== undefined && chunk.error !== null)
  ) {
    throw streamedFailure(data, chunk, subject, apiKey);
  }
  return chunk;
}

/** Makes the same error from an error inside the stream as from a response with that status. */
function streamedFailure(
  data: string,
  chunk: Record<string, unknown> | undefined,
  subject: string,
  apiKey: string,
) {
  const error = isRecord(chunk?.error) ? chunk.error : (chunk ?? {});
  const code = Number(error.code ?? error.status);
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : 500;
  const body = Buffer.from(
    data.trim() || 'The stream ended with an error event that says nothing.',
  );
  return httpFailure({ status, headers: {}, body }, { subject, secrets: [apiKey] });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
