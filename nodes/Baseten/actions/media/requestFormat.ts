// Decisions: docs/decisions.md, "Speech and images have one shape".

import type { INodeProperties } from 'n8n-workflow';

import { nameOf } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import type { Example, Format } from '../../../shared/formats/format';
import { isRecord } from '../../../shared/json';
import { knowledgeOf, type ModelKnowledge } from '../../../shared/knowledge/modelKnowledge';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { readChoice } from '../../../shared/parameters/choice';
import type { ItemCall } from '../operation';

/** The parameter for the format of requests. */
export function requestFormatParameter(formats: Format[]): INodeProperties {
  const byName = [...formats].sort((a, b) => a.name.localeCompare(b.name));
  return {
    displayName: 'Request Format',
    name: 'requestFormat',
    type: 'options',
    default: 'auto',
    description: 'How the model takes requests. Templates differ in the names of their fields.',
    options: [
      {
        name: 'Auto',
        value: 'auto',
        description: 'As the model’s own example shows, if the key may read it',
      },
      ...byName.map(({ name, value, description }) => ({ name, value, description })),
    ],
  };
}

/** A format, and the example that it was chosen by, if there is one. */
export interface ChosenFormat<AnyFormat extends Format> {
  format: AnyFormat;
  example?: Example;
}

/**
 * Finds the format that an item's model takes: the one that the user chose, or the one of the
 * model's own example.
 * @param formats a table of them, in the order in which they are tried
 * @param fallback name of the format to use if the example can't be read, or there is none
 * @throws {UserInputError} if the example is of no format, or Request Format is none of its values
 */
export async function chooseFormat<AnyFormat extends Format>(
  call: ItemCall,
  formats: AnyFormat[],
  fallback: string,
): Promise<ChosenFormat<AnyFormat>> {
  const values = ['auto', ...formats.map(({ value }) => value)];
  const choice = { name: 'requestFormat', label: 'Request Format', values, fallback: 'auto' };
  const chosen = readChoice(call.context, choice, call.itemIndex);
  const named = (name: string) => formats.find(({ value }) => value === name) as AnyFormat;
  if (chosen !== 'auto') return { format: named(chosen) };
  const knowledge = await readKnowledge(call);
  const example = toExample(knowledge);
  if (example === undefined) return { format: named(fallback) };
  const format = formats.find((each) => each.fits(example));
  if (format) return { format, example };
  const fields = Object.keys(example)
    .slice(0, 10)
    .map((name) => `"${name}"`);
  throw new UserInputError(
    `The example of ${nameOf(readOwner(call.context, 'model', call.itemIndex))} is of no format that is known here`,
    `It has the fields ${fields.join(', ')}. Check that this is the right model. If it is, choose a Request Format, or call it with Predict.`,
  );
}

/** @returns nothing if it can't be read: everything then works by hand */
async function readKnowledge(call: ItemCall): Promise<ModelKnowledge | undefined> {
  const { context, itemIndex, connection, signal } = call;
  const modelId = readOwner(context, 'model', itemIndex).id;
  const target = readTarget(context, itemIndex);
  try {
    return await knowledgeOf({ context, connection, modelId, target, signal });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** A model's example, of which a list has the first one. The route of its server tells, too. */
function toExample(knowledge: ModelKnowledge | undefined): Example | undefined {
  const [first]: unknown[] = [knowledge?.example].flat();
  const example = isRecord(first) ? first : {};
  const route = knowledge?.predictEndpoint ?? '';
  const isForm = route.endsWith('/audio/transcriptions');
  const all = isForm ? { ...example, file: '' } : example;
  return Object.keys(all).length > 0 ? all : undefined;
}
