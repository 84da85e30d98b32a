import { findJson } from '../../nodes/shared/chat/json';
import { readCompletion } from '../../nodes/shared/chat/stream';
import { splitThinking } from '../../nodes/shared/chat/thinking';
import { toConnectionWithKey } from '../../nodes/shared/connection/connection';
import {
  actionUrl,
  BASETEN_ENDPOINTS,
  managementUrl,
  routeUrl,
} from '../../nodes/shared/connection/endpoints';
import { BasetenError, httpFailure, notJsonFailure } from '../../nodes/shared/errors/basetenError';
import { withoutSecrets } from '../../nodes/shared/errors/redact';
import { readable, readResponseText } from '../../nodes/shared/errors/responseText';
import { UserInputError } from '../../nodes/shared/errors/userInputError';
import { readEvents } from '../../nodes/shared/http/sse';
import { targetInUrl } from '../../nodes/shared/parameters/ownerUrl';
import { decodeFile } from '../../nodes/shared/payload/base64';
import { toPaths } from '../../nodes/shared/payload/jsonFiles';
import { placeAt, readAt, withValues } from '../../nodes/shared/payload/dataPath';
import { findFiles, mediaInText } from '../../nodes/shared/payload/embeddedFiles';
import { fileNameIn, headerParameters } from '../../nodes/shared/payload/headerValue';
import { cleanType } from '../../nodes/shared/payload/mediaType';
import { decodeText } from '../../nodes/shared/payload/text';
import { readVectors } from '../../nodes/shared/vectors';
import { parseResponse } from '../../nodes/shared/payload/responseItem';
import {
  METADATA_PARAMETER,
  METADATA_SIGNATURE_PARAMETER,
  readMetadata,
} from '../../nodes/shared/webhook/metadata';
import { parseWebhookUrl } from '../../nodes/shared/webhook/url';
import { verifyDelivery } from '../../nodes/shared/webhook/verify';

/**
 * Reads a text that came from outside. It may refuse the text with an error in words for people,
 * which is not passed on.
 */
export type Reader = (text: string) => Promise<void>;

const SECRETS = ['AbCd1234.sEcReT/with+signs=and-more', 'whsec_0123456789abcdef'];
const SUBJECT = 'model abc';
const NONE = Buffer.alloc(0);
const model = { kind: 'model', id: 'abc' } as const;
const target = { type: 'production' } as const;
const hide = (text: string) => withoutSecrets(text, SECRETS);

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAllEvents(text: string, chunk: number): Promise<void> {
  for await (const event of readEvents(inChunks(text, chunk))) if (event.event === '') return;
}

/** A chat answer whose text comes in pieces. */
async function* eventsOf(text: string): AsyncGenerator<{ event: string; data: string }> {
  const choice = (delta: object, finish_reason: string | null) =>
    JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason }] });
  for (let at = 0; at < text.length; at += 100)
    yield { event: 'message', data: choice({ content: text.slice(at, at + 100) }, null) };
  yield { event: 'message', data: choice({}, 'stop') };
  yield { event: 'message', data: '[DONE]' };
}

