import type { IExecuteFunctions } from 'n8n-workflow';

import type { ChatMessage, ContentPart } from '../../../shared/chat/types';
import { toChoice } from '../../../shared/choice';
import { readChoice } from '../../../shared/parameters/choice';
import type { ItemCall } from '../operation';
import { Attachments, type AttachmentFields } from './attachments';

const PROMPT_TYPE = {
  name: 'promptType',
  label: 'Prompt Type',
  values: ['messages', 'simple'],
  fallback: 'simple',
} as const;
const ROLE = { label: 'Role', values: ['assistant', 'system', 'user'] } as const;

/** A message of the form. An expression may give anything. */
interface MessageFields extends AttachmentFields {
  role?: unknown;
  content?: unknown;
}

/**
 * Reads the conversation of an item. Empty messages are left out.
 * @param isDeployment whether a deployment of the user's own is called: Model APIs take no videos
 * @throws {UserInputError} if a file is not in the item, can't be used or is too large, or a choice
 * is none of its values
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readMessages(call: ItemCall, isDeployment: boolean): Promise<ChatMessage[]> {
  const { context, itemIndex, options } = call;
  const attachments = new Attachments(call, isDeployment);
  const fields: MessageFields[] = [
    { role: 'system', content: options.own.systemMessage },
    ...readFields(context, itemIndex),
  ];
  const messages: ChatMessage[] = [];
  // One after the other: together their files must not be too large.
  for (const message of fields) messages.push(await toMessage(message, attachments));
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
  { role: given = 'user', content, ...files }: MessageFields,
  attachments: Attachments,
): Promise<ChatMessage> {
  const role = toChoice(given, ROLE);
  const attached = role === 'user' ? await attachments.of(files) : [];
  const said = toContent(content);
  if (attached.length === 0) return { role, content: said };
  const text: ContentPart[] =
    typeof said !== 'string' ? said : said === '' ? [] : [{ type: 'text', text: said }];
  return { role, content: [...text, ...attached] };
}

/** An expression may give anything. A list is sent as it is: as the API's parts of content. */
function toContent(value: unknown): string | ContentPart[] {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : (value as ContentPart[]);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.trim() === '' ? '' : text;
}
