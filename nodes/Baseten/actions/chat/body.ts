import type { ItemCall } from '../operation';
import type { ChatBody } from '../../../shared/chat/types';
import { toStop, toToolChoice, toTools } from '../../../shared/chat/request';
import { isBlank, withoutUndefined } from '../../../shared/json';
import { parseJson } from '../../../shared/payload/requestBody';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Options } from '../../../shared/parameters/options';
import { readChatOptions, readInteger } from '../../../shared/parameters/chatOptions';
import { sessionHeaders } from '../../../shared/parameters/session';
import type { Source } from '../../../shared/parameters/source';
import { readMessages } from './messages';

/** What an item asks for. */
interface ChatCall {
  body: ChatBody;
  headers: Record<string, string>;
  /** The labels of which the answer is one, if the user gave such. */
  choices?: string[];
}

/**
 * Reads what an item asks for. The body has only the fields that the user set, because Model APIs
 * refuse fields that they don't know.
 * @param source the model that is called
 * @throws {UserInputError} if there is no message for the model, or an option can't be used
 * @see https://docs.baseten.co/inference/model-apis/overview
 */
export async function readChatCall(
  call: ItemCall,
  source: Pick<Source, 'model' | 'isDeployment'>,
): Promise<ChatCall> {
  const options = call.options.own;
  const { fields, extra, session, choices } = readChatOptions(options, source, true);
  const body = {
    model: source.model,
    messages: await readMessages(call, source.isDeployment),
    ...fields,
    ...readFields(options),
    ...extra,
  };
  if (
    Array.isArray(body.messages) &&
    body.messages.every((message) => message?.role === 'system')
  ) {
    throw new UserInputError(
      'There is nothing to say to the model',
      'Enter a prompt or a message. ' +
        'If it comes from an expression, check that the expression gives a text for this item.',
    );
  }
  return { body, headers: sessionHeaders(session), ...(choices && { choices }) };
}

/** The fields that only this operation has. */
function readFields(options: Options): Record<string, unknown> {
  const tools = isBlank(options.tools) ? [] : toTools(parseJson(options.tools, 'Tools'));
  const choice = isBlank(options.toolChoice) ? undefined : toToolChoice(options.toolChoice);
  const stop = isBlank(options.stop) ? [] : toStop(options.stop);
  const fields = {
    stop: stop.length > 0 ? stop : undefined,
    seed: readInteger(options, {
      name: 'seed',
      label: 'Seed',
      range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    }),
    tools: tools.length > 0 ? tools : undefined,
    // Servers refuse a choice if there are no tools to choose from.
    tool_choice: tools.length > 0 ? choice : undefined,
  };
  return withoutUndefined(fields);
}
