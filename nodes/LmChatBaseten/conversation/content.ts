import { isRecord } from '../../shared/json';

/** A part of a message's content, as the API has it. */
type Part = Record<string, unknown> & { type: string };

/** The audio formats that the API has names for, by their media types. */
const AUDIO_FORMATS: Record<string, string> = {
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
};

/** Types of blocks that a tool's result may have. */
const RESULTS = ['text', 'image_url', 'image', 'input_audio', 'audio'];

/**
 * Makes the content of a user's or a system's message: a text, or parts if there is more than text.
 * @param content a text or LangChain's blocks
 */
export function toContent(content: unknown): string | Part[] {
  if (!Array.isArray(content)) return textOf(content);
  const parts = content.filter(isBlock).map(toPart);
  return parts.every(({ type }) => type === 'text') ? textOf(content) : parts;
}

/**
 * Makes the content of a tool's result. The API has no parts for what else tools give, so that goes
 * as JSON.
 */
export function toResult(content: unknown): string | Part[] {
  if (!Array.isArray(content)) return toContent(content);
  return toContent(
    content.map((block: unknown) =>
      isRecord(block) && !RESULTS.includes(String(block.type)) ? JSON.stringify(block) : block,
    ),
  );
}

/** The text of a content. Blocks of another kind are left out. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOfBlock).join('');
  return content === undefined || content === null ? '' : JSON.stringify(content);
}

function textOfBlock(block: unknown): string {
  if (typeof block === 'string') return block;
  return isRecord(block) && block.type === 'text' && typeof block.text === 'string'
    ? block.text
    : '';
}

function isBlock(block: unknown): boolean {
  return typeof block === 'string' || isRecord(block);
}

/** @param block a text, or one of LangChain's blocks; the API's own parts stay as they are */
function toPart(block: unknown): Part {
  if (!isRecord(block)) return { type: 'text', text: String(block) };
  const { type, image_url: image } = block;
  if (type === 'text') return { type, text: textOfBlock(block) };
  if (type === 'image_url') return { type, image_url: isRecord(image) ? image : { url: image } };
  const file = fileIn(block);
  if (type === 'image' && file) return { type: 'image_url', image_url: { url: file.url } };
  if (type === 'audio' && file?.data !== undefined) {
    const format = AUDIO_FORMATS[file.mimeType] ?? file.mimeType.replace(/^audio\//, '');
    return { type: 'input_audio', input_audio: { data: file.data, format } };
  }
  if (type === 'file' && file) {
    const { metadata } = block;
    const name = isRecord(metadata) ? (metadata.filename ?? metadata.name) : undefined;
    return { type, file: { ...(name !== undefined && { filename: name }), file_data: file.url } };
  }
  return block as Part;
}

/** A file in a block, which versions of LangChain write in several ways. */
function fileIn(block: Record<string, unknown>) {
  const { data, url, source_type: source } = block;
  const mimeType = [block.mime_type, block.mimeType].find((type) => typeof type === 'string');
  if (typeof url === 'string' && source !== 'base64') return { url, mimeType: mimeType ?? '' };
  if (typeof data !== 'string') return undefined;
  const type = mimeType ?? 'application/octet-stream';
  return { data, mimeType: type, url: `data:${type};base64,${data}` };
}
