import { isRecord } from '../../../../shared/json';
import { type ChatCompletion } from './types';
import { CompletionAssembly } from './assembly';
import { ThinkingSplitter } from './thinking';
import {
  BasetenError,
  brokenStreamFailure,
  httpFailure,
} from '../../../../shared/errors/basetenError';
import type { ServerSentEvent } from '../../../../shared/http/sse';

export interface StreamReading {
  /** What was called, for messages. */
  subject: string;
  /** Taken out of messages, should a server repeat it. */
  apiKey: string;
  /** Gets the answer's text as it comes, without reasoning. */
  onText(text: string): Promise<void>;
}

/**
 * Reads a streamed completion to its end.
 * @returns the whole of it, as if it had come in one piece
 * @throws {BasetenError} where the stream holds an error, or breaks before the model has finished
 */
export async function readCompletion(
  events: AsyncIterable<ServerSentEvent>,
  { subject, apiKey, onText }: StreamReading,
): Promise<ChatCompletion> {
  const assembly = new CompletionAssembly();
  const thinking = new ThinkingSplitter();
  const tell = async (text: string) => {
    if (text !== '') await onText(text);
  };
  const readAll = async (): Promise<boolean> => {
    for await (const event of events) {
      const data = event.data.trim();
      if (data === '[DONE]') return true;
      if (data === '' && event.event !== 'error') continue;
      const text = assembly.add(parseChunk(event, subject, apiKey));
      await tell(thinking.push(text).content);
    }
    return assembly.isFinished;
  };
  const isWhole = await readAll().catch(async (error: unknown) => {
    const isBreak = error instanceof BasetenError && error.kind === 'connection';
    // Of an answer whose model has finished, only the usage can be missing.
    if (isBreak && assembly.isFinished) return true;
    return await Promise.reject(isBreak ? brokenStreamFailure(subject, error) : error);
  });
  if (!isWhole) throw brokenStreamFailure(subject);
  await tell(thinking.end().content);
  return assembly.result();
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

/** An error that comes after the status line is told like one that comes with it. */
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
