import type { IExecuteFunctions } from 'n8n-workflow';

import type { ChatMessage, ContentPart } from '../../../shared/chat/types';
import { toImageNames } from '../../../shared/chat/request';
import { UserInputError } from '../../../shared/errors/userInputError';
import { toChoice } from '../../../shared/choice';
import { readChoice } from '../../../shared/parameters/choice';
import { readFile } from '../parameters/input';

const PROMPT_TYPE = {
  name: 'promptType',
  label: 'Prompt Type',
  values: ['messages', 'simple'],
  fallback: 'simple',
} as const;
const ROLE = { label: 'Role', values: ['assistant', 'system', 'user'] } as const;

/** A message of the form. An expression may give anything. */
interface MessageFields {
  role?: unknown;
  content?: unknown;
  imageBinaryProperties?: unknown;
}

/**
 * Reads the conversation of an item. Empty messages are left out.
 * @param itemIndex position of the item in the input
 * @param systemMessage instructions that go first
 * @throws {UserInputError} if an image is not in the item, a file is not an image, or a choice is
 * none of its values
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readMessages(
  context: IExecuteFunctions,
  itemIndex: number,
  systemMessage: unknown,
): Promise<ChatMessage[]> {
  const fields: MessageFields[] = [
    { role: 'system', content: systemMessage },
    ...readFields(context, itemIndex),
  ];
  const messages = await Promise.all(
    fields.map(async (message) => await toMessage(context, itemIndex, message)),
  );
  return messages.filter(({ content }) => content !== '');
}

function readFields(context: IExecuteFunctions, itemIndex: number): MessageFields[] {
  if (readChoice(context, PROMPT_TYPE, itemIndex) === 'simple') {
    return [{ role: 'user', content: context.getNodeParameter('prompt', itemIndex, '') }];
  }
  const { message } = context.getNodeParameter('messages', itemIndex, {}) as {
    message?: MessageFields[];
  };
  return message ?? [];
}

async function toMessage(
  context: IExecuteFunctions,
  itemIndex: number,
  { role: given = 'user', content, imageBinaryProperties }: MessageFields,
): Promise<ChatMessage> {
  const role = toChoice(given, ROLE);
  const fields = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
  const images = role === 'user' ? toImageNames(imageBinaryProperties, fields) : [];
  const said = toContent(content);
  if (images.length === 0) return { role, content: said };
  const urls = await Promise.all(
    images.map(async (image) => await toImageUrl(context, itemIndex, image)),
  );
  const text: ContentPart[] =
    typeof said !== 'string' ? said : said === '' ? [] : [{ type: 'text', text: said }];
  return {
    role,
    content: [
      ...text,
      ...urls.map((url): ContentPart => ({ type: 'image_url', image_url: { url } })),
    ],
  };
}

/** An expression may give anything. A list is sent as it is: as the API's parts of content. */
function toContent(value: unknown): string | ContentPart[] {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : (value as ContentPart[]);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.trim() === '' ? '' : text;
}

/** @returns an address as it is, or the image in a binary field as a data URL */
async function toImageUrl(
  context: IExecuteFunctions,
  itemIndex: number,
  image: string,
): Promise<string> {
  if (/^(https?:|data:)/i.test(image)) return image;
  const { content, mimeType } = await readFile(context, itemIndex, image);
  if (!mimeType.startsWith('image/')) {
    throw new UserInputError(
      `The binary data in "${image}" is not an image: its type is ${mimeType || 'unknown'}`,
      'Name a field that contains an image. ' +
        'If the type is wrong, set it in the node that made the file.',
    );
  }
  return `data:${mimeType};base64,${content.toString('base64')}`;
}
