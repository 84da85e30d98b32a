import type { INodeProperties } from 'n8n-workflow';

/** The option that says whether files are found by themselves. */
export const BASE64_TO_FILES = {
  name: 'base64ToFiles',
  label: 'Base64 to Files',
  values: ['auto', 'off'],
} as const;

/** Options: which texts in a JSON answer become files. The trigger has them, too. */
export const JSON_FILES: INodeProperties[] = [
  {
    displayName: 'Base64 Fields',
    name: 'base64Fields',
    type: 'string',
    default: '',
    placeholder: 'e.g. archive, data.0.tensor',
    description:
      'Comma-separated paths in the JSON answer that hold base64 of other files, such as archives. Each becomes a file.',
  },
  {
    displayName: BASE64_TO_FILES.label,
    name: BASE64_TO_FILES.name,
    type: 'options',
    default: 'auto',
    description: 'Whether base64 and data URLs in the JSON answer become files',
    options: [
      {
        name: 'Auto',
        value: 'auto',
        description: 'Those whose bytes are an image, audio, a video or a PDF',
      },
      { name: 'Off', value: 'off', description: 'Only what Base64 Fields names' },
    ],
  },
];