/** JSON as data, and any other text as it is. */
function tryParsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What reads text from outside, by what it reads. */
const READING: Record<string, (text: string) => unknown> = {
  'the words of a response': (text) => readResponseText(text, hide),
  'the words in a JSON response': (text) =>
    readResponseText(JSON.stringify({ error: text, detail: [{ msg: text }] }), hide),
  'a web page': (text) => readable(`<html>${text}`, hide),
  'a title': (text) => readable(`<html><title>${text}`, hide),
  'a text with secrets': hide,
  'a failed response': (text) =>
    httpFailure(
      { status: 429, headers: { 'x-baseten-request-id': text, 'retry-after': text }, body: NONE },
      { subject: SUBJECT, secrets: SECRETS },
    ),
  'a response that is not JSON': (text) => notJsonFailure(text, SUBJECT),
  'a JSON response': (text) => parseResponse(Buffer.from(text), SUBJECT),
  'lines of JSON': (text) =>
    parseResponse(Buffer.from(text), SUBJECT, { contentType: 'application/x-ndjson' }),
  'a text in a charset': (text) => decodeText(Buffer.from(text), `text/plain; charset=${text}`),
  'a vector': (text) =>
    readVectors([{ index: text, embedding: text }], { count: 1, subject: SUBJECT }),
  'a JSON text': (text) => parseResponse(Buffer.from(JSON.stringify([text])), SUBJECT),
  'a stream of events': async (text) => await readAllEvents(text, 64 * 1024),
  'a stream of events in small pieces': async (text) => await readAllEvents(text, 50),
  'a streamed chat answer': async (text) =>
    await readCompletion(eventsOf(text), { subject: SUBJECT, onText: () => undefined } as never),
  'thinking in an answer': (text) => splitThinking(text),
  'thinking before an answer': (text) => splitThinking(`<think>${text}</think>Hello`),
  'JSON in an answer': findJson,
  'JSON in prose': (text) => findJson(`Here it is:\n\`\`\`json\n${text}`),
  base64: decodeFile,
  'a data URL': (text) => decodeFile(`data:${text}`),
  'a data URL of base64': (text) => decodeFile(`data:image/png;base64,${text}`),
  'a file in an answer': mediaInText,
  'a PDF in an answer': (text) => mediaInText(`JVBERi0xLjcK${text}`),
  'files in an answer': (text) => findFiles([tryParsed(text)]),
  'a list of paths': toPaths,
  'a path': (text) => readAt({ a: { a: {} } }, text),
  'a path to a place': (text) => placeAt({ a: { a: {} } }, text),
  'a path to put a value at': (text) => withValues({}, [{ path: text, value: 1 }]),
  'a header with parameters': headerParameters,
  'the name of a file': (text) => fileNameIn(`attachment; filename="${text}"; filename*=${text}`),
  'a media type': cleanType,
  'a key': (text) => toConnectionWithKey({ apiKey: text }),
  'the URL of a model': (text) => targetInUrl(`https://model-abc.api.baseten.co/${text}`, 'model'),
  'an ID': (text) => actionUrl(BASETEN_ENDPOINTS, { kind: 'model', id: text }, target, 'predict'),
  'an environment': (text) =>
    actionUrl(BASETEN_ENDPOINTS, model, { type: 'environment', environment: text }, 'predict'),
  'a route': (text) => routeUrl(BASETEN_ENDPOINTS, { owner: model, target, route: text }),
  'a base URL': (text) =>
    managementUrl({ ...BASETEN_ENDPOINTS, managementUrl: `https://a.example/${text}` }, 'models'),
  metadata: (text) =>
    readMetadata(
      {
        query: { [METADATA_PARAMETER]: text, [METADATA_SIGNATURE_PARAMETER]: text },
        path: '/x',
      },
      { secrets: SECRETS, owner: 'abc', now: 0 },
    ),
  'a webhook URL': (text) => parseWebhookUrl(`https://a.example/${text}`, BASETEN_ENDPOINTS),
  'a signature': (text) =>
    verifyDelivery(Buffer.from('{}'), text, { secrets: SECRETS, tolerance: 300, now: 0 }),
  'a delivery': (text) =>
    verifyDelivery(Buffer.from(text), undefined, { secrets: [], tolerance: 300, now: 0 }),
};

/** Every reader, by what it reads. */
export const READERS: Record<string, Reader> = Object.fromEntries(
  Object.entries(READING).map(([name, read]) => [name, refusing(read)]),
);

function refusing(read: (text: string) => unknown): Reader {
  return async (text) => {
    try {
      await read(text);
    } catch (error) {
      if (!(error instanceof UserInputError || error instanceof BasetenError)) throw error;
    }
  };
}

/** Hostile texts of about so many characters, by their kind. */
export const KINDS: Record<string, (size: number) => string> = {
  'one letter': repeated('a'),
  'blanks and line breaks': repeated(' \n'),
  'titles without an end': repeated('<title>'),
  'signs of tags': repeated('<'),
  'names with dots': repeated('a.'),
  slashes: repeated('/'),
  semicolons: repeated(';'),
  'quotes behind backslashes': repeated('\\"'),
  fences: repeated('```\n'),
  'thinking without an end': repeated('<think>'),
  'nested lists': (size) => '['.repeat(size / 2) + ']'.repeat(size / 2),
  'a list of objects': (size) => `[${'{"a":[1]},'.repeat(size / 10)}1]`,
  'lines of data': repeated('data: {"a":1}\n'),
  'base64 with a wrong end': (size) => `${'A'.repeat(size)}!`,
  'a key with characters nobody sees': repeated('A\u200bb\u200bC\u200b'),
  'encoded characters': repeated('%41'),
};

/** Pieces that are tiring in other ways, for random texts. */
export const PIECES = [
  ...['\r\n\r', '<h1', '</think>', '[', '{"a":', 'a=1;', ':\n', 'Bearer ', '7', '\ud800', 'v1=00,'],
  ...['&#x41;', '0x41,', '---', '_', '\t', '\\', '${', '{}', '…', 'ab\u0301'],
];

function repeated(piece: string): (size: number) => string {
  return (size) => piece.repeat(Math.ceil(size / piece.length));
}
