// Decisions: docs/decisions.md, "What Baseten knows about a model comes into the form".

import type { ILoadOptionsFunctions, ResourceMapperFields } from 'n8n-workflow';

import { toConnectionWithKey } from '../../shared/connection/connection';
import { BasetenError } from '../../shared/errors/basetenError';
import { toNodeError } from '../../shared/errors/nodeErrors';
import { UserInputError } from '../../shared/errors/userInputError';
import { isRecord } from '../../shared/json';
import { knowledgeOf } from '../../shared/knowledge/modelKnowledge';
import { chosenOwner, chosenTarget } from '../../shared/parameters/chosen';
import { toFields } from '../actions/parameters/exampleFields';

/**
 * Makes the form of Model Fields from the example input of the deployment that is chosen.
 * @returns the fields; without any, a sentence (HTML) that says what to do now
 * @throws what went wrong, if the form has fields already: n8n then keeps them
 */
export async function getModelFields(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
  const owner = chosenOwner(this);
  if (!owner) return notice('Choose a model. Its fields then appear here.');
  const target = chosenTarget(this);
  if ([owner.id, ...Object.values(target)].some(isExpression)) {
    return notice(
      'The model comes from an expression, so its fields are not known here. Use <b>Fields</b> or <b>JSON</b> as the Input Mode.',
    );
  }
  if (Object.values(target).includes(''))
    return notice('Choose the deployment, too. Its fields then appear here.');
  try {
    const connection = toConnectionWithKey(await this.getCredentials('basetenWorkspaceApi'));
    const { example } = await knowledgeOf({ context: this, connection, modelId: owner.id, target });
    const fields = toFields(example);
    return fields.length > 0
      ? // n8n keeps the notice for a later form that has no fields.
        { fields, emptyFieldsNotice: NO_EXAMPLE }
      : notice(NO_EXAMPLE);
  } catch (error) {
    if (hasFields(this)) throw toNodeError(this.getNode(), error, 0);
    return notice(whyNot(error));
  }
}

const NO_EXAMPLE =
  'Baseten has no example input of this model, so its fields are not known. Use <b>Fields</b> or <b>JSON</b> as the Input Mode.';

function whyNot(error: unknown): string {
  if (error instanceof BasetenError && error.status === 403) {
    return 'This API key may not read which fields the model takes. Enter a <b>Management API Key</b> in the credential, or use <b>Fields</b> or <b>JSON</b> as the Input Mode.';
  }
  const hint =
    error instanceof BasetenError || error instanceof UserInputError ? ` ${error.hint}` : '';
  const words = error instanceof Error ? `${error.message}.${hint}` : '';
  return `The fields of the model could not be read. ${escaped(words)} Until then use <b>Fields</b> or <b>JSON</b> as the Input Mode.`;
}

function notice(emptyFieldsNotice: string): ResourceMapperFields {
  return { fields: [], emptyFieldsNotice };
}

/** Whether fields are in the form now. */
function hasFields(context: ILoadOptionsFunctions): boolean {
  const stored: unknown = context.getCurrentNodeParameter('modelFields');
  return isRecord(stored) && Array.isArray(stored.schema) && stored.schema.length > 0;
}

function isExpression(text: string): boolean {
  return text.startsWith('=');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
