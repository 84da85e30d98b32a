import type { IExecuteFunctions } from 'n8n-workflow';

import { BasetenError } from '../../../shared/errors/basetenError';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Recording } from '../../../shared/formats/transcription';
import { readChoice } from '../../../shared/parameters/choice';
import { parseUrl } from '../../../shared/parseUrl';
import type { Upload } from '../../../shared/payload/requestBody';
import type { ItemCall } from '../operation';
import { readFile, readUpload } from '../parameters/input';
import { download, nameIn } from './download';

const AUDIO_SOURCE = {
  name: 'audioSource',
  label: 'Audio Source',
  values: ['binary', 'url'],
  fallback: 'binary',
} as const;

/** Most bytes of a request, which Baseten's edge lets through. */
const LARGEST_REQUEST = 100 * 1024 * 1024;
const USE_A_LINK =
  'Set Audio Source to URL and give a link that Baseten can reach, such as a signed link to your storage.';
/** A link helps nothing if its file has to go along. */
const MAKE_IT_SMALLER =
  'Models of this Request Format take the file, also of a link: compress the recording, as MP3 for example, or send it in parts.';

/** A recording for a request that is JSON, and its name. */
export interface NamedRecording {
  recording: Recording;
  /** File name of the recording, if it has one. */
  name?: string;
}

/** Where the recording of an item is: at a link, or in its binary data. */
export type RecordingSource = { url: string } | { property: string };

/**
 * Reads where the recording of an item is.
 * @throws {UserInputError} if there is no link, or Audio Source is none of its values
 */
export function readSource(context: IExecuteFunctions, itemIndex: number): RecordingSource {
  if (readChoice(context, AUDIO_SOURCE, itemIndex) === 'url')
    return { url: readUrl(context.getNodeParameter('audioUrl', itemIndex, '')) };
  const property: unknown = context.getNodeParameter('binaryPropertyName', itemIndex, 'data');
  return { property: typeof property === 'string' ? property : '' };
}

/**
 * Reads a recording for a request that is JSON: a link, or the file in memory.
 * @throws {UserInputError} if the item has no such file, or it is too large to be sent
 */
export async function readRecording(
  { context, itemIndex }: ItemCall,
  source: RecordingSource,
): Promise<NamedRecording> {
  if ('url' in source) return { recording: source, name: nameIn(source.url) };
  const { content } = await readUpload(context, itemIndex, source.property);
  // Base64 makes four bytes of three.
  if ((content.length / 3) * 4 > LARGEST_REQUEST)
    throw tooLarge(content.length, `and base64 makes a file larger by a third. ${USE_A_LINK}`);
  const file = await readFile(context, itemIndex, source.property);
  return { recording: { file }, name: file.fileName };
}

/**
 * Reads a recording for a request that is a form. A link is downloaded, with n8n's own client and
 * so by its rules.
 * @throws {UserInputError} if there is none, it can't be downloaded, or it is too large to be sent
 */
export async function readRecordingFile(call: ItemCall, source: RecordingSource): Promise<Upload> {
  const file =
    'url' in source
      ? await download(call, {
          url: source.url,
          what: 'recording',
          why: 'Models of this Request Format take files, not links',
          limit: LARGEST_REQUEST,
          tooLarge: () => tooLargeForForm(),
        })
      : await readUpload(call.context, call.itemIndex, source.property);
  if (file.content.length > LARGEST_REQUEST) throw tooLargeForForm(file.content.length);
  return file;
}

/**
 * Says of a request that was too large how long recordings are sent.
 * @param error what was thrown
 * @param isForm whether the request was a form with the file in it
 */
export function withSizeHint(error: unknown, isForm = false): unknown {
  if (!(error instanceof BasetenError) || error.status !== 413) return error;
  const hint = isForm ? MAKE_IT_SMALLER : USE_A_LINK;
  return new BasetenError(error.message, { ...error, hint: `${hint} ${error.hint}` });
}

function tooLargeForForm(bytes?: number): UserInputError {
  return tooLarge(bytes, `with the file in them. ${MAKE_IT_SMALLER}`);
}

/** @param bytes of the file; more than a request may have if it is not known */
function tooLarge(bytes: number | undefined, why: string): UserInputError {
  const size = bytes === undefined ? 'more than 100' : Math.round(bytes / 1_000_000);
  return new UserInputError(
    `The recording is too large to be sent: it has ${size} MB`,
    `Baseten takes requests of up to 100 MB, ${why}`,
  );
}

function readUrl(given: unknown): string {
  const text = typeof given === 'string' ? given.trim() : '';
  const url = parseUrl(text);
  if (url && ['http:', 'https:'].includes(url.protocol)) return text;
  throw new UserInputError(
    text === ''
      ? 'There is no link to a recording'
      : `Audio URL is not a link: ${text.slice(0, 100)}`,
    'Enter an address that begins with https://. If it comes from an expression, check that the expression gives one for this item.',
  );
}
