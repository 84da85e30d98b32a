import type { IExecuteFunctions } from 'n8n-workflow';

import { UserInputError } from '../../../shared/errors/userInputError';
import { parseUrl } from '../../../shared/parseUrl';
import { safeFileName } from '../../../shared/payload/headerValue';
import { cleanType } from '../../../shared/payload/mediaType';
import type { InputFile } from '../../../shared/payload/requestBody';
import type { ItemCall } from '../operation';

/** What is downloaded, and how much of it may be held in memory. */
interface Download {
  url: string;
  /** What it is, for messages: `recording`. */
  what: string;
  /** Why the node downloads it at all. */
  why: string;
  /** Most bytes. */
  limit: number;
  /** Makes the error about a file that is larger. */
  tooLarge(): UserInputError;
}

/** What of an operation a download needs. */
export type DownloadCall = Pick<ItemCall, 'options' | 'signal'> & {
  context: Pick<IExecuteFunctions, 'helpers'>;
};

/**
 * Downloads a file, with n8n's own client and so by its rules. No more than the limit is read.
 * @throws {UserInputError} if it can't be downloaded, or is larger than the limit
 */
export async function download(call: DownloadCall, wanted: Download): Promise<InputFile> {
  const { context, options, signal } = call;
  const { url, limit, tooLarge } = wanted;
  try {
    const { body, headers } = (await context.helpers.httpRequest({
      method: 'GET',
      url,
      encoding: 'stream',
      returnFullResponse: true,
      timeout: options.timeout * 1000,
      abortSignal: signal,
    })) as { body: AsyncIterable<Uint8Array>; headers: Record<string, unknown> };
    const content = await readUpTo(limit, body);
    if (!content) throw tooLarge();
    return { content, mimeType: cleanType(headers['content-type']), fileName: nameIn(url) };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UserInputError ? error : notDownloaded(error, wanted);
  }
}

/** The last part of a link's path: `talk.mp3`. */
export function nameIn(url: string): string | undefined {
  const last = parseUrl(url)?.pathname.split('/').pop() ?? '';
  try {
    return safeFileName(decodeURIComponent(last));
  } catch {
    return safeFileName(last);
  }
}

/** @returns nothing if there is more; stopping early closes the connection */
async function readUpTo(
  limit: number,
  body: AsyncIterable<Uint8Array>,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function notDownloaded(error: unknown, { url, what, why }: Download): UserInputError {
  const words = error instanceof Error ? error.message : String(error);
  return new UserInputError(
    `The ${what} could not be downloaded from ${parseUrl(url)?.host}: ${words}`,
    `${why}, so the node downloads the link. Check that this n8n can reach it.`,
  );
}
