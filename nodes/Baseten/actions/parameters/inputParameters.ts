import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';

import type { InputMode } from './inputModes';
import { MODEL_FIELDS } from './modelFields';

const MODE_OPTIONS: Record<InputMode, Omit<INodePropertyOptions, 'value'>> = {
  modelFields: {
    name: 'Model Fields',
    description: 'Fill in the fields of the model’s own example',
  },
  json: { name: 'JSON', description: 'Write the input as JSON' },
  fields: { name: 'Fields', description: 'Build the input from names and values' },
  item: { name: 'Whole Item', description: "Send the incoming item's JSON as it is" },
  binary: { name: 'Binary File', description: 'Send the bytes of a file as the whole body' },
  multipart: { name: 'Form (Multipart)', description: 'Send fields and files as a form' },
};

/** What differs between the inputs of operations. */
interface InputSettings {
  /** Where the input can come from. The first one is the default. */
  modes: readonly InputMode[];
  /** The default of the JSON field. */
  initial: string;
  /** When n8n shows the parameters. */
  displayOptions?: IDisplayOptions;
}

/** Makes the parameters for what is sent to a model or chain. */
export function inputParameters({
  modes,
  initial,
  displayOptions,
}: InputSettings): INodeProperties[] {
  const hasForms = modes.includes('multipart');
  const properties: INodeProperties[] = [
    ...inputMode(modes),
    ...(modes.includes('modelFields') ? [MODEL_FIELDS] : []),
    {
      displayName: 'Input',
      name: 'input',
      type: 'json',
      typeOptions: { rows: 5 },
      default: initial,
      placeholder: '{ "prompt": "a red fox" }',
      description: 'The input as JSON. The model defines which fields it takes.',
      displayOptions: { show: { inputMode: ['json'] } },
    },
    {
      displayName: 'Input Fields',
      name: 'inputFields',
      type: 'fixedCollection',
      typeOptions: { multipleValues: true },
      placeholder: 'Add Field',
      default: {},
      description:
        'Names and values of the input. A dot in a name makes a nested field, numbers from 0 on make a list.',
      displayOptions: { show: { inputMode: ['fields', ...(hasForms ? ['multipart'] : [])] } },
      options: [
        {
          displayName: 'Field',
          name: 'field',
          values: [
            {
              displayName: 'Name',
              name: 'name',
              type: 'string',
              default: '',
              placeholder: 'e.g. prompt',
              description:
                'Name of the field. A dot makes a nested field: parameters.steps is steps in parameters, and inputs.0 is the first of the list inputs. Write \\. for a dot in a name.',
            },
            {
              displayName: 'Type',
              name: 'type',
              type: 'options',
              default: 'auto',
              description: 'What the value is sent as',
              options: [
                {
                  name: 'Auto',
                  value: 'auto',
                  description: 'What the expression gives. What you type is text.',
                },
                { name: 'Boolean', value: 'boolean' },
                { name: 'JSON', value: 'json' },
                { name: 'Number', value: 'number' },
                { name: 'String', value: 'string' },
              ],
            },
            {
              displayName: 'Value',
              name: 'value',
              type: 'string',
              default: '',
              description:
                'Value of the field. With the type Auto an expression keeps its type: {{ 5 }} is a number, and 5 is text.',
            },
          ],
        },
      ],
    },
    {
      displayName: 'Files',
      name: 'files',
      type: 'fixedCollection',
      typeOptions: { multipleValues: true },
      placeholder: 'Add File',
      default: {},
      description: 'Binary data to put into the input: as base64 into JSON, as a file into a form',
      displayOptions: { hide: { inputMode: ['binary'] } },
      options: [
        {
          displayName: 'File',
          name: 'file',
          values: [
            {
              displayName: 'Path',
              name: 'path',
              type: 'string',
              default: '',
              placeholder: 'e.g. image',
              description:
                'The place of the file in the input. Dots make nested fields, and numbers from 0 on make a list. In a form it is the name of a field.',
            },
            {
              displayName: 'Input Binary Field',
              name: 'binaryPropertyName',
              type: 'string',
              default: 'data',
              hint: 'The name of the input binary field containing the file',
            },
            {
              displayName: 'Encoding',
              name: 'encoding',
              type: 'options',
              default: 'base64',
              description: 'How the file is written into JSON. A form gets its bytes as they are.',
              displayOptions: { hide: { '/inputMode': ['multipart'] } },
              options: [
                { name: 'Base64', value: 'base64', description: 'Base64 alone' },
                {
                  name: 'Data URL',
                  value: 'dataUrl',
                  description: 'Base64 with its type before it: data:image/png;base64,…',
                },
              ],
            },
          ],
        },
      ],
    },
  ];
  if (modes.includes('binary')) {
    properties.push({
      displayName: 'Input Binary Field',
      name: 'binaryPropertyName',
      type: 'string',
      default: 'data',
      required: true,
      hint: 'The name of the input binary field containing the file to be sent',
      displayOptions: { show: { inputMode: ['binary'] } },
    });
  }
  return displayOptions ? updateDisplayOptions(displayOptions, properties) : properties;
}

/**
 * The parameter for where the input comes from. n8n does not save a value that is the default, so
 * the default of an older node stays what it was: nodes of version 1 had no Model Fields.
 */
function inputMode(modes: readonly InputMode[]): INodeProperties[] {
  const [first = 'json'] = modes;
  const property: INodeProperties = {
    displayName: 'Input Mode',
    name: 'inputMode',
    type: 'options',
    default: first,
    description: 'Where the input comes from',
    options: modes.map((value) => ({ ...MODE_OPTIONS[value], value })),
  };
  if (first !== 'modelFields') return [property];
  return [
    { ...property, displayOptions: { hide: { '@version': [1] } } },
    { ...property, default: 'json', displayOptions: { show: { '@version': [1] } } },
  ];
}
