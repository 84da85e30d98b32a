import { headerParameters } from './headerValue';

/**
 * Decodes a response that is text. A byte order mark is left out.
 * @param body the whole body
 * @param contentType the response's header, which may name a charset; UTF-8 if it names none
 * @param isJson whether it must be JSON. JSON is UTF-8 whatever the header says, so the charset
 * counts only if the bytes are not.
 */
export function decodeText(body: Buffer, contentType = '', isJson = false): string {
  const decoder = decoderFor(body, contentType);
  if (decoder !== undefined && !(isJson && decoder.encoding === 'windows-1252' && isUtf8(body)))
    return decoder.decode(body);
  const text = body.toString('utf8');
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/**
 * Whether bytes are text in UTF-8.
 * @param isCut whether these are only the first bytes, so that the cut may be in a character
 */
export function isUtf8(bytes: Buffer, isCut = false): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
    return true;
  } catch {
    return false;
  }
}

const BYTE_ORDER_MARK = 0xfeff;

/** @returns nothing for UTF-8, which Node decodes faster by itself */
function decoderFor(
  body: Buffer,
  contentType: string,
): InstanceType<typeof TextDecoder> | undefined {
  const mark = body.length < 2 ? 0 : body.readUInt16BE(0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le');
  if (mark === BYTE_ORDER_MARK) return new TextDecoder('utf-16be');
  if (!/charset/i.test(contentType)) return undefined;
  try {
    const decoder = new TextDecoder(headerParameters(contentType).get('charset') ?? 'utf-8');
    return decoder.encoding === 'utf-8' ? undefined : decoder;
  } catch {
    // A charset that nobody knows.
    return undefined;
  }
}
